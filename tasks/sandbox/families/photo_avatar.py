"""Photo avatar, the talking photo: `submitPhotoAvatar`, `queryPhotoAvatar`."""

from decimal import Decimal
from typing import Any

from tasks.sandbox.catalog import PHOTO
from tasks.sandbox.families.base import (
    Family,
    FinishedJob,
    NewJob,
    Plan,
    SubmitRequest,
    TaskView,
    charged_by_length,
    label,
    voice_facts,
)
from tasks.sandbox.messages import refuse
from tasks.sandbox.prices import by_second, guessed_seconds, price
from tasks.sandbox.render_spec import RenderSpec
from tasks.sandbox.rows import Row

AUDIO_GUESS = 10.0
MOST_SECONDS = {"avatar2": 28, "avatar4": 120, "avatar4Fast": 120}


def plan(request: SubmitRequest) -> Plan:
    body = request.body
    picture = request.file("templateImageFileId", "image") or str(request.person("avatarId").reference)
    words, length = speech(request)
    if length > MOST_SECONDS[body["mode"]] * 1.5:
        refuse("4000", f"the speech is too long for mode {body['mode']}")
    shown = label(body["mode"], body.get("customMotion", ""))
    spec = RenderSpec("talking", pictures=(picture,), label=shown, **request.captions(), **words)
    rate = f"photo_avatar_{body['mode']}"
    cheap = body.get("offPeak") and body["mode"] != "avatar2"
    factor = price("photo_avatar_off_peak_factor") if cheap else Decimal(1)
    job = NewJob(spec, by_second(rate, length) * factor)
    return Plan(jobs=(job,), facts={"rate": rate, "factor": str(factor)})


def speech(request: SubmitRequest) -> tuple[dict[str, Any], float]:
    """What is said, as arguments of a RenderSpec, and about how long, for bodies with `scriptMode`."""
    body = request.body
    if body["scriptMode"] == "audio":
        audio = request.file("audioFileId", "audio")
        return {"audio": audio}, request.seconds_of(audio) or AUDIO_GUESS
    if not body["ttsText"].strip():
        refuse("4003", "required parameter is null: ttsText")
    voice = voice_facts(request.voice("voiceId"))
    return {"text": body["ttsText"], **voice}, guessed_seconds(body["ttsText"])


def answer(view: TaskView) -> Row:
    """`TalkingVideoResult`."""
    avatar_id = view.task.facts.get("avatarId")
    avatar = {"aiavatarId": avatar_id, "aiavatarName": avatar_id, "type": PHOTO} if avatar_id else None
    return {
        **view.head(),
        "costCredit": view.task.cost,
        "finishedVideoUrl": view.url(view.task.main.first),
        "finishedVideoCoverUrl": None,
        "aiAvatar": avatar,
        **view.board(),
    }


def ended(done: FinishedJob) -> Row:
    """Keep the portrait as an own avatar, when that was asked."""
    body = done.task.body
    wanted = str(body.get("saveCustomAiAvatar", "")).lower() == "true"
    if not wanted or "templateImageFileId" not in body:
        return {}
    file = done.files.get(body["templateImageFileId"])
    name = f"Portrait of {done.task.id[:8]}"
    return {"avatarId": done.catalog.keep_avatar(done.task.uid, name, file, voice_id=body.get("voiceId"))}


FAMILY = Family(
    submits={"submitPhotoAvatar": plan},
    query="queryPhotoAvatar",
    answer=answer,
    log_type="photo_avatar4",
    biz_type="ZERO_SHOT_AVATAR",
    cost=charged_by_length,
    ended=ended,
)
