"""Laying a product into a scene."""

import json
import random

from PIL import Image, ImageEnhance, ImageOps

from tasks.sandbox.render.cutout import cut_out, shadow_of, trimmed
from tasks.sandbox.render.errors import RenderError
from tasks.sandbox.render.overlays import mark_picture
from tasks.sandbox.render.pictures import SIZES, flat

LONGEST_SIDE = 1440
# The text note in the sandbox's own scenes that says where a product belongs, as shares of the picture.
PLACE_NOTE = "product-place"
USUAL_PLACE = (0.55, 0.56, 0.34, 0.3)

Place = tuple[float, float, float, float]


def composed(
    scene: Image.Image, product: Image.Image | None, *, aspect: str, label: str, seed: int
) -> Image.Image:
    """The scene with the product, if any, in its place; the seed varies angle, size and light."""
    chance = random.Random(seed)
    place = _place_in(scene)
    ground = flat(scene)
    ground.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    if product is not None:
        ground = _with_product(ground, trimmed(cut_out(product)), place, chance)
    ground = _lit(ground, chance)
    if aspect:
        ground = _cropped(ground, aspect, place)
    mark = mark_picture(f"Sandbox · {label}"[:60] if label else "Sandbox", max(12, min(ground.size) // 34))
    ground.paste(mark, (mark.height // 2, mark.height // 2), mark)
    return ground


def _with_product(
    ground: Image.Image, product: Image.Image, place: Place, chance: random.Random
) -> Image.Image:
    width, height = ground.size
    left, top, wide, tall = place[0] * width, place[1] * height, place[2] * width, place[3] * height
    scale = min(wide / product.width, tall / product.height) * chance.uniform(0.96, 1.12)
    size = (max(1, round(product.width * scale)), max(1, round(product.height * scale)))
    turned = product.resize(size, Image.Resampling.LANCZOS)
    turned = turned.rotate(chance.uniform(-6, 6), Image.Resampling.BICUBIC, expand=True)
    at = (round(left + (wide - turned.width) / 2), round(top + (tall - turned.height) / 2))
    edge = max(8, turned.height // 12)
    padded = ImageOps.expand(turned, edge, fill=(0, 0, 0, 0))
    out = ground.convert("RGBA")
    for layer, down in ((shadow_of(padded, edge / 2.2, 0.42), edge // 2), (padded, 0)):
        sheet = Image.new("RGBA", out.size, (0, 0, 0, 0))
        sheet.paste(layer, (at[0] - edge, at[1] - edge + down))
        out.alpha_composite(sheet)
    return out.convert("RGB")


def _lit(picture: Image.Image, chance: random.Random) -> Image.Image:
    """A little warmer or cooler, brighter or more vivid."""
    warm = chance.uniform(-0.05, 0.05)
    red, green, blue = picture.split()
    red = red.point(lambda level: min(255, round(level * (1 + warm))))
    blue = blue.point(lambda level: min(255, round(level * (1 - warm))))
    out = Image.merge("RGB", (red, green, blue))
    out = ImageEnhance.Color(out).enhance(chance.uniform(0.95, 1.18))
    return ImageEnhance.Brightness(out).enhance(chance.uniform(0.97, 1.05))


def _cropped(picture: Image.Image, aspect: str, place: Place) -> Image.Image:
    if aspect not in SIZES:
        raise RenderError(f"{aspect[:20]!r} is no aspect ratio that can be rendered.")
    across, down = SIZES[aspect]
    scale = min(picture.width / across, picture.height / down)
    size = (round(across * scale), round(down * scale))
    focus = (place[0] + place[2] / 2, place[1] + place[3] / 2)
    left = min(max(0, round(focus[0] * picture.width - size[0] / 2)), picture.width - size[0])
    top = min(max(0, round(focus[1] * picture.height - size[1] / 2)), picture.height - size[1])
    return picture.crop((left, top, left + size[0], top + size[1]))


def _place_in(scene: Image.Image) -> Place:
    note = scene.info.get(PLACE_NOTE) or scene.info.get("comment", b"")
    text = note.decode(errors="replace") if isinstance(note, bytes) else str(note)
    try:
        left, top, wide, tall = (float(number) for number in json.loads(text))
    except (ValueError, TypeError):
        return USUAL_PLACE
    inside = 0 <= left < left + wide <= 1 and 0 <= top < top + tall <= 1
    return (left, top, wide, tall) if inside else USUAL_PLACE
