"""A place marked on the picture of another field of the same form."""

import json
import math
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tasks.kinds.base.facts import number_words
from tasks.kinds.base.painted import OverPicture, side_words

# Four pairs of numbers take some eighty characters.
_LONGEST = 400
# Pixels: whatever is smaller than a few of them was not meant.
_SMALLEST_AREA = 16


class Placement(OverPicture):
    """Where something goes on the picture: four corner points in its pixels, posted as JSON text.

    Cleaned, stored and sent as a list of four [x, y].
    """

    widget_kind = "placement"

    def to_python(self, value: Any) -> list[list[float]] | None:
        """The four points."""
        if value in self.empty_values:
            return None
        points = _read(value)
        if points is None:
            raise ValidationError(_("Mark the place on the picture: four points are needed."), "invalid")
        if _area(points) < _SMALLEST_AREA:
            raise ValidationError(_("The place is too small. Draw it larger."), "small")
        return points

    def judge(self, value: list[list[float]], size: tuple[int, int]) -> None:
        """No point may lie outside."""
        if not all(0 <= x <= size[0] and 0 <= y <= size[1] for x, y in value):
            text = _("The place reaches beyond the picture, which has %(size)s pixels.")
            raise ValidationError(text, "outside", {"size": side_words(size)})

    def prepare_value(self, value: Any) -> str:
        """JSON text, as it is posted."""
        return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def place_words(points: Any) -> str:
    """A stored place for people: where its box begins, and how large it is."""
    if not _are_points(points):
        return str(points)
    across, down = ([point[axis] for point in points] for axis in (0, 1))
    return gettext("%(left)s, %(top)s; %(size)s pixels large") % {
        "left": number_words(round(min(across))),
        "top": number_words(round(min(down))),
        "size": side_words((round(max(across) - min(across)), round(max(down) - min(down)))),
    }


def _read(value: Any) -> list[list[float]] | None:
    if isinstance(value, str):
        try:
            value = json.loads(value) if len(value) <= _LONGEST else None
        except (ValueError, RecursionError):
            return None
    return [list(point) for point in value] if _are_points(value) else None


def _are_points(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 4 and all(_is_point(point) for point in value)


def _is_point(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_number(number) for number in value)


def _is_number(value: Any) -> bool:
    # A whole number of hundreds of digits is finite, but no measure of a picture.
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) < 1e6 and math.isfinite(value)


def _area(points: list[list[float]]) -> float:
    """Of a quadrangle, by the shoelace formula."""
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    return abs(sum(x * below - beside * y for (x, y), (beside, below) in pairs)) / 2
