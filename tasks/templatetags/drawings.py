"""Drawings of comments as SVG. `static/js/comment-drawing.js` draws the same while somebody is at it."""

from __future__ import annotations

from math import atan2, cos, pi, sin
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tasks.models import PLACES

register = template.Library()

INKS = ("#ff453a", "#ffd60a", "#32d74b", "#0a84ff", "#ffffff", "#111111")
_LONGER_SIDE = 1000
_HEAD_ANGLE = pi / 7


@register.simple_tag
def drawing(strokes: dict[str, Any] | None, width: int | None, height: int | None) -> SafeString:
    """A comment's drawing in the shape of its picture, to be laid over it; nothing without one."""
    if not strokes:
        return SafeString()
    sheet = _Sheet(width or 1600, height or 900)
    return format_html(
        '<svg class="drawing" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img"'
        ' aria-label="{}">{}</svg>',
        _short(sheet.width),
        _short(sheet.height),
        _("Drawing"),
        format_html_join("", "{}", ((sheet.stroke(one),) for one in strokes["strokes"])),
    )


class _Sheet:
    def __init__(self, width: int, height: int) -> None:
        longer = max(width, height)
        self.width, self.height = width * _LONGER_SIDE / longer, height * _LONGER_SIDE / longer

    def stroke(self, one: dict[str, Any]) -> SafeString:
        points = [(x * self.width / PLACES, y * self.height / PLACES) for x, y in one["points"]]
        thick, ink = one["width"] * _LONGER_SIDE / PLACES, INKS[one["colour"]]
        if one["tool"] == "point":
            (x, y), radius = points[0], max(2.5 * thick, 12)
            return format_html(
                '<circle cx="{}" cy="{}" r="{}" fill="{}" fill-opacity="0.35" stroke="{}"'
                ' stroke-width="{}"/>',
                *map(_short, (x, y, radius)),
                *(ink, ink, _short(thick)),
            )
        return format_html(
            '<path d="{}" fill="none" stroke="{}" stroke-width="{}" stroke-linecap="round"'
            ' stroke-linejoin="round"/>',
            _PATHS[one["tool"]](points, thick),
            ink,
            _short(thick),
        )


Points = list[tuple[float, float]]


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _line(points: Points, thick: float = 0) -> str:
    # A line of no length draws nothing: one press makes a dot.
    (x, y), *rest = points if len(points) > 1 else [points[0], (points[0][0] + 0.01, points[0][1])]
    return f"M{_short(x)} {_short(y)}" + "".join(f"L{_short(x)} {_short(y)}" for x, y in rest)


def _arrow(points: Points, thick: float) -> str:
    (x, y), (to_x, to_y) = points
    way, size = atan2(to_y - y, to_x - x), max(4 * thick, 25)
    ends = [
        (to_x - size * cos(way + turn), to_y - size * sin(way + turn)) for turn in (_HEAD_ANGLE, -_HEAD_ANGLE)
    ]
    return _line(points) + _line([ends[0], (to_x, to_y), ends[1]])


def _box(points: Points, thick: float) -> str:
    (x, y), (to_x, to_y) = points
    return _line([(x, y), (to_x, y), (to_x, to_y), (x, to_y)]) + "Z"


_PATHS = {"pen": _line, "arrow": _arrow, "box": _box}
