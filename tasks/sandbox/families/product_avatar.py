"""Product avatar: the product is put into a model's picture, then that speaks or moves. v1, v2 and v3."""

from collections.abc import Callable
from typing import Any

from tasks.sandbox.families import photo_avatar
from tasks.sandbox.families.base import (
    Family,
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
from tasks.sandbox.render.jobs import Point
from tasks.sandbox.render_spec import RenderSpec
from tasks.sandbox.rows import Output, Row

# How many pictures there are to choose from is the sandbox's choice; no page says it.
PICTURES = 2
REPLACES = ("submitProductAvatarReplace", "submitProductAvatarReplaceV2", "submitProductAvatarReplaceV3")
USUAL_SIZE = "2"
MODE_SECONDS = {"lite": 5.0, "pro": 10.0}
# The shorter side in pixels; of every other mode the last one.
HEIGHTS, HEIGHT = {"lite": 480, "pro": 720}, 1080


def plan_replace(request: SubmitRequest) -> Plan:
    """v1: pictures are charged one by one."""
    product = request.file("productImageFileId", "image")
    spec = _replaced(request, product, share=share_of(request.body.get("productSize", USUAL_SIZE)))
    cost = price("product_avatar_replace_v1_picture") * PICTURES
    return Plan(jobs=(NewJob(spec, cost),))


def plan_replace_later(cost: str) -> Callable[[SubmitRequest], Plan]:
    """v2 and v3: a price for the whole task; the product may come cut out."""

    def plan(request: SubmitRequest) -> Plan:
        body = request.body
        cut_out = request.file("productImageWithoutBackgroundFileId", "image")
        product = cut_out or request.file("productImageFileId", "image")
        if body.get("generateImageMode") == "manual":
            spec = _replaced(request, product, place=_place(request))
        else:
            keeps = "product" if body.get("keepTarget") == "product" else "scene"
            share = share_of(body.get("productSize", USUAL_SIZE))
            spec = _replaced(request, product, keeps=keeps, share=share)
        return Plan(jobs=(NewJob(spec, price(cost)),))

    return plan


def share_of(size: str | int) -> float:
    """How large the product is for a productSize of 1 to 6, beside the usual one."""
    return 0.6 + 0.2 * int(size)


def _replaced(
    request: SubmitRequest,
    product: str | None,
    *,
    place: tuple[Point, ...] = (),
    keeps: str = "",
    share: float = 1.0,
) -> RenderSpec:
    return RenderSpec(
        "picture",
        pictures=(_model(request), *([product] if product else [])),
        count=PICTURES,
        face=request.file("userFaceImageFileId", "image"),
        label=request.body.get("imageEditPrompt", "")[:60],
        place=place,
        keeps=keeps,
        product_share=share,
    )


def plan_video(request: SubmitRequest) -> Plan:
    """v1: with words someone speaks, without them the picture moves."""
    body, mode = request.body, request.body["mode"]
    picture = _chosen(request, "productReplaceResultKey")
    rate = f"product_avatar_video_{mode}"
    text = body.get("ttsText", "").strip()
    motion = body.get("image2videoPrompt") or body.get("image2VideoPrompt", "")
    facts: dict[str, Any] = {"height": HEIGHTS.get(mode, HEIGHT), "label": label(mode, motion)}
    if text:
        words: dict[str, Any] = {"text": text, **voice_facts(request.voice("voiceoverId"))}
        spec, length = RenderSpec("talking", pictures=(picture,), **facts, **words), guessed_seconds(text)
    elif mode == "avatar2":
        refuse("4003", "required parameter is null: ttsText")
    else:
        length = MODE_SECONDS[mode]
        spec = RenderSpec("animation", pictures=(picture,), seconds=length, **facts)
    return Plan(jobs=(NewJob(spec, by_second(rate, length)),), facts={"rate": rate})


def plan_video_v2(request: SubmitRequest) -> Plan:
    """v2: always speaks, by text or by audio."""
    mode = request.body["mode"]
    picture = _chosen(request, "replaceProductTaskImageId")
    words, length = photo_avatar.speech(request)
    rate = f"product_avatar_video_{mode}"
    facts: dict[str, Any] = {
        "height": HEIGHTS.get(mode, HEIGHT),
        "seconds": MODE_SECONDS.get(mode),
        "label": label(mode),
    }
    spec = RenderSpec("talking", pictures=(picture,), **facts, **request.captions(), **words)
    length = MODE_SECONDS.get(mode, length)
    return Plan(jobs=(NewJob(spec, by_second(rate, length)),), facts={"rate": rate})


def answer_replace(view: TaskView) -> Row:
    """`ProductAvatarReplaceResult`; the state is called taskStatus here."""
    rows = [{"key": o.file_id, **facts} for o, facts in _pictures(view)]
    return {
        **view.head(state="taskStatus"),
        "productReplaceResult": rows if view.task.main.succeeded else None,
    }


def answer_replace_later(view: TaskView) -> Row:
    """`ProductAvatarReplaceV2Result`."""
    good = _good(view)
    rows = [{"imageId": o.file_id, **facts} for o, facts in _pictures(view)]
    return {
        **view.head(),
        "costCredit": view.task.cost,
        "resultImageUrl": view.url(good[0]) if good else None,
        "replaceProductResult": rows if view.task.main.succeeded else None,
        **view.board(),
    }


def answer_video(view: TaskView) -> Row:
    """`ProductAvatarImage2VideoResult`; the state is called taskStatus here."""
    url = view.url(view.task.main.first)
    return {**view.head(state="taskStatus"), "previewVideoUrl": url, "finishedVideoUrl": url}


def _good(view: TaskView) -> list[Output]:
    job = view.task.main
    return [output for output in job.outputs if not output.failed] if job.succeeded else []


def _pictures(view: TaskView) -> list[tuple[Output, Row]]:
    """The good pictures with what is told of each; in the last ones a fault may have found no face."""
    good = _good(view)
    with_face = len(good) - int(float(view.task.facts.get("faceless") or 0))
    return [(o, {"faceExistence": place < with_face, "url": view.url(o)}) for place, o in enumerate(good)]


def _model(request: SubmitRequest) -> str:
    picture = request.file("templateImageFileId", "image")
    if picture:
        return picture
    number = request.body.get("avatarId")
    if number is None:
        refuse("4003", "required parameter is null: avatarId or templateImageFileId")
    row = request.catalog.entry("public_product_avatars", "avatarId", number, key="avatarId")
    return str(row["avatarImagePath"])


def _place(request: SubmitRequest) -> tuple[Point, ...]:
    """The corners that were marked by hand, as fractions of the picture; refuses with 4000."""
    place = tuple((float(x), float(y)) for x, y in request.body["location"])
    across, down = zip(*place, strict=True)
    if max(across) <= 0 or max(down) <= 0 or min(across) >= 1 or min(down) >= 1:
        refuse("4000", "bad value for location: no part of it lies inside the picture, which is 0 to 1")
    return place


def _chosen(request: SubmitRequest, key: str) -> str:
    file = request.files.find(str(request.body[key]))
    task = request.task_store.task(file.task_id, uid=request.uid) if file and file.task_id else None
    if file is None or task is None or task.operation not in REPLACES:
        refuse("4004", f"not found: {key}")
    return f"file:{file.id}"


def _later(version: str) -> Family:
    return Family(
        submits={
            f"submitProductAvatarReplace{version.upper()}": plan_replace_later(
                f"product_avatar_replace_{version}_task"
            )
        },
        query=f"queryProductAvatarReplace{version.upper()}",
        answer=answer_replace_later,
        log_type="pa2_replace_product_image",
        noted_faults=("faceless",),
        biz_type="PRODUCT_AVATAR_REPLACE_PRODUCT_IMAGE",
    )


FAMILIES = (
    Family(
        submits={"submitProductAvatarReplace": plan_replace},
        query="queryProductAvatarReplace",
        answer=answer_replace,
        # The contract's list has no word for the v1 step.
        log_type="product_avatar_replace_product_image",
        noted_faults=("faceless",),
    ),
    Family(
        submits={"submitProductAvatarVideo": plan_video},
        query="queryProductAvatarVideo",
        answer=answer_video,
        log_type="product_avatar_image2video",
        cost=charged_by_length,
    ),
    _later("v2"),
    _later("v3"),
    Family(
        submits={"submitProductAvatarVideoV2": plan_video_v2},
        query="queryProductAvatarVideoV2",
        answer=photo_avatar.answer,
        log_type="pa2_image2video",
        biz_type="PRODUCT_AVATAR_IMAGE2VIDEO",
        cost=charged_by_length,
    ),
)
