"""Voice products: cloning a voice, and speaking a text."""

from tasks.sandbox.families.base import (
    Family,
    FinishedJob,
    NewJob,
    Plan,
    SubmitRequest,
    TaskView,
    voice_facts,
)
from tasks.sandbox.messages import refuse
from tasks.sandbox.prices import price
from tasks.sandbox.render_spec import RenderSpec
from tasks.sandbox.rows import Row

MAX_SAMPLE = 10 * 1024 * 1024


def plan_clone(request: SubmitRequest) -> Plan:
    """The sample becomes a voice: mp3 or wav, under 10 MB."""
    body = request.body
    file = request.files.used(
        request.uid, body["originVoiceFileId"], key="originVoiceFileId", roles=("audio",)
    )
    if file.format not in ("mp3", "wav") or (file.size or 0) > MAX_SAMPLE:
        refuse("4000", "originVoiceFileId must be mp3 or wav, under 10 MB")
    speed = float(body.get("voiceSpeed", 1))
    spec = RenderSpec("voice-sample", audio=f"file:{file.id}", speed=speed)
    return Plan(jobs=(NewJob(spec, price("voice_clone")),))


def plan_speech(request: SubmitRequest) -> Plan:
    body = request.body
    if not body["voiceText"].strip():
        refuse("4003", "required parameter is null: voiceText")
    request.file("originVoiceFileId", "audio")
    facts = voice_facts(request.voice("voiceId"))
    text = body["voiceText"]
    for rule in body.get("pronRules", ()):
        text = text.replace(rule.get("oldStr") or "\0", rule.get("newStr") or "")
    spec = RenderSpec(
        "speech",
        text=text,
        speed=float(body.get("voiceSpeed", 1)),
        mood=body.get("emotionName", ""),
        **facts,
    )
    return Plan(jobs=(NewJob(spec, price("text_to_voice")),))


def answer(view: TaskView) -> Row:
    """`VoiceTaskResult`, with the audio as the voice's sample."""
    body, output = view.task.body, view.task.main.first
    number = view.task.facts.get("voiceId") or body.get("voiceId") or view.task.id
    voice = {
        "voiceId": number,
        "voiceName": body.get("name") or view.task.id,
        "demoAudioUrl": view.url(output),
        "durations": f"{output.seconds or 0:.2f}" if output else None,
    }
    return {
        **view.head(),
        "costCredit": view.task.cost,
        "voice": voice if output else None,
        **view.board(),
    }


def cloned(done: FinishedJob) -> Row:
    """Add the new voice to the account's own."""
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
