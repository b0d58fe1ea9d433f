"""What each model allows is what the form allows; each refusal stands on its field and names the choices."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from tasks.commands.ledger.published_prices import PUBLISHED
from tasks.contract import load_models
from tasks.kinds import kind
from tasks.kinds.base import KindForm
from tasks.kinds.image_to_video_parts.models import ENDS, FIRST, MODELS, SEVERAL

from .contract import body_problems
from .world import FILE_IDS, MASK, PHOTO, Library, SmallCatalog

KIND = kind("image-to-video-models")
STEP = KIND.steps[0]
FRAME = {"first": str(PHOTO.id), "seconds": "5", "sound": "off", "count": "1"}


def judged(answers: Mapping[str, Any]) -> KindForm:
    return KIND.inputs(answers, files=Library(), catalog=SmallCatalog())


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
    assert body_problems(STEP.wire.operation, body) == []
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


def costs(**brief: str) -> tuple[Decimal, Decimal]:
    found = STEP.price({"seconds": "10", "count": "3", **brief}, PUBLISHED)
    assert found is not None
    return found.least, found.most


def test_a_video_costs_the_rate_of_its_model_for_its_resolution_and_sound():
    long = {"model": "veo-3-1", "seconds": "8", "count": "4", "resolution": "2160"}
    assert costs(**long, sound="on") == (Decimal("105.6"),) * 2
    assert costs(**long, sound="off") == (Decimal("70.4"),) * 2
    assert costs(**{**long, "resolution": "720"}, sound="off") == (Decimal("35.2"),) * 2
    assert costs(model="topview-plus") == (Decimal("16.20"),) * 2
    assert costs(model="vidu-q3-pro", resolution="540", sound="on") == (Decimal("12"),) * 2


def test_a_resolution_left_to_topview_leaves_the_price_between_two():
    assert costs(model="veo-3-1", seconds="8", count="1", sound="off") == (Decimal("8.8"), Decimal("17.6"))
    assert costs(model="kling-2-6", sound="on") == (Decimal("19.5"),) * 2


@pytest.mark.parametrize(
    ("model", "resolution", "credits", "is_doubtful"),
    [
        ("fast", "720", "1.0", True),
        ("standard", "480", "1.0", True),
        ("standard", "720", "1.0", False),
        ("sora-2", "", "0.56", True),
        ("kling-v3", "720", "0.5", False),
    ],
)
def test_what_the_data_doubt_is_priced_at_the_dearest_and_said_to_be_doubtful(
    model, resolution, credits, is_doubtful
):
    brief = {"model": model, "resolution": resolution, "sound": "off", "seconds": "5", "count": "1"}
    found = STEP.price(brief, PUBLISHED)
    assert found is not None
    assert (found.most, found.rates[0].is_doubtful) == (5 * Decimal(credits), is_doubtful)


@pytest.mark.parametrize("slug", list(MODELS))
def test_every_model_of_the_form_is_one_of_the_tables_with_the_same_limits_and_a_price(slug):
    model = MODELS[slug]
    known = next(row for row in load_models()["video"] if row["name"] == model.name)
    can = known["tasks"]["image2video"]
    span = can["seconds"]
    seconds = list(range(span["min"], span["max"] + 1)) if isinstance(span, dict) else span
    assert (list(model.seconds), list(model.resolutions)) == (seconds, can["resolutions"])
    assert (sorted(model.shapes), model.sound) == (sorted(can["aspect_ratios"]), known["sound"])
    for resolution in model.resolutions or ("",):
        for sound in ("off", "on") if model.sound else ("off",):
            brief = {
                "model": slug,
                "resolution": str(resolution),
                "sound": sound,
                "seconds": "5",
                "count": "1",
            }
            assert STEP.price({**brief, "count": "1"}, PUBLISHED) is not None


def test_a_model_without_a_row_has_no_price_rather_than_that_of_another():
    assert PUBLISHED.video("Wan 3.0", resolution=1080, sound=False) == []
    assert PUBLISHED.video("veo-3-1", resolution=720, sound=False) == []
    assert PUBLISHED.video("Kling V3", resolution=480, sound=False) == []
