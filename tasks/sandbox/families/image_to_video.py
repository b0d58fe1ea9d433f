"""A picture moves: v1 with modes, v2 with model names."""

from tasks.sandbox.families.base import Family, NewJob, Order, Planned, Told, label
from tasks.sandbox.limits import check_model
from tasks.sandbox.prices import by_model, by_second
from tasks.sandbox.render_spec import Scene
from tasks.sandbox.rows import Output, Row

MODEL_SECONDS = 5


def plan(order: Order) -> Planned:
    """One scene with 1 to 4 variants."""
    body = order.body
    picture = order.file("imageFileId", "image")
    count = int(body["generatingCount"])
    scene = Scene(
        "animation",
        pictures=(picture,) if picture else (),
        seconds=float(body["duration"]),
        count=count,
        label=label(body["mode"], body.get("prompt", ""), body.get("negativePrompt", "")),
    )
    return Planned(
        jobs=(NewJob(scene, by_second(f"image_to_video_{body['mode']}", scene.seconds or 0) * count),)
    )


def plan_by_model(order: Order) -> Planned:
    """The same for v2: frames, or reference pictures."""
    body = order.body
    check_model(body, "image2video")
    pictures = tuple(p for key in ("firstFrameFileId", "endFrameFileId") if (p := order.file(key, "image")))
    pictures += order.files_under("referenceImageFileIds", "image")
    seconds, count = float(body.get("duration", MODEL_SECONDS)), int(body.get("generatingCount", 1))
    scene = Scene(
        "animation",
        pictures=pictures,
        seconds=seconds,
        count=count,
        aspect=_known_aspect(body.get("aspectRatio", "")),
        height=body.get("resolution"),
        sounds=body.get("sound") == "on",
        label=label(body["model"], body.get("prompt", "")),
    )
    each = by_model(body["model"], body.get("resolution"), seconds, sound=body.get("sound") == "on")
    return Planned(jobs=(NewJob(scene, each * count),))


def answer(told: Told) -> Row:
    """`CommonImage2VideoResult`: each video wrapped in `originVideo`."""
    job = told.task.main
    videos = [_wrapped(told, output) for output in job.outputs] if job.succeeded else None
    return {**told.head(), "costCredit": told.task.cost, "videos": videos}


def answer_by_model(told: Told) -> Row:
    """`VideosResult`: flat rows."""
    job = told.task.main
    rows = [{**_state(output), "filePath": told.url(output)} for output in job.outputs]
    return {
        **told.head(),
        "costCredit": told.task.cost,
        **told.board(),
        "videos": rows if job.succeeded else None,
    }


def _wrapped(told: Told, output: Output) -> Row:
    if output.failed:
        return _state(output)
    video = {"filePath": told.url(output), "width": output.width, "height": output.height}
    return {"originVideo": video, **_state(output)}


def _state(output: Output) -> Row:
    if output.failed:
        return {"status": "fail", "errorMsg": "This output could not be generated"}
    return {"status": "success", "errorMsg": None}


def _known_aspect(text: str) -> str:
    return text if text in ("9:16", "3:4", "1:1", "4:3", "16:9") else ""


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
