"""A picture moves: v1 with modes, v2 with model names."""

from tasks.sandbox.families.base import Family, NewJob, Plan, SubmitRequest, TaskView, label
from tasks.sandbox.limits import check_model
from tasks.sandbox.prices import by_model, by_second
from tasks.sandbox.render_spec import RenderSpec
from tasks.sandbox.rows import Output, Row

MODEL_SECONDS = 5


def plan(request: SubmitRequest) -> Plan:
    """One spec with 1 to 4 variants."""
    body = request.body
    picture = request.file("imageFileId", "image")
    count = int(body["generatingCount"])
    spec = RenderSpec(
        "animation",
        pictures=(picture,) if picture else (),
        seconds=float(body["duration"]),
        count=count,
        label=label(body["mode"], body.get("prompt", ""), body.get("negativePrompt", "")),
    )
    return Plan(jobs=(NewJob(spec, by_second(f"image_to_video_{body['mode']}", spec.seconds or 0) * count),))


def plan_by_model(request: SubmitRequest) -> Plan:
    """The same for v2: frames, or reference pictures."""
    body = request.body
    check_model(body, "image2video")
    pictures = tuple(p for key in ("firstFrameFileId", "endFrameFileId") if (p := request.file(key, "image")))
    pictures += request.files_under("referenceImageFileIds", "image")
    ratio = body.get("aspectRatio", "")
    seconds, count = float(body.get("duration", MODEL_SECONDS)), int(body.get("generatingCount", 1))
    spec = RenderSpec(
        "animation",
        pictures=pictures,
        seconds=seconds,
        count=count,
        aspect=ratio if ratio in ("9:16", "3:4", "1:1", "4:3", "16:9") else "",
        height=body.get("resolution"),
        sounds=body.get("sound") == "on",
        label=label(body["model"], body.get("prompt", "")),
    )
    each = by_model(body["model"], body.get("resolution"), seconds, sound=body.get("sound") == "on")
    return Plan(jobs=(NewJob(spec, each * count),))


def answer(view: TaskView) -> Row:
    """`CommonImage2VideoResult`: each video wrapped in `originVideo`."""
    job, rows = view.task.main, []
    for output in job.outputs if job.succeeded else ():
        video = {"filePath": view.url(output), "width": output.width, "height": output.height}
        rows.append({**({} if output.failed else {"originVideo": video}), **_state(output)})
    return {**view.head(), "costCredit": view.task.cost, "videos": rows if job.succeeded else None}


def answer_by_model(view: TaskView) -> Row:
    """`VideosResult`: flat rows."""
    job = view.task.main
    rows = [{**_state(output), "filePath": view.url(output)} for output in job.outputs]
    return {
        **view.head(),
        "costCredit": view.task.cost,
        **view.board(),
        "videos": rows if job.succeeded else None,
    }


def _state(output: Output) -> Row:
    if output.failed:
        return {"status": "fail", "errorMsg": "This output could not be generated"}
    return {"status": "success", "errorMsg": None}


FAMILIES = (
    Family(
        submits={"submitCommonImage2Video": plan},
        query="queryCommonImage2Video",
        answer=answer,
        log_type="common_task_image2video",
    ),
    Family(
        submits={"submitImage2VideoV2": plan_by_model},
        query="queryImage2VideoV2",
        answer=answer_by_model,
        log_type="common_task_image2video",
        biz_type="COMMON_TASK_IMAGE2VIDEO",
    ),
)
