"""The calls that create no work: catalogs, uploads, account, callback check, own avatars and voices."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tasks.contract import Operation
from tasks.sandbox.accounts import Account
from tasks.sandbox.callbacks import NotDelivered
from tasks.sandbox.catalog import PHOTO_CATEGORIES, Row, holds, keep, page, same
from tasks.sandbox.clock import now, stamp
from tasks.sandbox.families.marketing import script_rows
from tasks.sandbox.messages import refuse
from tasks.sandbox.options import GIB
from tasks.sandbox.state import State

MAX_SPACE = 50 * GIB


@dataclass(frozen=True)
class Call:
    """A judged call of an account. `query` holds every parameter, None for one that wasn't sent."""

    state: State
    operation: Operation
    account: Account
    query: Row
    body: Row
    base_url: str

    @property
    def uid(self) -> str:
        return self.account.uid


def voices(call: Call) -> Row:
    """`queryVoices`: public ones, or with isCustom the account's clones."""
    catalog, query = call.state.catalog, call.query
    rows = catalog.own_voices(call.uid, call.base_url) if query["isCustom"] else catalog.public("voices")
    tests = [same(key, query[key]) for key in ("language", "gender", "age", "style", "accent")]
    return page(keep(rows, *tests), query)


def avatars(call: Call) -> Row:
    """`queryAiAvatars`: public ones, or with isCustom the account's own."""
    catalog, query = call.state.catalog, call.query
    rows = catalog.own_avatars(call.uid, call.base_url) if query["isCustom"] else catalog.public("ai_avatars")
    found = keep(
        rows,
        same("gender", query["gender"]),
        holds("ethnicities", "ethnicityId", query["ethnicityIdList"]),
    )
    if query["sortType"] == "asc":
        found.reverse()
    return page(found, query)


def product_avatars(call: Call) -> Row:
    """`queryPublicProductAvatars`."""
    query = call.query
    found = keep(
        call.state.catalog.public("public_product_avatars"),
        same("gender", query["gender"]),
        holds("avatarEthnicityList", "ethnicityId", query["ethnicityIds"]),
        holds("avatarCategoryList", "categoryId", query["categoryIds"]),
    )
    if query["sortingType"] == "Newest":
        found.reverse()
    return page(found, query)


def templates(call: Call) -> Row:
    """`listAnyShootTemplates`."""
    rows = call.state.catalog.public("anyshoot_templates")
    wanted = holds("templateCategoryList", "categoryId", call.query["categoryIds"])
    return page(keep(rows, same("style", call.query["style"]), wanted), call.query)


def ethnicities(call: Call) -> Row:
    """`listEthnicities` of a scene."""
    return page(call.state.catalog.public(f"ethnicities_{call.query['scene']}"), call.query)


def public_rows(name: str) -> Callable[[Call], list[Row]]:
    """A list call without paging."""
    return lambda call: call.state.catalog.public(name)


def photo_avatars(call: Call) -> Row:
    """`listPhotoAvatars`."""
    own = bool(call.query["isCustom"])
    rows = call.state.catalog.photo_avatars(call.uid, call.base_url, own=own)
    wanted = None if own else call.query["categories"]
    return page(keep(rows, holds("categoryList", "categoryId", wanted)), call.query)


def photo_categories(call: Call) -> Row:
    """`listPhotoAvatarCategories`."""
    return page(keep(PHOTO_CATEGORIES, same("categoryId", call.query["categoryId"])), call.query)


def create_photo_avatar(call: Call) -> str:
    """`createPhotoAvatar`: the new avatar's id."""
    key = "templateImageFileId"
    file = call.state.files.used(call.uid, call.body[key], key=key, roles=("image",))
    return call.state.catalog.keep_avatar(call.uid, f"Portrait {file.id[:8]}", file)


def delete_photo_avatar(call: Call) -> None:
    """`deletePhotoAvatar`."""
    call.state.catalog.drop("avatar", call.uid, call.query["aiAvatarId"])


def delete_voice(call: Call) -> None:
    """`deleteVoiceClone`."""
    call.state.catalog.drop("voice", call.uid, call.query["voiceId"])


def upload_credential(call: Call) -> Row:
    """`getUploadCredential`: an id and a signed address."""
    file = call.state.files.expect(call.uid, call.query["format"])
    return {
        "fileId": file.id,
        "fileName": f"{file.id}.{file.format}",
        "format": file.format,
        "uploadUrl": call.state.files.upload_url(file, call.base_url),
    }


def check_upload(call: Call) -> bool:
    """`checkUpload`: whether the bytes are there."""
    file = call.state.files.find(call.query["fileId"])
    if file is None or file.uid != call.uid:
        refuse("4004", "file not found: fileId")
    if call.state.faults.take("upload-unchecked", call.operation.id):
        return False
    return file.stored is not None


def check_notice_url(call: Call) -> bool:
    """`checkNoticeUrl`: post a probe, and demand the documented acknowledgement."""
    try:
        call.state.callbacks.probe(call.uid, call.body["noticeUrl"])
    except NotDelivered as problem:
        refuse("4000", f"noticeUrl failed the check: {problem}")
    return True


def credit(call: Call) -> Row:
    """`getCredit`."""
    left = float(call.account.credit)
    return {
        "uid": call.uid,
        "remainCredit": left,
        "credit": left,
        "expiredTime": call.account.expires,
        "apiKeyMap": None,
    }


def credit_logs(call: Call) -> Row:
    """`listCreditLogs`, newest first."""
    query = call.query
    rows = call.state.accounts.log(
        call.uid, task_type=query["taskType"], start=query["startTime"], end=query["endTime"]
    )
    return page(rows, query)


def space(call: Call) -> Row:
    """`getSpace`."""
    return {
        "uid": call.uid,
        "usedDiskSpace": {"size": call.state.files.space(call.uid), "unit": "byte"},
        "maxDiskSpace": {"size": MAX_SPACE, "unit": "byte"},
    }


def scripts(call: Call) -> list[Row]:
    """`listM2vScripts`."""
    task = call.state.task_store.required(call.query["taskId"], uid=call.uid, operations=("submitM2vTask",))
    return script_rows(call.state.scripts.of(task.id), as_text=True)


def marketing_tasks(call: Call) -> Row:
    """`listM2vTasks`, newest first."""
    rows = [
        {
            "taskId": task.id,
            "status": task.status_at(now()),
            "errorMsg": task.error,
            "productName": task.facts["name"],
            "productDescription": task.facts["description"],
            "gmtCreate": stamp(task.at),
            "diskSpace": {"size": 0, "unit": "byte"},
        }
        for task in call.state.task_store.tasks(uid=call.uid, operation="submitM2vTask")
    ]
    return page(rows, call.query)


def delete_marketing_tasks(call: Call) -> list[Row]:
    """`deleteM2vTasks`."""
    rows = []
    for number in call.body["taskIds"]:
        task = call.state.task_store.required(number, uid=call.uid, operations=("submitM2vTask",))
        call.state.task_store.delete(task.id, at=now())
        rows.append({"taskId": task.id, "status": "success", "errosMsg": None})
    return rows


HANDLERS: Mapping[str, Callable[[Call], Any]] = {
    "queryVoices": voices,
    "queryAiAvatars": avatars,
    "queryPublicProductAvatars": product_avatars,
    "listAnyShootTemplates": templates,
    "listEthnicities": ethnicities,
    "listCaptions": public_rows("captions"),
    "listProductAvatarCategories": public_rows("product_avatar_categories"),
    "listAnyShootCategories": public_rows("anyshoot_template_categories"),
    "listPhotoAvatars": photo_avatars,
    "listPhotoAvatarCategories": photo_categories,
    "createPhotoAvatar": create_photo_avatar,
    "deletePhotoAvatar": delete_photo_avatar,
    "deleteVoiceClone": delete_voice,
    "getUploadCredential": upload_credential,
    "checkUpload": check_upload,
    "checkNoticeUrl": check_notice_url,
    "getCredit": credit,
    "listCreditLogs": credit_logs,
    "getSpace": space,
    "listM2vScripts": scripts,
    "listM2vTasks": marketing_tasks,
    "deleteM2vTasks": delete_marketing_tasks,
}
