"""Marketing video: preview, scripts, export.

Serves `submitM2vTask`, `updateM2vScript`, `exportM2v` and `queryM2vTask`.
"""

import hashlib
from dataclasses import replace
from typing import Any

from tasks.sandbox.families.base import Family, NewJob, Order, Planned, Script, Told, label, voice_facts
from tasks.sandbox.families.scraper import invented, stock
from tasks.sandbox.messages import refuse
from tasks.sandbox.prices import price
from tasks.sandbox.render.samples import accent_of
from tasks.sandbox.render_spec import Scene
from tasks.sandbox.rows import Job, Row, Task

SCRIPTS = 3
TITLES = ("Straight to the point", "A small story", "Three reasons")
# The least and the most seconds of each videoLengthType.
LENGTHS = {1: (30.0, 50.0), 2: (15.0, 30.0), 3: (30.0, 45.0), 4: (45.0, 60.0)}
# Low-cost previews are small: their shorter side in pixels.
PREVIEW_HEIGHT = 360
# Previews of one submit come one after the other.
SHARES = (0.6, 0.8, 1.0)


def plan(order: Order) -> Planned:
    """Previews of all scripts, or with `preview` false the export of the first one."""
    body = order.body
    name, description = _product(body)
    material = _material(order)
    _check_extras(order)
    scripts = tuple(_script(number, name, description, body) for number in range(SCRIPTS))
    facts = {"name": name, "description": description, "material": list(material)}
    if body.get("preview"):
        jobs = tuple(_job(order, body, facts, script, "preview", SHARES[script.number]) for script in scripts)
        return Planned(jobs=jobs, facts=facts, biz_type="M2V_PREVIEW", scripts=scripts)
    job = _job(order, body, facts, scripts[0], "export")
    return Planned(jobs=(job,), facts=facts, biz_type="M2V_EXPORT", scripts=scripts)


def plan_export(order: Order) -> Planned:
    """The finished video of one script of a preview task."""
    task, script = _chosen(order)
    preview = next((job for job in task.latest("preview") if job.item == script.number), None)
    if preview is None or not preview.succeeded:
        refuse("4007", "the preview of this script isn't finished")
    job = _job(order, task.body, task.facts, script, "export")
    return Planned(jobs=(job,), task=task, biz_type="M2V_EXPORT")


def plan_update(order: Order) -> Planned:
    """New words for some segments of a script, and a new preview of it; segments not named stay."""
    task, script = _chosen(order)
    if not task.body.get("preview"):
        refuse("4006", "only scripts of a preview task can be changed")
    changed = {str(segment["segId"]): segment["segText"] for segment in order.body["scriptContents"]}
    known = {str(number) for number, _text in script.segments}
    if not changed or not set(changed) <= known:
        refuse("4004", "not found: segId")
    segments = tuple((number, changed.get(str(number), text)) for number, text in script.segments)
    new = Script(script.number, script.title, segments)
    job = _job(order, task.body, task.facts, new, "preview", SHARES[0])
    return Planned(jobs=(job,), task=task, biz_type="M2V_SCRIPT", scripts=(new,))


def answer(told: Told) -> Row:
    """`M2vQueryResult`."""
    task = told.task
    return {
        **told.head(),
        "productName": task.facts["name"],
        "productDescription": task.facts["description"],
        "previewVideos": _videos(told, "preview"),
        "exportVideos": _videos(told, "export"),
        "videoSceneInfoList": None,
        "imageSceneInfoList": None,
        "scriptContentList": script_rows(told.scripts.of(task.id), as_text=False),
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


def _videos(told: Told, part: str) -> list[Row] | None:
    jobs = told.task.latest(part)
    if not jobs or told.word == "init":
        return None
    titles = {script.number: script.title for script in told.scripts.of(told.task.id)}
    return [_video(told, job, titles.get(job.item)) for job in jobs]


def _video(told: Told, job: Job, title: str | None) -> Row:
    output = job.first
    word = job.word(told.moment)
    return {
        "scriptId": job.item,
        "status": "fail" if word == "failed" else word,
        "title": title,
        "description": told.task.facts["description"],
        "videoUrl": told.url(output),
        "coverUrl": None,
        "videoDuration": round((output.seconds or 0) * 1000) if output else None,
        "videoEtag": hashlib.md5(output.file_id.encode()).hexdigest() if output else None,
    }


def _product(body: Row) -> tuple[str, str]:
    if body.get("productLink"):
        name, description = invented(body["productLink"])
        return body.get("productName") or name, body.get("productDescription") or description
    return body["productName"], body.get("productDescription") or body["productName"]


def _material(order: Order) -> tuple[str, ...]:
    if link := order.body.get("productLink"):
        return stock(order.catalog, link, 3)
    return order.files_under("fileIds", "image", "video")


def _check_extras(order: Order) -> None:
    _companions(order)
    voice = order.voice("voiceId")
    if order.body.get("language") == "th" and voice and voice["language"] != "th":
        refuse("4000", "this voice does not speak Thai")


def _script(number: int, name: str, description: str, body: Row) -> Script:
    text = body.get("diyScriptDescription") if body.get("isDiyScript") else None
    if text:
        sentences = [part.strip() for part in text.replace("!", ".").split(".") if part.strip()]
    else:
        audience = body.get("targetAudience") or "you"
        sentences = [f"Meet {name}.", description, f"Made for {audience}.", "Have a closer look today."]
    turned = sentences[:1] + sentences[1:][number % 2 :] + sentences[1:][: number % 2]
    return Script(number, TITLES[number], tuple(enumerate(turned or [name], 1)))


def _job(order: Order, body: Row, facts: Row, script: Script, part: str, share: float = 1.0) -> NewJob:
    order = replace(order, body=body)
    material = tuple(facts["material"])
    # One clip is shown as it moves; among others it is one picture more.
    video = material[0] if len(material) == 1 and _is_video(order, material[0]) else None
    least, most = LENGTHS[body.get("videoLengthType", 1)]
    style = body.get(body.get("diyStyle", ""), "") if body.get("isDiyScript") else ""
    scene = Scene(
        "marketing",
        pictures=() if video else material,
        video=video,
        text=" ".join(text for _number, text in script.segments),
        aspect=body.get("aspectRatio", "9:16"),
        height=PREVIEW_HEIGHT if part == "preview" else None,
        least_seconds=least,
        most_seconds=most,
        label=label(style, f"{script.title} ({part})"),
        **_voice(order),
        **_companions(order),
    )
    return NewJob(scene, price(f"marketing_{part}"), part=part, item=script.number, share=share)


def _voice(order: Order) -> dict[str, Any]:
    """Who reads: the language is the one asked for, whatever the voice usually speaks."""
    voice = order.voice("voiceId")
    accent = (voice or {}).get("accent") or ""
    return {**voice_facts(voice), "language": accent_of(order.body.get("language", "en"), accent)}


def _companions(order: Order) -> dict[str, Any]:
    """What accompanies the pictures, as arguments of a Scene. Refuses with 4004 or 4000."""
    ratio = order.body.get("endcardAspectRatio", "all")
    return {
        **order.captions(),
        "captions": True,  # without a style there is one by chance
        "logo": order.file("logoFileId", "image"),
        "music": order.file("musicFileId", "audio"),
        "presenter": _presenter(order),
        "end_card": order.file("endcardFileId", "image", "video"),
        "end_aspect": "" if ratio == "all" else ratio,
        "end_color": order.body.get("endcardBackgroundColor", "black"),
    }


def _presenter(order: Order) -> str | None:
    if not order.body.get("aiavatarId"):
        return None
    person = order.person("aiavatarId")
    return f"file:{person.file_id}" if person.file_id else person.media


def _is_video(order: Order, reference: str) -> bool:
    kind, _, number = reference.partition(":")
    return kind == "file" and order.files.get(number).role == "video"


def _chosen(order: Order) -> tuple[Task, Script]:
    task = order.work.required(order.body["taskId"], uid=order.uid, operations=("submitM2vTask",))
    number = int(order.body.get("scriptId", 0))
    for script in order.scripts.of(task.id):
        if script.number == number:
            return task, script
    refuse("4004", "not found: scriptId")


FAMILY = Family(
    submits={"submitM2vTask": plan, "exportM2v": plan_export, "updateM2vScript": plan_update},
    query="queryM2vTask",
    answer=answer,
    log_type="m2v",
)
