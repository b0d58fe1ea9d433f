"""Smooth shapes: drawn several times larger, then reduced."""

from PIL import Image, ImageDraw

Color = tuple[int, int, int]
SUPER = 4


def paste_rounded(
    picture: Image.Image, box: tuple[int, int, int, int], radius: int, color: tuple[int, int, int, int]
) -> None:
    """Lay a box with round corners over an RGBA picture; corners are left, top, right, bottom."""
    size = (max(1, box[2] - box[0]), max(1, box[3] - box[1]))
    large = Image.new("L", (size[0] * SUPER, size[1] * SUPER), 0)
    corners = (0, 0, large.width - 1, large.height - 1)
    ImageDraw.Draw(large).rounded_rectangle(corners, min(radius, min(size) // 2) * SUPER, fill=255)
    layer = Image.new("RGBA", size, (*color[:3], 0))
    layer.putalpha(large.reduce(SUPER).point(lambda level: level * color[3] // 255))
    picture.alpha_composite(layer, box[:2])


def vertical_gradient(size: tuple[int, int], top: Color, bottom: Color) -> Image.Image:
    """An RGB picture that runs from one colour to the other."""
    ramp = Image.linear_gradient("L").resize(size, Image.Resampling.BILINEAR)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), ramp)


def mixed(one: Color, other: Color, share: float) -> Color:
    """A colour between two; `share` (0 to 1) of the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
