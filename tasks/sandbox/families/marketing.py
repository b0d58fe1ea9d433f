"""Marketing video: preview, scripts, export.

Serves `submitM2vTask`, `updateM2vScript`, `exportM2v` and `queryM2vTask`.
"""

import hashlib
from dataclasses import replace
from typing import Any

from tasks.sandbox.families.base import (
    Family,
    NewJob,
    Plan,
    SubmitRequest,
    TaskView,
    label,
    voice_facts,
)
from tasks.sandbox.families.scraper import invented, stock
from tasks.sandbox.messages import refuse
from tasks.sandbox.prices import price
from tasks.sandbox.render.samples import accent_of
from tasks.sandbox.render_spec import RenderSpec
from tasks.sandbox.rows import Job, Row, Script, Task

SCRIPTS = 3
TITLES = ("Straight to the point", "A small story", "Three reasons")
# The least and the most seconds of each videoLengthType.
LENGTHS = {1: (30.0, 50.0), 2: (15.0, 30.0), 3: (30.0, 45.0), 4: (45.0, 60.0)}
# Low-cost previews are small: their shorter side in pixels.
PREVIEW_HEIGHT = 360
# Previews of one submit come one after the other.
SHARES = (0.6, 0.8, 1.0)


def plan(request: SubmitRequest) -> Plan:
    """Previews of all scripts, or with `preview` false the export of the first one."""
    body = request.body
    name, description, material = _product(request)
    _companions(request)
    voice = request.voice("voiceId")
    if body.get("language") == "th" and voice and voice["language"] != "th":
        refuse("4000", "this voice does not speak Thai")
    scripts = tuple(_script(number, name, description, body) for number in range(SCRIPTS))
    facts = {"name": name, "description": description, "material": list(material)}
    if body.get("preview"):
        jobs = tuple(
            _job(request, body, facts, script, "preview", SHARES[script.number]) for script in scripts
        )
        return Plan(jobs=jobs, facts=facts, biz_type="M2V_PREVIEW", scripts=scripts)
    job = _job(request, body, facts, scripts[0], "export")
    return Plan(jobs=(job,), facts=facts, biz_type="M2V_EXPORT", scripts=scripts)


def plan_export(request: SubmitRequest) -> Plan:
    """The finished video of one script of a preview task."""
    task, script = _chosen(request)
    preview = next((job for job in task.latest("preview") if job.item == script.number), None)
    if preview is None or not preview.succeeded:
        refuse("4007", "the preview of this script isn't finished")
    job = _job(request, task.body, task.facts, script, "export")
    return Plan(jobs=(job,), task=task, biz_type="M2V_EXPORT")


def plan_update(request: SubmitRequest) -> Plan:
    """New words for some segments of a script, and a new preview of it; segments not named stay."""
    task, script = _chosen(request)
    if not task.body.get("preview"):
        refuse("4006", "only scripts of a preview task can be changed")
    changed = {str(segment["segId"]): segment["segText"] for segment in request.body["scriptContents"]}
    known = {str(number) for number, _text in script.segments}
    if not changed or not set(changed) <= known:
        refuse("4004", "not found: segId")
    segments = tuple((number, changed.get(str(number), text)) for number, text in script.segments)
    new = Script(script.number, script.title, segments)
    job = _job(request, task.body, task.facts, new, "preview", SHARES[0])
    return Plan(jobs=(job,), task=task, biz_type="M2V_SCRIPT", scripts=(new,))


def answer(view: TaskView) -> Row:
    """`M2vQueryResult`."""
    task = view.task
    return {
        **view.head(),
        "productName": task.facts["name"],
        "productDescription": task.facts["description"],
        "previewVideos": _videos(view, "preview"),
        "exportVideos": _videos(view, "export"),
        "videoSceneInfoList": None,
        "imageSceneInfoList": None,
        "scriptContentList": script_rows(view.scripts.of(task.id), as_text=False),
    }


def script_rows(scripts: list[Script], *, as_text: bool) -> list[Row]:
    """`ScriptContent` rows; segIds are text in the script calls and numbers in the query."""
    return [
        {
            "scriptId": script.number,
            "scriptContents": [
                {"segId": str(number) if as_text else number, "segText": text}
                for number, text in script.segments
            ],
        }
        for script in scripts
    ]


def _videos(view: TaskView, part: str) -> list[Row] | None:
    jobs = view.task.latest(part)
    if not jobs or view.status == "init":
        return None
    titles = {script.number: script.title for script in view.scripts.of(view.task.id)}
    return [_video(view, job, titles.get(job.item)) for job in jobs]


def _video(view: TaskView, job: Job, title: str | None) -> Row:
    output = job.first
    word = job.status_at(view.moment)
    return {
        "scriptId": job.item,
        "status": "fail" if word == "failed" else word,
        "title": title,
        "description": view.task.facts["description"],
        "videoUrl": view.url(output),
        "coverUrl": None,
        "videoDuration": round((output.seconds or 0) * 1000) if output else None,
        "videoEtag": hashlib.md5(output.file_id.encode()).hexdigest() if output else None,
    }


def _product(request: SubmitRequest) -> tuple[str, str, tuple[str, ...]]:
    """Its name, its description, and what shows it: as told, else by its link."""
    body = request.body
    if link := body.get("productLink"):
        name, description = invented(link)
        material = stock(request.catalog, link, 3)
        return body.get("productName") or name, body.get("productDescription") or description, material
    description = body.get("productDescription") or body["productName"]
    return body["productName"], description, request.files_under("fileIds", "image", "video")


def _script(number: int, name: str, description: str, body: Row) -> Script:
    text = body.get("diyScriptDescription") if body.get("isDiyScript") else None
    if text:
        sentences = [part.strip() for part in text.replace("!", ".").split(".") if part.strip()]
    else:
        audience = body.get("targetAudience") or "you"
        sentences = [f"Meet {name}.", description, f"Made for {audience}.", "Have a closer look today."]
    turned = sentences[:1] + sentences[1:][number % 2 :] + sentences[1:][: number % 2]
    return Script(number, TITLES[number], tuple(enumerate(turned or [name], 1)))


def _job(
    request: SubmitRequest, body: Row, facts: Row, script: Script, part: str, share: float = 1.0
) -> NewJob:
    request = replace(request, body=body)
    material = tuple(facts["material"])
    # One clip is shown as it moves; among others it is one picture more.
    only = material[0].removeprefix("file:") if len(material) == 1 and material[0].startswith("file:") else ""
    video = material[0] if only and request.files.get(only).role == "video" else None
    least, most = LENGTHS[body.get("videoLengthType", 1)]
    style = body.get(body.get("diyStyle", ""), "") if body.get("isDiyScript") else ""
    spec = RenderSpec(
        "marketing",
        pictures=() if video else material,
        video=video,
        text=" ".join(text for _number, text in script.segments),
        aspect=body.get("aspectRatio", "9:16"),
        height=PREVIEW_HEIGHT if part == "preview" else None,
        least_seconds=least,
        most_seconds=most,
        label=label(style, f"{script.title} ({part})"),
        **_voice(request),
        **_companions(request),
    )
    return NewJob(spec, price(f"marketing_{part}"), part=part, item=script.number, share=share)


def _voice(request: SubmitRequest) -> dict[str, Any]:
    """Who reads: the language is the one asked for, whatever the voice usually speaks."""
    voice = request.voice("voiceId")
    accent = (voice or {}).get("accent") or ""
    return {**voice_facts(voice), "language": accent_of(request.body.get("language", "en"), accent)}


def _companions(request: SubmitRequest) -> dict[str, Any]:
    """What accompanies the pictures, as arguments of a RenderSpec. Refuses with 4004 or 4000."""
    ratio = request.body.get("endcardAspectRatio", "all")
    return {
        **request.captions(),
        "captions": True,  # without a style there is one by chance
        "logo": request.file("logoFileId", "image"),
        "music": request.file("musicFileId", "audio"),
        "presenter": request.person("aiavatarId").reference if request.body.get("aiavatarId") else None,
        "end_card": request.file("endcardFileId", "image", "video"),
        "end_aspect": "" if ratio == "all" else ratio,
        "end_color": request.body.get("endcardBackgroundColor", "black"),
    }


def _chosen(request: SubmitRequest) -> tuple[Task, Script]:
    task = request.task_store.required(request.body["taskId"], uid=request.uid, operations=("submitM2vTask",))
    number = int(request.body.get("scriptId", 0))
    for script in request.scripts.of(task.id):
        if script.number == number:
            return task, script
    refuse("4004", "not found: scriptId")


FAMILY = Family(
    submits={"submitM2vTask": plan, "exportM2v": plan_export, "updateM2vScript": plan_update},
    query="queryM2vTask",
    answer=answer,
    log_type="m2v",
)
