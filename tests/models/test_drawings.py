"""What of a drawing that a form sent is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tasks.models import LONGEST_DRAWING, read_drawing
from tasks.templatetags.drawings import drawing


def stroke(**facts: Any) -> dict[str, Any]:
    return {"tool": "arrow", "colour": 0, "width": 60, "points": [[0, 0], [10_000, 5_000]], **facts}


def sent(*strokes: object, v: object = 1) -> str:
    return json.dumps({"v": v, "strokes": strokes})


@pytest.mark.parametrize(
    "one",
    [
        stroke(),
        stroke(tool="box", colour=5),
        stroke(tool="point", points=[[10_000, 10_000]]),
        stroke(tool="pen", points=[[1, 2]]),
        stroke(tool="pen", points=[[place, place] for place in range(400)]),
    ],
)
def test_each_tool_is_kept_with_what_belongs_to_it_alone(one: dict[str, Any]) -> None:
    assert read_drawing(sent({**one, "onload": "alert(1)"})) == {"v": 1, "strokes": [one]}


def test_no_strokes_are_no_drawing() -> None:
    assert read_drawing(sent()) is None


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "x",
            "1",
            "null",
            "[]",
            "{}",
            '{"v": 1}',
            '{"v": 1, "strokes": {}}',
            '{"v": 1, "strokes": [1]}',
        ),
        *(sent(v=2), "[" * 60_000, '{"v": 1, "strokes": ' + "9" * 5_000 + "}", "x" * (LONGEST_DRAWING + 1)),
        sent(*[stroke()] * 41),
        *(sent(stroke(tool=tool)) for tool in ("brush", None, 1, ["pen"], "point")),
        *(sent(stroke(colour=colour)) for colour in (-1, 6, "0", 0.5, True, None)),
        *(sent(stroke(width=width)) for width in (0, 501, "60", None)),
        *(
            sent(stroke(points=points))
            for points in (
                [],
                [[0, 0]],
                [[0, 0]] * 3,
                [[0, 10_001], [0, 0]],
                [[0], [0]],
                "ab",
                [[0.5, 0], [0, 0]],
            )
        ),
        sent(stroke(tool="pen", points=[[0, 0]] * 401)),
        '{"v": 1, "strokes": [{"tool": "point", "colour": 0, "width": 60, "points": [[NaN, 0]]}]}',
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_drawing(text)


def test_points_of_the_picture_are_drawn_in_its_shape() -> None:
    strokes = [
        stroke(tool="box", points=[[0, 0], [10_000, 10_000]]),
        stroke(tool="point", points=[[5_000, 5_000]], colour=3),
        stroke(tool="pen", points=[[0, 0], [10_000, 0]]),
    ]
    tall = drawing({"v": 1, "strokes": strokes}, 900, 1600)
    assert 'viewBox="0 0 562.5 1000"' in tall
    assert 'd="M0 0L562.5 0L562.5 1000L0 1000Z"' in tall and 'cx="281.25" cy="500"' in tall
    assert 'd="M0 0L562.5 0"' in tall and 'stroke-width="6"' in tall and "style=" not in tall
    assert drawing(None, 900, 1600) == ""
