"""Voice products: cloning a voice, and speaking a text."""

from tasks.sandbox.families.base import Ended, Family, NewJob, Order, Planned, Told, voice_facts
from tasks.sandbox.messages import refuse
from tasks.sandbox.prices import price
from tasks.sandbox.render_spec import Scene
from tasks.sandbox.rows import Row

MAX_SAMPLE = 10 * 1024 * 1024


def plan_clone(order: Order) -> Planned:
    """The sample becomes a voice: mp3 or wav, under 10 MB."""
    body = order.body
    file = order.files.used(order.uid, body["originVoiceFileId"], key="originVoiceFileId", roles=("audio",))
    if file.format not in ("mp3", "wav") or (file.size or 0) > MAX_SAMPLE:
        refuse("4000", "originVoiceFileId must be mp3 or wav, under 10 MB")
    speed = float(body.get("voiceSpeed", 1))
    scene = Scene("voice-sample", audio=f"file:{file.id}", speed=speed)
    return Planned(jobs=(NewJob(scene, price("voice_clone")),))


def plan_speech(order: Order) -> Planned:
    """A text, spoken."""
    body = order.body
    if not body["voiceText"].strip():
        refuse("4003", "required parameter is null: voiceText")
    order.file("originVoiceFileId", "audio")
    facts = voice_facts(order.voice("voiceId"))
    text = body["voiceText"]
    for rule in body.get("pronRules", ()):
        text = text.replace(rule.get("oldStr") or "\0", rule.get("newStr") or "")
    scene = Scene(
        "speech",
        text=text,
        speed=float(body.get("voiceSpeed", 1)),
        mood=body.get("emotionName", ""),
        **facts,
    )
    return Planned(jobs=(NewJob(scene, price("text_to_voice")),))


def answer(told: Told) -> Row:
    """`VoiceTaskResult`, with the audio as the voice's sample."""
    body, output = told.task.body, told.task.main.first
    number = told.task.facts.get("voiceId") or body.get("voiceId") or told.task.id
    voice = {
        "voiceId": number,
        "voiceName": body.get("name") or told.task.id,
        "demoAudioUrl": told.url(output),
        "durations": f"{output.seconds or 0:.2f}" if output else None,
    }
    return {
        **told.head(),
        "costCredit": told.task.cost,
        "voice": voice if output else None,
        **told.board(),
    }


def cloned(done: Ended) -> Row:
    """Put the new voice on the account's own shelf."""
    sample = done.files.get(done.outputs[0].file_id)
    name = done.task.body.get("name") or done.task.id
    return {"voiceId": done.catalog.keep_voice(done.task.uid, name, sample)}


FAMILIES = (
    Family(
        submits={"submitVoiceClone": plan_clone},
        query="queryVoiceClone",
        answer=answer,
        log_type="voice_clone",
        biz_type="VOICE_CLONE",
        ended=cloned,
    ),
    Family(
        submits={"submitText2Voice": plan_speech},
        query="queryText2Voice",
        answer=answer,
        log_type="voice_text2voice",
        biz_type="VOICE_TEXT2VOICE",
    ),
)
