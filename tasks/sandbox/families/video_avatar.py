"""Video avatar: a person speaks. `submitVideoAvatarTask`, `queryVideoAvatarTask`."""

from typing import Any

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
from tasks.sandbox.prices import by_second, guessed_seconds
from tasks.sandbox.render_spec import RenderSpec
from tasks.sandbox.rows import Row

UPLOADED_VIDEO, PUBLIC_AVATAR, OWN_AVATAR, UPLOADED_PHOTO = 0, 1, 2, 3
# An uploaded audio's length is known only once it has been rendered.
AUDIO_GUESS = 10.0
ENGINES = ("Avatar 1", "Avatar 2", "Avatar 4")


def plan(request: SubmitRequest) -> Plan:
    """One talking spec, of whoever the body names."""
    body = request.body
    source = int(body["avatarSourceFrom"])
    picture, video, default_voice = _person(request, source)
    spec: dict[str, Any] = {"product": "talking", "pictures": (picture,) if picture else (), "video": video}
    engine, speed = int(body.get("modeType", 0)), float(body.get("voiceSpeed", 1))
    if int(body["audioSourceFrom"]):
        voice = request.voice("voiceoverId", default=default_voice)
        text = body["ttsText"]
        if not text.strip():
            refuse("4003", "required parameter is null: ttsText")
        spec |= {"text": text, "speed": speed, **voice_facts(voice)}
        length = guessed_seconds(text, speed)
    else:
        spec["audio"] = request.file("audioFileId", "audio")
        length = request.seconds_of(spec["audio"]) or AUDIO_GUESS
    captions = request.captions()  # judged whoever speaks, shown with a public avatar
    spec |= captions if source == PUBLIC_AVATAR else {}
    spec["label"] = label(ENGINES[engine])
    rate = f"video_avatar_{engine}"
    return Plan(jobs=(NewJob(RenderSpec(**spec), by_second(rate, length)),), facts={"rate": rate})


def answer(view: TaskView) -> Row:
    """`VideoAvatarQueryResult`."""
    body, job = view.task.body, view.task.main
    return {
        **view.head(),
        "inputVideoFileId": body.get("videoFileId"),
        "inputAudioFileId": body.get("audioFileId"),
        "outputVideoUrl": view.url(job.first),
        "costCredit": view.task.cost,
    }


def ended(done: FinishedJob) -> Row:
    """Keep the uploaded person as an own avatar, when that was asked."""
    body = done.task.body
    number = body.get("videoFileId") or body.get("imageFileId")
    if not body.get("isSave2CustomAiAvatar") or not number:
        return {}
    file = done.files.get(number)
    name = f"Avatar of {done.task.id[:8]}"
    return {"avatarId": done.catalog.keep_avatar(done.task.uid, name, file, voice_id=body.get("voiceoverId"))}


def _person(request: SubmitRequest, source: int) -> tuple[str | None, str | None, str | None]:
    """A picture or a film of whoever speaks, and the voice that goes with it. Refuses with 4004."""
    if source == UPLOADED_VIDEO:
        return None, request.file("videoFileId", "video"), None
    if source == UPLOADED_PHOTO:
        return request.file("imageFileId", "image"), None, None
    person = request.person("aiAvatarId")
    if person.own != (source == OWN_AVATAR):
        refuse("4004", "avatar not found: aiAvatarId")
    is_video = person.file_id is not None and request.files.get(person.file_id).role == "video"
    picture, video = (None, person.reference) if is_video else (person.reference, None)
    return picture, video, person.voice_id


FAMILY = Family(
    submits={"submitVideoAvatarTask": plan},
    query="queryVideoAvatarTask",
    answer=answer,
    log_type="video_avatar",
    cost=charged_by_length,
    ended=ended,
)
