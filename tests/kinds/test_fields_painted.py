"""Masks and places that lie over the picture of another field, as a form judges them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from tasks.kinds.base import Asset, CatalogEntry, KindForm, Mask, Pick, Placement, place_words

from .world import CLIP, PHOTO, Library, Shelves, posted_again

MASK = replace(PHOTO, id=UUID(int=30), name="mask.png")
SMALL = replace(MASK, id=UUID(int=31), width=640, height=480)
BLACK = replace(MASK, id=UUID(int=32), name="black.png")
SHELF = (
    CatalogEntry("large", "Kitchen", "templates", {"width": 1080, "height": 1350}),
    CatalogEntry("as-photo", "Desk", "templates", {"width": 720, "height": 960}),
    CatalogEntry("unread", "Garden", "templates", {}),
)
PLACE = [[10, 20], [110, 20], [110, 220], [10, 220]]


class Scene(KindForm):
    """A picture from the catalog or an own one, and where something goes on it."""

    template = Pick(wire="templateId", shelf="templates", required=False)
    own = Asset(wire="imageFileId", role="image", required=False)
    mask = Mask(wire="maskFileId", of=("template", "own"), required=False)
    place = Placement(wire="location", of="own", required=False)


def judged(answers: Mapping[str, Any]) -> Scene:
    return Scene(answers, files=Library(MASK, SMALL, BLACK), catalog=Shelves(SHELF))


def said(field: str, answers: Mapping[str, Any]) -> str:
    """The one message of the form, which stands on the field."""
    form = judged(answers)
    assert list(form.errors) == [field]
    return str(form.errors[field][0])


def test_a_mask_of_the_pictures_size_is_sent_with_it():
    form = judged({"own": str(PHOTO.id), "mask": str(MASK.id)})
    assert form.errors == {}
    assert Scene.uploads(form.brief()) == [PHOTO.id, MASK.id]
    sent = {str(PHOTO.id): "p", str(MASK.id): "m"}
    assert Scene.body(form.brief(), sent) == {"imageFileId": "p", "maskFileId": "m"}


def test_a_mask_of_another_size_is_told_both_sizes():
    over_catalog = said("mask", {"template": "large", "mask": str(SMALL.id)})
    assert over_catalog == "The mask has 640 × 480 pixels; its picture has 1,080 × 1,350."
    assert "720 × 960" in said("mask", {"own": str(PHOTO.id), "mask": str(SMALL.id)})


def test_the_first_field_that_holds_a_picture_is_the_one_that_counts():
    assert judged({"template": "as-photo", "own": str(SMALL.id), "mask": str(MASK.id)}).is_valid()
    assert "mask" in judged({"template": "large", "own": str(PHOTO.id), "mask": str(MASK.id)}).errors


def test_a_mask_is_not_taken_while_the_size_of_its_picture_is_unknown():
    assert "has not been read yet" in said("mask", {"template": "unread", "mask": str(MASK.id)})


def test_a_mask_on_which_nothing_is_painted_is_refused():
    assert "black all over" in said("mask", {"own": str(PHOTO.id), "mask": str(BLACK.id)})


@pytest.mark.parametrize("upload", [CLIP, replace(MASK, id=UUID(int=33), format="jpg")], ids=["film", "jpg"])
def test_a_mask_is_a_png(upload):
    form = Scene({"mask": str(upload.id)}, files=Library(upload), catalog=Shelves(SHELF))
    assert list(form.errors) == ["mask"]
    assert "PNG" in form.errors["mask"][0]


def test_no_output_can_be_used_as_a_mask():
    mask = dict(Scene.own_fields())["mask"]
    assert isinstance(mask, Mask)
    assert not mask.takes("image")


def test_a_place_is_stored_and_sent_as_it_was_marked():
    form = judged({"own": str(PHOTO.id), "place": json.dumps(PLACE)})
    assert form.errors == {}
    assert form.brief()["place"] == PLACE
    assert Scene.body(form.brief(), {str(PHOTO.id): "p"})["location"] == PLACE
    again = judged(posted_again(form, Scene.read_brief(form.brief())))
    assert again.is_valid()
    assert again.brief() == form.brief()


@pytest.mark.parametrize("corner", [[-1, 20], [721, 20], [10, 961], [10, -0.5]])
def test_a_place_outside_the_picture_is_refused(corner):
    points = [corner, [600, 30], [600, 900], [5, 900]]
    message = said("place", {"own": str(PHOTO.id), "place": json.dumps(points)})
    assert "720 × 960" in message


@pytest.mark.parametrize(
    "points", [[[5, 5]] * 4, [[0, 0], [10, 10], [20, 20], [30, 30]], [[1, 1], [2, 1], [2, 2], [1, 2]]]
)
def test_a_place_without_room_is_refused(points):
    assert "too small" in said("place", {"own": str(PHOTO.id), "place": json.dumps(points)})


@pytest.mark.parametrize(
    "text",
    [
        "left of the cup",
        "null",
        "{}",
        "[]",
        "[[1,2],[3,4],[5,6]]",
        "[[1,2],[3,4],[5,6],[7,8],[9,10]]",
        "[[1,2],[3,4],[5,6],[7]]",
        '[["1","2"],[3,4],[5,6],[7,8]]',
        "[[true,2],[3,4],[5,6],[7,8]]",
        "[[NaN,2],[3,4],[5,6],[7,8]]",
        "[[Infinity,2],[3,4],[5,6],[7,8]]",
        "[[1e999,2],[3,4],[5,6],[7,8]]",
        "[[" + "9" * 300 + ",2],[3,4],[5,6],[7,8]]",
        "[" * 100_000,
        "\x00",
        "\ud800",
    ],
)
def test_what_is_no_place_is_refused_in_words(text):
    assert "four points" in said("place", {"own": str(PHOTO.id), "place": text})


@pytest.mark.parametrize("value", [7, 1.5, True, {"x": 1}, [1, 2, 3, 4], [[[]]] * 4, [None] * 4])
def test_any_json_value_is_judged_as_a_place(value):
    assert list(judged({"own": str(PHOTO.id), "place": value}).errors) == ["place"]


def test_a_place_reads_well():
    assert place_words(PLACE) == "10, 20; 100 × 200 pixels large"
    assert place_words("an older answer") == "an older answer"
