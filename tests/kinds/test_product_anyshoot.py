"""AnyShoot: a product, a scene, and a mask of the scene's own size."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from tasks.commands.ledger.published_prices import PUBLISHED
from tasks.kinds import accepting, kind
from tasks.kinds.base import KindForm

from .world import CLIP, MASK, PHOTO, Library, SmallCatalog, like

KIND = kind("product-anyshoot")
PLAIN = {
    "product": str(PHOTO.id),
    "scene": "template",
    "template": "template-a",
    "place": str(MASK.id),
    "count": "2",
    "mode": "standard",
}
OWN = {**PLAIN, "scene": "own", "picture": str(PHOTO.id)}


def judged(answers: Mapping[str, str], files: Library | None = None) -> KindForm:
    return KIND.inputs(answers, files=files or Library(), catalog=SmallCatalog())


@pytest.mark.parametrize(
    ("plain", "field"), [*((PLAIN, name) for name in PLAIN), (OWN, "picture"), (OWN, "place")]
)
def test_each_required_answer_is_asked_for_on_its_field(plain, field):
    assert judged(plain).errors == {}
    assert list(judged({name: value for name, value in plain.items() if name != field}).errors) == [field]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("product", str(CLIP.id)),
        ("template", "model-a"),
        ("count", "0"),
        ("count", "5"),
        ("mode", "a" * 41),
        ("product_mask", str(CLIP.id)),
    ],
)
def test_a_value_that_cannot_be_right_is_refused_on_its_field(field, value):
    assert list(judged({**PLAIN, field: value}).errors) == [field]


@pytest.mark.parametrize("plain", [PLAIN, OWN])
@pytest.mark.parametrize("field", ["place", "product_mask"])
def test_a_mask_has_the_pixels_of_its_picture(plain, field):
    wrong = like(MASK, width=719)
    form = judged({**plain, field: str(wrong.id)}, Library(wrong))
    assert list(form.errors) == [field]
    assert "719" in form.errors.as_text() and "720" in form.errors.as_text()


def test_a_mask_on_which_nothing_is_painted_is_refused():
    black = like(MASK, name="black.png")
    assert list(judged({**PLAIN, "place": str(black.id)}, Library(black)).errors) == ["place"]


def test_each_picture_costs_one_credit_and_is_expected():
    form = judged({**PLAIN, "count": "3"})
    assert form.is_valid()
    (step,) = KIND.steps
    found = step.price(form.brief(), PUBLISHED)
    assert found is not None
    assert (found.least, found.most, step.expected_outputs(form.brief())) == (Decimal(3), Decimal(3), 3)


def test_its_pictures_can_be_used_where_pictures_are_taken():
    assert ("image-to-video", "image") in [(declared.slug, field) for declared, field in accepting("image")]
    assert {
        output.role for output in KIND.steps[0].outputs({"anyfitImages": [{"url": "https://a"}]}, {})
    } == {"image"}


def test_the_title_is_the_name_of_the_product():
    assert KIND.title({"product": "abc"}, {"abc": "cup.png"}) == "cup.png"
    assert KIND.title({}) == "Product in a scene"
