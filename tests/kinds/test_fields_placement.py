"""Places on the picture of another field: four corners as fractions of it, clockwise."""

import json
import math
from collections.abc import Mapping
from typing import Any

import pytest

from tasks.kinds.base import Asset, KindForm, Placement, UnusableBrief, place_words
from tasks.kinds.base.fields.placement import in_fractions

from .contract import component
from .world import PHOTO, Library, SmallCatalog, posted_again

PLACE = [[0.25, 0.1], [0.75, 0.1], [0.75, 0.6], [0.25, 0.6]]
ORDER = "upper left, upper right, lower right, lower left"


class Scene(KindForm):
    """A picture, and where something goes on it."""

    own = Asset(wire="imageFileId", role="image", required=False)
    place = Placement(wire="location", of="own", required=False)


def judged(place: Any, answers: Mapping[str, Any] | None = None) -> Scene:
    own = {"own": str(PHOTO.id)} if answers is None else answers
    return Scene({**own, "place": place}, files=Library(), catalog=SmallCatalog())


def said(place: Any) -> str:
    """The one message of the form, which stands on the field."""
    form = judged(place if isinstance(place, str) else json.dumps(place))
    assert list(form.errors) == ["place"]
    return str(form.errors["place"][0])


def turned(degrees: float, *, at: tuple[float, float] = (0.5, 0.5), size: float = 0.2) -> list[list[float]]:
    """A square of this half diagonal, turned clockwise about its middle."""
    ways = [math.radians(degrees + corner) for corner in (225, 315, 45, 135)]
    return [[round(at[0] + size * math.cos(w), 4), round(at[1] + size * math.sin(w), 4)] for w in ways]


def test_a_place_is_stored_and_sent_as_it_was_marked():
    form = judged(json.dumps(PLACE))
    assert form.errors == {}
    assert form.brief()["place"] == PLACE
    assert Scene.body(form.brief(), {str(PHOTO.id): "p"})["location"] == PLACE
    again = Scene(posted_again(form, Scene.read_brief(form.brief())), files=Library(), catalog=SmallCatalog())
    assert again.is_valid()
    assert again.brief() == form.brief()


def test_fractions_have_four_digits():
    form = judged("[[0.123456, 0.1], [0.7, 0.10004], [0.7, 0.3333333333], [0.123456, 0.33329]]")
    assert form.errors == {}
    assert form.brief()["place"] == [[0.1235, 0.1], [0.7, 0.1], [0.7, 0.3333], [0.1235, 0.3333]]


def test_the_contracts_own_example_is_a_place():
    example = component("Location")["example"]
    form = judged(json.dumps(example))
    assert form.errors == {}
    assert form.brief()["place"] == example


@pytest.mark.parametrize("degrees", [0, 30, 45, 90, 200])
def test_a_place_may_be_turned(degrees):
    assert judged(json.dumps(turned(degrees))).errors == {}


@pytest.mark.parametrize("at", [(-0.1, 0.5), (1.1, 0.5), (0.5, -0.1), (1.05, 1.05)])
def test_a_place_may_reach_beyond_the_picture(at):
    assert judged(json.dumps(turned(0, at=at))).errors == {}


@pytest.mark.parametrize("at", [(-0.3, 0.5), (1.2, 0.5), (0.5, 1.4), (1.16, 1.16)])
def test_a_place_beside_the_picture_is_refused(at):
    assert "beside the picture" in said(turned(45, at=at))


def test_a_place_in_pixels_is_told_that_fractions_are_meant():
    for points in ([[10, 20], [110, 20], [110, 220], [10, 220]], [[0, 0], [200, 0], [200, 300], [0, 300]]):
        assert "not pixels" in said(points)
        with pytest.raises(UnusableBrief, match="pixels"):
            Scene.body({"schema": 1, "place": points}, {})


@pytest.mark.parametrize(
    "order", [(1, 0, 3, 2), (3, 2, 1, 0), (0, 2, 1, 3), (0, 1, 3, 2)], ids=["left", "up", "crossed", "bow"]
)
def test_corners_in_another_order_are_refused(order):
    assert ORDER in said([PLACE[number] for number in order])


@pytest.mark.parametrize(
    "points",
    [
        [[0.5, 0.5]] * 4,
        [[0, 0], [0.1, 0.1], [0.2, 0.2], [0.3, 0.3]],
        [[0.1, 0.1], [0.104, 0.1], [0.104, 0.104], [0.1, 0.104]],
        [[-0.5, 0.1], [0.0005, 0.1], [0.0005, 0.11], [-0.5, 0.11]],
    ],
    ids=["point", "line", "three pixels", "what is seen of it"],
)
def test_a_place_without_room_is_refused(points):
    assert "too small" in said(points)


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
    assert "four points" in said(text)


@pytest.mark.parametrize("value", [7, 1.5, True, {"x": 1}, [1, 2, 3, 4], [[[]]] * 4, [None] * 4])
def test_any_json_value_is_judged_as_a_place(value):
    assert list(judged(value).errors) == ["place"]


def test_a_place_reads_well():
    assert place_words(PLACE) == "25 % from the left, 10 % from the top; 50 % × 50 % of the picture"
    assert place_words("an older answer") == "an older answer"


def test_pixels_of_a_known_picture_are_the_same_fractions():
    pixels = [[180, 96], [540, 96], [540, 576], [180, 576]]
    assert in_fractions(pixels, (720, 960)) == PLACE
