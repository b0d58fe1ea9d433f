"""The one door to TopView: typed calls in, frozen results or a `TopViewError` out.

Paths of products belong to the kinds; `submit` and `query` take them. Operations are named as in the
contract.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import TracebackType
from typing import BinaryIO, Final, Self

from tasks.secret import Secret
from tasks.topview import transport, uploads
from tasks.topview.calls import Caller
from tasks.topview.endpoint import Endpoint
from tasks.topview.envelope import amount_in, id_in, object_in, text_in, time_in
from tasks.topview.errors import Refused, Unauthorised, Unreadable
from tasks.topview.results import (
    Accepted,
    BoardTask,
    Credit,
    CreditLogRow,
    Json,
    JsonObject,
    RemoteState,
    RemoteTask,
    Space,
    UploadTicket,
)

__all__ = ["Endpoint", "TopViewClient"]

logger = logging.getLogger(__name__)

#: More than any account has; a database's largest number is only eight times this.
_MOST_BYTES: Final = 2**60


class TopViewClient:
    """One account at one TopView.

    `reads` is a session whose connections may be kept and shared between clients and threads; without it the
    client has its own until `close()`. Submits always use a connection of their own.
    """

    def __init__(
        self, *, uid: str, key: Secret, endpoint: Endpoint, reads: transport.Session | None = None
    ) -> None:
        self._endpoint = endpoint
        self._calls = Caller(uid=uid, key=key, endpoint=endpoint, reads=reads)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<TopViewClient {self._calls.account} at {self._endpoint.base_url}>"

    def close(self) -> None:
        """Close the kept connections, unless they were lent."""
        self._calls.close()

    # Tasks

    def submit(self, path: str, body: Mapping[str, Json]) -> Accepted:
        """Send a call that may be charged: once, on a fresh connection, within the submit deadline.

        Never repeated at any layer. What a failure means for the money stands in `outcomes`.
        """
        envelope = self._calls.post_once(path, body)
        try:
            facts = object_in(envelope.result, path)
            return Accepted(id_in(facts, "taskId", path), text_in(facts, "noticeUuid"), facts, envelope)
        except Unreadable as error:
            error.envelope = envelope
            raise

    def query(self, path: str, remote_id: str, *, also_read: Mapping[str, str] | None = None) -> RemoteTask:
        """Look at a task. Older products call its state `taskStatus`, the others `status`.

        `also_read` are further paths about the same task, read once it has succeeded: result key, path.
        """
        cdn = True if self._endpoint.needs_cdn else None
        envelope = self._calls.read_whole(path, {"taskId": remote_id, "needCloudFrontUrl": cdn})
        result = object_in(envelope.result, path)
        word = text_in(result, "status") or text_in(result, "taskStatus")
        if word is None:
            raise Unreadable(f"{path}: no status")
        if text_in(result, "taskId") not in (None, remote_id):
            raise Unreadable(f"{path}: the answer is about another task")
        error = text_in(result, "errorMsg")
        state = RemoteState.of(word)
        if state is RemoteState.SUCCEEDED:
            result = {**result, **self._more(remote_id, also_read or {})}
        return RemoteTask(
            state=state,
            word=word,
            error=self._calls.clean(error) if error else None,
            result=result,
            cost=amount_in(result, "costCredit"),
            envelope=envelope,
        )

    def _more(self, remote_id: str, paths: Mapping[str, str]) -> JsonObject:
        """What further paths tell of a task. One that TopView refuses must not hide what was made."""
        told: JsonObject = {}
        for key, path in paths.items():
            try:
                told[key] = self._calls.read(path, {"taskId": remote_id})
            except (Refused, Unreadable) as error:
                if isinstance(error, Unauthorised):
                    raise
                logger.warning("topview.not-told", extra={"path": path, "failure": type(error).__name__})
        return told

    # Files

    def upload_ticket(self, file_format: str) -> UploadTicket:
        """An id and an address for one file of this extension (getUploadCredential)."""
        path = "/v1/upload/credential"
        result = object_in(self._calls.read(path, {"format": file_format}), path)
        address = text_in(result, "uploadUrl")
        if address is None:
            raise Unreadable(f"{path}: no uploadUrl")
        return UploadTicket(id_in(result, "fileId", path), address, text_in(result, "format") or file_format)

    def upload(
        self,
        ticket: UploadTicket,
        stream: BinaryIO,
        size: int,
        *,
        on_progress: uploads.ProgressReport | None = None,
    ) -> None:
        """PUT `size` bytes to the ticket's address, once; see `uploads.put` for what it raises."""
        with self._calls.logged("PUT", "file"):
            uploads.put(ticket, stream, size, endpoint=self._endpoint, on_progress=on_progress)

    def uploaded(self, file_id: str) -> bool:
        """Whether the bytes have arrived (checkUpload); the text "true" occurs too."""
        answer = self._calls.read("/v1/upload/check", {"fileId": file_id})
        return answer is True or answer == "true"

    # Catalogs: generators of rows as TopView gives them

    def voices(self, **filters: str | bool | None) -> Iterator[JsonObject]:
        """Voices; filters by their names on the wire: language, gender, age, style, accent, isCustom."""
        return self._calls.rows("/v1/voice/query", filters)

    def avatars(self, *, custom: bool | None = None) -> Iterator[JsonObject]:
        """Presenters; `custom` asks for the account's own ones (queryAiAvatars)."""
        return self._calls.rows("/v1/aiavatar/query", {"isCustom": custom})

    def ethnicities(self, scene: str) -> Iterator[JsonObject]:
        """Ethnicities for the scene `video_avatar` or `product_avatar`."""
        return self._calls.rows("/v1/ethnicity/list", {"scene": scene})

    def captions(self) -> Iterator[JsonObject]:
        """Caption styles; they have a picture and no name."""
        return self._calls.rows("/v1/caption/list", paged=False)

    def anyshoot_categories(self) -> Iterator[JsonObject]:
        """Categories of AnyShoot templates."""
        return self._calls.rows("/v1/product_anyShoot/template/category/list", paged=False)

    def anyshoot_templates(
        self, *, category_ids: str | None = None, style: str | None = None
    ) -> Iterator[JsonObject]:
        """AnyShoot templates; category ids separated by commas, style `UGC` or `Pro`."""
        path = "/v1/product_anyShoot/template/list"
        return self._calls.rows(path, {"categoryIds": category_ids, "style": style})

    def product_avatar_categories(self) -> Iterator[JsonObject]:
        """Categories of public product avatars."""
        return self._calls.rows("/v1/product_avatar/category/list", paged=False)

    def product_avatars(self, **filters: str | None) -> Iterator[JsonObject]:
        """Public product avatars; filters: ethnicityIds, gender, sortingType, categoryIds."""
        return self._calls.rows("/v1/product_avatar/public_avatar/query", filters)

    def photo_avatar_categories(self) -> Iterator[JsonObject]:
        """Categories of public photo avatars (listPhotoAvatarCategories)."""
        return self._calls.rows("/v1/photo_avatar/template/category")

    def photo_avatars(self, *, custom: bool, categories: str | None = None) -> Iterator[JsonObject]:
        """Photo avatars (listPhotoAvatars); `categories`, ids with commas, narrow public ones only."""
        query = {"isCustom": custom, "categories": categories}
        return self._calls.rows("/v1/photo_avatar/template/list", query)

    # Own entries of catalogs

    def keep_photo_avatar(self, file_id: str) -> str:
        """Keep an uploaded portrait as an own photo avatar; its id (createPhotoAvatar). Not repeated."""
        path = "/v1/photo_avatar/template/create"
        number = self._calls.post_once(path, {"templateImageFileId": file_id}).result
        if isinstance(number, bool) or not isinstance(number, str | int) or not str(number):
            raise Unreadable(f"{path}: no avatar id")
        return str(number)

    def delete_photo_avatar(self, avatar_id: str) -> None:
        """Delete an own avatar (deletePhotoAvatar). May be said twice; NotFound when it is not there."""
        self._calls.delete("/v1/photo_avatar/template/delete", {"aiAvatarId": avatar_id})

    def delete_voice(self, voice_id: str) -> None:
        """Delete a cloned voice (deleteVoiceClone). May be said twice; NotFound when it is not there."""
        self._calls.delete("/v1/voice/clone/delete", {"voiceId": voice_id})

    # Boards

    def board_named(self, name: str) -> str | None:
        """The id of the account's board of that name, the first of several (listBoards); None without one."""
        path = "/boards/list"
        rows = self._calls.rows(path)
        return next((id_in(row, "boardId", path) for row in rows if text_in(row, "name") == name), None)

    def add_board(self, name: str) -> str:
        """Make a board; its id (createBoard). Not repeated."""
        path = "/boards/create"
        return id_in(object_in(self._calls.post_once(path, {"name": name}).result, path), "boardId", path)

    def board_tasks(self, board_id: str) -> Iterator[BoardTask]:
        """The tasks of a board, newest first (listBoardTasks). NotFound when there is no such board."""
        order = {"boardId": board_id, "sortField": "gmtCreate", "sortOrder": "desc"}
        for row in self._calls.rows("/boards/tasks/list", order):
            parameters = row.get("parameters")
            yield BoardTask(
                task_id=text_in(row, "taskId") or "",
                created_at=time_in(row, "gmtCreate"),
                media=text_in(row, "mediaType"),
                word=text_in(row, "status"),
                cost=amount_in(row, "creditsCost"),
                parameters=parameters if isinstance(parameters, dict) else None,
            )

    # Account and callbacks

    def check_notice(self, url: str) -> None:
        """Have TopView test a callback address (checkNoticeUrl); returns when it passed. Not repeated."""
        self._calls.post_once("/notice/notice_url/check", {"noticeUrl": url})

    def credit(self) -> Credit:
        """The balance (getCredit): `remainCredit` by the documents, `credit` by TopView's own client."""
        path = "/user/credit/detail"
        result = object_in(self._calls.read(path), path)
        remaining = amount_in(result, "remainCredit")
        if remaining is None:
            remaining = amount_in(result, "credit")
        if remaining is None:
            raise Unreadable(f"{path}: no balance")
        return Credit(remaining, time_in(result, "expiredTime"))

    def space(self) -> Space:
        """Disk space (getSpace). Sizes are bytes by the contract, whatever unit stands beside them."""
        path = "/user/space"
        result = object_in(self._calls.read(path), path)
        return Space(_bytes_in(result, "usedDiskSpace"), _bytes_in(result, "maxDiskSpace"))

    def credit_logs(
        self, *, start: datetime, end: datetime, task_type: str | None = None
    ) -> Iterator[CreditLogRow]:
        """Charges between two moments (listCreditLogs); both need a time zone."""
        path = "/user/credit/logs"
        window = {"startTime": _wire_time(start), "endTime": _wire_time(end), "taskType": task_type}
        for row in self._calls.rows(path, window):
            yield CreditLogRow(
                charged_at=time_in(row, "date"),
                cost=_amount_or_refuse(row, path),
                task_id=text_in(row, "taskId") or "",
                task_type=text_in(row, "taskType") or "",
            )


def _wire_time(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("A moment without a time zone means nothing to another server.")
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _bytes_in(result: JsonObject, key: str) -> int | None:
    part = result.get(key)
    size = part.get("size") if isinstance(part, dict) else None
    if isinstance(size, bool) or not isinstance(size, int | float) or not 0 <= size < _MOST_BYTES:
        return None
    return int(size)


def _amount_or_refuse(row: JsonObject, path: str) -> Decimal:
    cost = amount_in(row, "costCredit")
    if cost is None:
        raise Unreadable(f"{path}: a charge without an amount")
    return cost
