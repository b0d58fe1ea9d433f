"""Video avatar: a person speaks. `submitVideoAvatarTask`, `queryVideoAvatarTask`."""

from typing import Any

from tasks.sandbox.families.base import (
    Ended,
    Family,
    NewJob,
    Order,
    Planned,
    Told,
    charged_by_length,
    label,
    voice_facts,
)
from tasks.sandbox.messages import refuse
from tasks.sandbox.prices import by_second, guessed_seconds
from tasks.sandbox.render_spec import Scene
from tasks.sandbox.rows import Row

UPLOADED_VIDEO, PUBLIC_AVATAR, OWN_AVATAR, UPLOADED_PHOTO = 0, 1, 2, 3
# An uploaded audio's length is known only once it has been rendered.
AUDIO_GUESS = 10.0
ENGINES = ("Avatar 1", "Avatar 2", "Avatar 4")


def plan(order: Order) -> Planned:
    """One talking scene, of whoever the body names."""
    body = order.body
    source = int(body["avatarSourceFrom"])
    picture, video, default_voice = _person(order, source)
    scene: dict[str, Any] = {"product": "talking", "pictures": (picture,) if picture else (), "video": video}
    engine, speed = int(body.get("modeType", 0)), float(body.get("voiceSpeed", 1))
    if int(body["audioSourceFrom"]):
        voice = order.voice("voiceoverId", default=default_voice)
        text = body["ttsText"]
        if not text.strip():
            refuse("4003", "required parameter is null: ttsText")
        scene |= {"text": text, "speed": speed, **voice_facts(voice)}
        length = guessed_seconds(text, speed)
    else:
        scene["audio"] = order.file("audioFileId", "audio")
        length = order.seconds_of(scene["audio"]) or AUDIO_GUESS
    captions = order.captions()
    scene |= captions if source == PUBLIC_AVATAR else {}
    scene["label"] = label(ENGINES[engine])
    rate = f"video_avatar_{engine}"
    return Planned(jobs=(NewJob(Scene(**scene), by_second(rate, length)),), facts={"rate": rate})


def answer(told: Told) -> Row:
    """`VideoAvatarQueryResult`."""
    body, job = told.task.body, told.task.main
    return {
        **told.head(),
        "inputVideoFileId": body.get("videoFileId"),
        "inputAudioFileId": body.get("audioFileId"),
        "outputVideoUrl": told.url(job.first),
        "costCredit": told.task.cost,
    }


def ended(done: Ended) -> Row:
    """Keep the uploaded person as an own avatar, when that was asked."""
    body = done.task.body
    number = body.get("videoFileId") or body.get("imageFileId")
    if not body.get("isSave2CustomAiAvatar") or not number:
        return {}
    file = done.files.get(number)
    name = f"Avatar of {done.task.id[:8]}"
    return {"avatarId": done.catalog.keep_avatar(done.task.uid, name, file, voice_id=body.get("voiceoverId"))}


def _person(order: Order, source: int) -> tuple[str | None, str | None, str | None]:
    if source == UPLOADED_VIDEO:
        return None, order.file("videoFileId", "video"), None
    if source == UPLOADED_PHOTO:
        return order.file("imageFileId", "image"), None, None
    person = order.person("aiAvatarId")
    if person.own != (source == OWN_AVATAR):
        refuse("4004", "avatar not found: aiAvatarId")
    if person.file_id is None:
        return person.media, None, person.voice_id
    reference = f"file:{person.file_id}"
    is_video = order.files.get(person.file_id).role == "video"
    return (None, reference, person.voice_id) if is_video else (reference, None, person.voice_id)


FAMILY = Family(
    submits={"submitVideoAvatarTask": plan},
    query="queryVideoAvatarTask",
    answer=answer,
    log_type="video_avatar",
    cost=charged_by_length,
    ended=ended,
)
