"""Drawings over a picture, as comments keep them.

`{"v": 1, "strokes": [{"tool", "colour", "width", "points"}]}`. Points are pairs of `PLACES` parts of the
picture's width and height, a stroke's width is in such parts of its longer side. A pen has as many points as
it likes, an arrow its two ends, a box two corners, a point itself.
"""

from __future__ import annotations

import json
from typing import Any

from tasks.models.comments import PLACES

LONGEST_DRAWING = 64 * 1024
MOST_STROKES, MOST_POINTS = 40, 400
COLOURS = 6
WIDEST = 500
# How many points each tool takes.
_TOOLS = {"pen": range(1, MOST_POINTS + 1), "arrow": range(2, 3), "box": range(2, 3), "point": range(1, 2)}


def read_drawing(text: str) -> dict[str, Any] | None:
    """The drawing that a form sent, with what belongs to it alone; None for an empty one.

    Raises ValueError for everything else.
    """
    if len(text) > LONGEST_DRAWING:
        raise ValueError("too long")
    try:
        sent = json.loads(text)
    except RecursionError:
        raise ValueError("nested") from None
    if not isinstance(sent, dict) or sent.get("v") != 1 or not isinstance(sent.get("strokes"), list):
        raise ValueError("no drawing")
    if len(sent["strokes"]) > MOST_STROKES:
        raise ValueError("too many strokes")
    strokes = [_stroke(one) for one in sent["strokes"]]
    return {"v": 1, "strokes": strokes} if strokes else None


def _stroke(sent: object) -> dict[str, Any]:
    if not isinstance(sent, dict) or not isinstance(sent.get("points"), list):
        raise ValueError("no stroke")
    tool, points = sent.get("tool"), sent["points"]
    if not isinstance(tool, str) or tool not in _TOOLS or len(points) not in _TOOLS[tool]:
        raise ValueError("no such tool")
    return {
        "tool": tool,
        "colour": _number(sent.get("colour"), 0, COLOURS - 1),
        "width": _number(sent.get("width"), 1, WIDEST),
        "points": [_point(one) for one in points],
    }


def _point(sent: object) -> list[int]:
    if not isinstance(sent, list) or len(sent) != 2:
        raise ValueError("no point")
    return [_number(one, 0, PLACES) for one in sent]


def _number(sent: object, least: int, most: int) -> int:
    # True is an int, too.
    if type(sent) is not int or not least <= sent <= most:
        raise ValueError("no such number")
    return sent
