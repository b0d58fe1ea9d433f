"""A sheet to draw smooth flat shapes on, in units of the reader's choosing."""

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw

Point = tuple[float, float]
Color = tuple[int, int, int]
Paint = Color | tuple[int, int, int, int]
STEPS = 12


class Sheet:
    """Draws on an RGB picture; paints with a fourth number are translucent.

    Coordinates are moved by `origin`, then multiplied by `scale`, so the same drawing fits a thumbnail and a
    poster. Edges are hard: draw larger than needed and reduce.
    """

    def __init__(self, picture: Image.Image, scale: float, origin: Point = (0.0, 0.0)) -> None:
        self.picture = picture
        self.scale = scale
        self.origin = origin
        self.draw = ImageDraw.Draw(picture, "RGBA")

    def within(self, scale: float, origin: Point) -> "Sheet":
        """The same picture in finer units, whose zero lies at `origin`."""
        shifted = (self.origin[0] + origin[0], self.origin[1] + origin[1])
        return Sheet(self.picture, self.scale * scale, (shifted[0] / scale, shifted[1] / scale))

    def place(self, point: Point) -> Point:
        """Pixels of a point."""
        return (point[0] + self.origin[0]) * self.scale, (point[1] + self.origin[1]) * self.scale

    def ellipse(self, middle: Point, wide: float, tall: float, paint: Paint) -> None:
        """An ellipse with these half axes."""
        x, y = self.place(middle)
        across, down = wide * self.scale, tall * self.scale
        self.draw.ellipse((x - across, y - down, x + across, y + down), fill=paint)

    def box(self, left_top: Point, right_bottom: Point, paint: Paint, radius: float = 0.0) -> None:
        """A box, with round corners if wanted."""
        (left, top), (right, bottom) = self.place(left_top), self.place(right_bottom)
        if right > left and bottom > top:
            self.draw.rounded_rectangle((left, top, right, bottom), radius * self.scale, fill=paint)

    def polygon(self, points: Sequence[Point], paint: Paint) -> None:
        """Straight edges between the points."""
        self.draw.polygon([self.place(point) for point in points], fill=paint)

    def blob(self, points: Sequence[Point], paint: Paint) -> None:
        """A closed smooth outline through the points."""
        self.draw.polygon([self.place(point) for point in smooth(points, closed=True)], fill=paint)

    def half_blob(self, points: Sequence[Point], paint: Paint) -> None:
        """A blob that is the mirror image of itself: points of the right side from top to bottom."""
        left = [(-x, y) for x, y in reversed(points) if abs(x) > 1e-6]
        self.blob([*points, *left], paint)

    def stroke(self, points: Sequence[Point], width: float, paint: Color) -> None:
        """A smooth line with round ends through the points."""
        placed = [self.place(point) for point in smooth(points, closed=False)]
        thick = max(1.0, width * self.scale)
        self.draw.line(placed, fill=paint, width=round(thick), joint="curve")
        for x, y in (placed[0], placed[-1]):
            self.draw.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), fill=paint)

    def limb(self, points: Sequence[Point], start: float, end: float, paint: Color) -> None:
        """A smooth line that grows thinner (or thicker) from one width to the other: an arm, a stem."""
        path = smooth(smooth(points, closed=False), closed=False)
        for number, point in enumerate(path):
            width = start + (end - start) * number / max(1, len(path) - 1)
            self.ellipse(point, width / 2, width / 2, paint)


def smooth(points: Sequence[Point], *, closed: bool) -> list[Point]:
    """Many points along a Catmull-Rom curve through the given ones; along a straight line through two."""
    count = len(points)
    if count < 3:
        (x0, y0), (x1, y1) = points[0], points[-1]
        steps = STEPS * 2
        return [(x0 + (x1 - x0) * n / steps, y0 + (y1 - y0) * n / steps) for n in range(steps + 1)]
    out: list[Point] = []
    for index in range(count if closed else count - 1):
        near = [
            points[(index + offset) % count] if closed else points[min(count - 1, max(0, index + offset))]
            for offset in (-1, 0, 1, 2)
        ]
        out += [_between(near, step / STEPS) for step in range(STEPS)]
    return out if closed else [*out, points[-1]]


def circle_points(middle: Point, radius: float, count: int, start: float = 0.0) -> list[Point]:
    """Points spread evenly over a circle."""
    angles = [start + 2 * math.pi * number / count for number in range(count)]
    return [(middle[0] + radius * math.cos(angle), middle[1] + radius * math.sin(angle)) for angle in angles]


def _between(near: Sequence[Point], t: float) -> Point:
    weights = (
        -0.5 * t + t**2 - 0.5 * t**3,
        1 - 2.5 * t**2 + 1.5 * t**3,
        0.5 * t + 2 * t**2 - 1.5 * t**3,
        -0.5 * t**2 + 0.5 * t**3,
    )
    x = sum(weight * point[0] for weight, point in zip(weights, near, strict=True))
    y = sum(weight * point[1] for weight, point in zip(weights, near, strict=True))
    return x, y
