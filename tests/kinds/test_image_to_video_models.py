"""What each model allows is what the form allows; each refusal stands on its field and names the choices."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from tasks.kinds import kind
from tasks.kinds.base import KindForm
from tasks.kinds.moving_pictures.models import ENDS, FIRST, MODELS, SEVERAL

from .contract import body_problems
from .world import FILE_IDS, MASK, PHOTO, Library, Shelves

KIND = kind("image-to-video-models")
STEP = KIND.steps[0]
FRAME = {"first": str(PHOTO.id), "seconds": "5", "sound": "off", "count": "1"}


def judged(answers: Mapping[str, Any]) -> KindForm:
    return KIND.inputs(answers, files=Library(), catalog=Shelves())


def whole(slug: str) -> dict[str, Any]:
    """Everything a model can take, at its highest."""
    model = MODELS[slug]
    return {
        **FRAME,
        "model": slug,
        "end": str(MASK.id),
        "references": [str(PHOTO.id), str(MASK.id)],
        "seconds": str(model.seconds[-1]),
        "resolution": str(model.resolutions[-1]) if model.resolutions else "",
        "shape": model.shapes[-1] if model.shapes else "",
        "sound": "on",
    }


@pytest.mark.parametrize("slug", MODELS)
def test_everything_a_model_can_take_is_sent_and_nothing_else(slug):
    model = MODELS[slug]
    form = judged(whole(slug))
    assert form.errors == {}
    body = STEP.body(form.brief(), FILE_IDS)
    assert body_problems(STEP.operation, body) == []
    assert body["model"] == model.name
    assert ("firstFrameFileId" in body) is (model.pictures in (FIRST, ENDS))
    assert ("endFrameFileId" in body) is (model.pictures == ENDS)
    assert ("referenceImageFileIds" in body) is (model.pictures == SEVERAL)
    assert ("sound" in body) is model.sound
    assert ("resolution" in body) is bool(model.resolutions)
    assert ("aspectRatio" in body) is bool(model.shapes)


@pytest.mark.parametrize(
    ("slug", "field", "value", "said"),
    [
        ("kling-2-6", "seconds", "7", "5, 10"),
        ("veo-3-1", "seconds", "5", "4, 6, 8"),
        ("kling-v3", "seconds", "2", "3–15"),
        ("standard", "resolution", "1080", "480, 720"),
        ("veo-3-1", "shape", "1:1", "9:16, 16:9"),
        ("topview-plus", "shape", "4:3", "9:16, 1:1, 16:9"),
    ],
)
def test_what_a_model_does_not_offer_is_refused_with_what_it_offers(slug, field, value, said):
    form = judged({**whole(slug), field: value})
    assert list(form.errors) == [field]
    [message] = form.errors[field]
    assert MODELS[slug].name in message
    assert said in message


@pytest.mark.parametrize(
    ("slug", "changes", "field"),
    [
        ("kling-v3", {"first": ""}, "first"),
        ("kling-o1-reference", {"references": [str(PHOTO.id)]}, "references"),
        ("kling-o1-reference", {"references": []}, "references"),
        ("kling-v3", {"seconds": ""}, "seconds"),
        ("kling-v3", {"seconds": "5.5"}, "seconds"),
        ("kling-v3", {"count": "5"}, "count"),
        ("kling-v3", {"sound": "loud"}, "sound"),
        ("kling-v3", {"model": "Kling V3"}, "model"),
        ("kling-v3", {"model": ""}, "model"),
    ],
)
def test_each_required_answer_is_asked_for_on_its_field(slug, changes, field):
    assert list(judged({**whole(slug), **changes}).errors) == [field]


def test_shape_and_resolution_may_be_left_to_topview():
    form = judged({**whole("veo-3-1"), "shape": "", "resolution": ""})
    assert form.errors == {}
    assert {"aspectRatio", "resolution"}.isdisjoint(STEP.body(form.brief(), FILE_IDS))


def test_every_model_says_in_the_list_how_long_its_videos_are():
    labels = [str(label) for _slug, label in KIND.inputs.base_fields["model"].choices]  # type: ignore[attr-defined]
    assert "Kling V3 · 3–15 s · 720, 1080p" in labels
    assert len(labels) == len({model.name for model in MODELS.values()})


def test_only_a_rate_that_is_known_gives_a_price():
    brief = {"model": "topview-plus", "seconds": "10", "count": "3"}
    assert STEP.price(brief) == Decimal("16.20")
    assert STEP.price({**brief, "model": "veo-3-1"}) is None
