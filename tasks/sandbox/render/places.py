"""Where in a scene a product goes: the scene's own place, corners that were marked, or a painted mask."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from tasks.sandbox.render.jobs import Point, RenderError

# The text note in the sandbox's own scenes that says where a product belongs, as shares of the picture.
PLACE_NOTE = "product-place"
USUAL_PLACE = (0.55, 0.56, 0.34, 0.3)
# From this brightness on a mask is white.
WHITE = 128


@dataclass(frozen=True)
class Place:
    """A rectangle in pixels: its middle, its sides, and how far it is turned clockwise, in degrees.

    `area` is white where the product may be seen; None lets it, and its shadow, reach beyond the rectangle.
    """

    x: float
    y: float
    width: float
    height: float
    angle: float = 0.0
    area: Image.Image | None = None

    def scaled(self, share: float) -> "Place":
        """As large as `share` of it, about the same middle."""
        return Place(self.x, self.y, self.width * share, self.height * share, self.angle, self.area)


def noted_place(scene: Image.Image, size: tuple[int, int]) -> Place:
    """Where the scene says that products belong, or the usual place, in a picture of this size."""
    note = scene.info.get(PLACE_NOTE) or scene.info.get("comment", b"")
    text = note.decode(errors="replace") if isinstance(note, bytes) else str(note)
    try:
        left, top, wide, tall = (float(number) for number in json.loads(text))
    except (ValueError, TypeError):
        left, top, wide, tall = USUAL_PLACE
    if not (0 <= left < left + wide <= 1 and 0 <= top < top + tall <= 1):
        left, top, wide, tall = USUAL_PLACE
    width, height = size
    return Place((left + wide / 2) * width, (top + tall / 2) * height, wide * width, tall * height)


def marked_place(corners: Sequence[Point], size: tuple[int, int]) -> Place:
    """The rectangle of four corners, clockwise from its upper left one, as fractions of the picture."""
    points = [(x * size[0], y * size[1]) for x, y in corners]
    first, second, _third, last = points
    area = Image.new("L", size, 0)
    ImageDraw.Draw(area).polygon(points, fill=255)
    return Place(
        sum(x for x, _y in points) / 4,
        sum(y for _x, y in points) / 4,
        math.dist(first, second),
        math.dist(first, last),
        math.degrees(math.atan2(second[1] - first[1], second[0] - first[0])),
        area,
    )


def painted_place(mask: Image.Image, size: tuple[int, int]) -> Place:
    """The white part of a mask. Raises RenderError when there is none."""
    area = mask.resize(size).point(lambda level: 255 if level >= WHITE else 0)
    box = area.getbbox()
    if box is None:
        raise RenderError("The mask shows no place: it is black all over.")
    left, top, right, bottom = box
    return Place((left + right) / 2, (top + bottom) / 2, right - left, bottom - top, 0.0, area)


def mask_of(mask: Image.Image, picture: Image.Image) -> Image.Image:
    """A mask in grey. Raises RenderError unless it has its picture's pixels."""
    if mask.size != picture.size:
        sizes = [f"{width} × {height}" for width, height in (mask.size, picture.size)]
        raise RenderError(f"The mask has {sizes[0]} pixels, its picture {sizes[1]}.")
    return mask.convert("L")
