"""What a model makes, by the contract's `models.yaml`; what it does not make is refused with 4000."""

from collections.abc import Mapping, Sequence
from typing import Any

from tasks.contract.models import video_models
from tasks.sandbox.messages import refuse

Row = Mapping[str, Any]


def check_model(body: Row, task: str, models: Mapping[str, Row] | None = None) -> Row:
    """What the model that a body names can do in `task` (image2video); refuses what it cannot make of it.

    `models` are those to choose from, the video models unless others are given. An empty list means that the
    model does not read the value, null that nobody knows what it takes.
    """
    model = (video_models() if models is None else models).get(body["model"])
    if model is None or task not in model["tasks"]:
        refuse("4000", f"{body['model'][:60]} is not supported")
    able: Row = model["tasks"][task]
    _check_pictures(model, able, body)
    _check(model, "resolutions", body.get("resolution"), able["resolutions"])
    _check(model, "aspect ratios", body.get("aspectRatio"), able["aspect_ratios"])
    if body.get("duration") != able.get("follow_source", 0):
        seconds = able.get("seconds")
        listed = range(seconds["min"], seconds["max"] + 1) if isinstance(seconds, Mapping) else seconds
        _check(model, "durations", body.get("duration"), listed)
    if body.get("sound") == "on" and not model["sound"]:
        refuse("4000", f"{model['id']} does not support sound")
    return able


def _check(model: Row, what: str, asked: Any, offered: Sequence[Any] | None) -> None:
    if asked and offered and asked not in offered:
        refuse("4000", f"{model['id']} supports {what}: {', '.join(map(str, offered))}.")


def _check_pictures(model: Row, able: Row, body: Row) -> None:
    takes = able.get("pictures")
    if takes == "references" and not body.get("referenceImageFileIds"):
        refuse("4000", f"{model['id']} needs reference images")
    if takes in ("first", "first_end") and body.get("referenceImageFileIds"):
        refuse("4000", f"{model['id']} does not support reference images")
    if takes == "first" and body.get("endFrameFileId"):
        refuse("4000", f"{model['id']} does not support an end frame")
