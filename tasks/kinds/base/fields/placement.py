"""A place marked on the picture of another field of the same form."""

import json
import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, TypeAlias

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tasks.causes import Code
from tasks.kinds.base.errors import UnusableBrief
from tasks.kinds.base.fields.mask import OverPicture
from tasks.kinds.base.types import FileIds, number_words

Points: TypeAlias = list[list[float]]
"""Four [x, y], clockwise from the upper left corner, as fractions of the picture's width and height."""

# Four pairs of numbers take some eighty characters.
_LONGEST = 400
# A ten-thousandth of any picture that TopView takes is less than a pixel.
_DIGITS = 4
# A place may reach beyond its picture, but nobody means more than the size of that: such numbers are pixels.
_LEAST, _MOST = -1, 2
# Pixels: whatever shows fewer than a handful of them was not meant.
_SMALLEST_AREA = 16
# The sides of the picture, each as an axis, where it lies on that axis, and which way is inside.
_SIDES = ((0, 0, 1), (0, 1, -1), (1, 0, 1), (1, 1, -1))


class Placement(OverPicture):
    """Where something goes on the picture: the corners of a rectangle, which may be turned.

    Posted as JSON text; cleaned, stored and sent as Points.
    """

    widget_kind = "placement"

    def to_python(self, value: Any) -> Points | None:
        """The four points, rounded."""
        if value in self.empty_values:
            return None
        points = _read(value)
        if points is None:
            raise ValidationError(_("Mark the place on the picture: four points are needed."), "invalid")
        if not _are_fractions(points):
            text = _("Give fractions of the picture from 0 to 1, not pixels: 0.5 is its middle.")
            raise ValidationError(text, "pixels")
        turns = _turns(points)
        if any(turns) and not all(turn > 0 for turn in turns):
            text = _("Name the corners in this order: upper left, upper right, lower right, lower left.")
            raise ValidationError(text, "order")
        return [[round(number, _DIGITS) for number in point] for point in points]

    def judge(self, value: Points, size: tuple[int, int]) -> None:
        """Something of it must be seen on the picture."""
        points = value
        for axis, edge, inside in _SIDES:
            # What lies beyond one side of the picture is cut off after the other (Sutherland-Hodgman).
            points = list(_cut(points, axis, edge, inside))
        seen = _area(points)
        if _area(value) and not seen:
            raise ValidationError(
                _("The place lies beside the picture. Move it onto the picture."), "outside"
            )
        if seen * size[0] * size[1] < _SMALLEST_AREA:
            raise ValidationError(_("The place is too small. Draw it larger."), "small")

    def prepare_value(self, value: Any) -> str:
        """JSON text, as it is posted."""
        return value if isinstance(value, str) else "" if value is None else json.dumps(value)

    def to_wire(self, stored: Any, file_ids: FileIds) -> Points:
        """The points. A place that is still in pixels would be paid for and lie anywhere: it is not sent."""
        if not (_are_points(stored) and _are_fractions(stored)):
            raise UnusableBrief("location: in unknown pixels", code=Code.PLACE_IN_UNKNOWN_PIXELS)
        points: Points = stored
        return points


def in_fractions(pixels: Any, size: tuple[int, int]) -> Points:
    """A place that was stored in pixels of a picture of this size. Raises UnusableBrief."""
    if not _are_points(pixels):
        raise UnusableBrief("location: not four points")
    return [[round(x / size[0], _DIGITS), round(y / size[1], _DIGITS)] for x, y in pixels]


def place_words(points: Any) -> str:
    """A stored place for people: where its box begins, and how large it is."""
    if not _are_points(points):
        return str(points)
    across, down = ([point[axis] for point in points] for axis in (0, 1))
    parts = {
        "left": min(across),
        "top": min(down),
        "width": max(across) - min(across),
        "height": max(down) - min(down),
    }
    shares = {name: number_words(round(100 * part)) for name, part in parts.items()}
    return (
        gettext(
            "%(left)s %% from the left, %(top)s %% from the top; %(width)s %% × %(height)s %% of the picture"
        )
        % shares
    )


def _read(value: Any) -> Points | None:
    if isinstance(value, str):
        try:
            value = json.loads(value) if len(value) <= _LONGEST else None
        except (ValueError, RecursionError):
            return None
    return [list(point) for point in value] if _are_points(value) else None


def _are_points(value: Any) -> bool:
    if not isinstance(value, list) or len(value) != 4:
        return False
    return all(isinstance(point, list) and len(point) == 2 and all(map(_is_number, point)) for point in value)


def _is_number(value: Any) -> bool:
    # A whole number of hundreds of digits is finite, but no measure of a picture.
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) < 1e6 and math.isfinite(value)


def _are_fractions(points: Points) -> bool:
    return all(_LEAST <= number <= _MOST for point in points for number in point)


def _turns(points: Points) -> list[float]:
    """How each side turns from the one before: to the right where it is positive, not at all where 0."""
    around = [*points, *points[:2]]
    sides = [(x - before, y - above) for (before, above), (x, y) in pairwise(around)]
    return [round(x * down - y * across, 9) for (x, y), (across, down) in pairwise(sides)]


def _area(points: Points) -> float:
    """By the shoelace formula."""
    around = [*points, *points[:1]]
    return abs(sum(x * below - beside * y for (x, y), (beside, below) in pairwise(around))) / 2


def _cut(points: Points, axis: int, edge: int, inside: int) -> Iterator[list[float]]:
    for before, point in pairwise([*points[-1:], *points]):
        deep, next_deep = (inside * (one[axis] - edge) for one in (before, point))
        if deep * next_deep < 0:
            share = deep / (deep - next_deep)
            yield [start + share * (end - start) for start, end in zip(before, point, strict=True)]
        if next_deep >= 0:
            yield point
