"""Removing a plain background, and laying one picture into another."""

from collections import deque

from PIL import Image, ImageDraw, ImageFilter

Color = tuple[int, int, int]

WORK_SIDE = 320
STEP_TOLERANCE = 14
GROUND_TOLERANCE = 70
# Outside these shares of removed area the background was not plain, and the mask would be nonsense.
LEAST_REMOVED, MOST_REMOVED = 0.04, 0.97


def cut_out(picture: Image.Image) -> Image.Image:
    """The picture as RGBA without its background.

    A picture that already has transparent parts keeps them. Where no plain background reaches the border,
    a soft oval is cut instead.
    """
    if picture.mode == "RGBA" and any(picture.getchannel("A").histogram()[:250]):
        return picture
    flat = picture.convert("RGB")
    small = flat.copy()
    small.thumbnail((WORK_SIDE, WORK_SIDE), Image.Resampling.BOX)
    mask = _subject_mask(small)
    removed = mask.histogram()[0] / (mask.width * mask.height)
    if not LEAST_REMOVED <= removed <= MOST_REMOVED:
        mask, inset = Image.new("L", small.size, 0), min(small.size) // 16
        far = (small.width - inset, small.height - inset)
        ImageDraw.Draw(mask).ellipse((inset, inset, *far), fill=255)
        mask = mask.filter(ImageFilter.GaussianBlur(3))
    # Shrunk by a pixel before the edge is softened, or a rim of the old background stays.
    soft = mask.filter(ImageFilter.MinFilter(3)).resize(flat.size, Image.Resampling.BICUBIC)
    soft = soft.filter(ImageFilter.GaussianBlur(max(1.0, max(flat.size) / 900)))
    out = flat.convert("RGBA")
    out.putalpha(soft)
    return out


def trimmed(picture: Image.Image) -> Image.Image:
    """Without its fully transparent border."""
    box = picture.getchannel("A").point(lambda level: 255 if level > 24 else 0).getbbox()
    return picture.crop(box) if box else picture


def shadow_of(picture: Image.Image, blur: float, darkness: float) -> Image.Image:
    """A soft black shadow in the shape of the picture, of the same size."""
    alpha = picture.getchannel("A").filter(ImageFilter.GaussianBlur(blur))
    shadow = Image.new("RGBA", picture.size, (12, 12, 24, 0))
    shadow.putalpha(alpha.point(lambda level: round(level * darkness)))
    return shadow


def _subject_mask(picture: Image.Image) -> Image.Image:
    """255 for the subject. The background is what can be reached from the border in small steps of colour,
    unless that is far from the border's median.
    """
    width, height = picture.size
    data = picture.tobytes()
    pixels = list(zip(data[0::3], data[1::3], data[2::3], strict=True))
    border = [*range(width), *range((height - 1) * width, height * width)]
    border += [y * width + x for y in range(height) for x in (0, width - 1)]
    channels = zip(*(pixels[index] for index in border), strict=True)
    red, green, blue = (sorted(channel)[len(border) // 2] for channel in channels)
    removed = _flooded(pixels, width, border, (red, green, blue))
    return Image.frombytes("L", picture.size, bytes(removed)).point(lambda level: 0 if level else 255)


def _flooded(pixels: list[Color], width: int, border: list[int], ground: Color) -> bytearray:
    """1 for every pixel of the background."""
    removed = bytearray(len(pixels))
    queue = deque(index for index in border if _far(pixels[index], ground) <= GROUND_TOLERANCE)
    for index in queue:
        removed[index] = 1
    while queue:
        index = queue.popleft()
        for near in _neighbours(index, width, len(pixels)):
            if removed[near] or _far(pixels[near], pixels[index]) > STEP_TOLERANCE:
                continue
            if _far(pixels[near], ground) <= GROUND_TOLERANCE:
                removed[near] = 1
                queue.append(near)
    return removed


def _neighbours(index: int, width: int, count: int) -> list[int]:
    near = [index - width] if index >= width else []
    if index + width < count:
        near.append(index + width)
    if index % width:
        near.append(index - 1)
    if (index + 1) % width:
        near.append(index + 1)
    return near


def _far(one: Color, other: Color) -> int:
    return max(abs(one[0] - other[0]), abs(one[1] - other[1]), abs(one[2] - other[2]))
