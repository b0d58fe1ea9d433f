"""Fields whose value lies over the picture of another field of the same form: a mask, a place."""

import json
import math
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tasks.kinds.base.chosen import Asset
from tasks.kinds.base.facts import CatalogEntry, FileFacts, number_words
from tasks.kinds.base.fields import Wired

# Four pairs of numbers take some eighty characters.
_LONGEST = 400
# Pixels: whatever is smaller than a few of them was not meant.
_SMALLEST_AREA = 16


def pixel_size(held: Any) -> tuple[int, int] | None:
    """Width and height of what a field holds, or None while they are not known.

    A catalog's entry carries them as its facts "width" and "height".
    """
    if isinstance(held, FileFacts):
        sides = (held.width, held.height)
    elif isinstance(held, CatalogEntry):
        sides = (held.facts.get("width"), held.facts.get("height"))
    else:
        return None
    return (sides[0], sides[1]) if isinstance(sides[0], int) and isinstance(sides[1], int) else None


class OverPicture(Wired):
    """Belongs to the picture that the first of the fields `of` holds. While none does, nothing is judged."""

    def __init__(self, *, of: str | tuple[str, ...], **kwargs: Any) -> None:
        self.of = (of,) if isinstance(of, str) else of
        super().__init__(**kwargs)

    @property
    def of_words(self) -> str:
        """The fields' names separated by spaces, for a data attribute."""
        return " ".join(self.of)

    def check_beside(self, value: Any, others: Mapping[str, Any]) -> None:
        """Raises ValidationError when the value does not fit the picture's size."""
        picture = next((others[name] for name in self.of if others.get(name)), None)
        if picture is None:
            return
        size = pixel_size(picture)
        if size is None:
            raise ValidationError(
                _("How large the picture is has not been read yet. Try again in a minute."), "unread"
            )
        self.judge(value, size)

    def judge(self, value: Any, size: tuple[int, int]) -> None:
        """Raises ValidationError when the value does not fit a picture of this size."""
        raise NotImplementedError


class Mask(OverPicture, Asset):
    """A mask painted over the picture in the page: a PNG of its pixel size, white where it is painted."""

    widget_kind = "mask"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(role="image", formats=("png",), min_side=None, **kwargs)
        self.error_messages["invalid"] = _("Paint the mask again, or choose a PNG of your own.")

    def takes(self, role: str) -> bool:
        """No output is one."""
        return False

    def clean(self, value: Any) -> FileFacts | None:
        """The mask, once something is known to be painted on it."""
        facts = super().clean(value)
        if facts is not None and not self.files.is_painted(facts.id):
            raise ValidationError(_("Nothing is painted on the mask: it is black all over."), "empty")
        return facts

    def judge(self, value: FileFacts, size: tuple[int, int]) -> None:
        """The sizes must be equal."""
        came = pixel_size(value)
        if came is not None and came != size:
            words = {"came": _sides(came), "needed": _sides(size)}
            raise ValidationError(
                _("The mask has %(came)s pixels; its picture has %(needed)s."), "size", words
            )


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
            raise ValidationError(text, "outside", {"size": _sides(size)})

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
        "size": _sides((round(max(across) - min(across)), round(max(down) - min(down)))),
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


def _sides(size: tuple[int, int]) -> str:
    return f"{number_words(size[0])} × {number_words(size[1])}"
