"""Laying a product into a scene."""

import json
import random
from dataclasses import dataclass, replace

from PIL import Image, ImageEnhance, ImageOps

from tasks.sandbox.render.cutout import cut_out, shadow_of, trimmed
from tasks.sandbox.render.errors import RenderError
from tasks.sandbox.render.faces import NOTE, Face
from tasks.sandbox.render.overlays import mark_picture
from tasks.sandbox.render.pictures import SIZES, flat
from tasks.sandbox.render.sheet import Color

LONGEST_SIDE = 1440
# The text note in the sandbox's own scenes that says where a product belongs, as shares of the picture.
PLACE_NOTE = "product-place"
USUAL_PLACE = (0.55, 0.56, 0.34, 0.3)

Place = tuple[float, float, float, float]


def composed(
    scene: Image.Image, product: Image.Image | None, *, aspect: str, label: str, seed: int
) -> tuple[Image.Image, Face | None]:
    """The scene with the product, if any, in its place, and the drawn face in it, if any.

    The seed varies angle and light.
    """
    chance = random.Random(seed)
    place = _place_in(scene)
    face = Face.from_note(scene.info.get(NOTE))
    ground = flat(scene)
    ground.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    if product is not None:
        ground = _with_product(ground, trimmed(cut_out(product)), place, chance)
    light = _Light.by(chance)
    ground = light.on(ground)
    box = _crop_box(ground.size, aspect, place) if aspect else (0, 0, *ground.size)
    if face is not None:
        face = light.on_face(face.moved(ground.width / scene.width, -box[0], -box[1]))
    ground = ground.crop(box)
    text = f"Sandbox · {label}"[:60] if label else "Sandbox"
    mark = mark_picture(text, max(12, min(ground.size) // 34))
    # In the middle below, where a film of this picture in another aspect ratio does not cut it in two.
    ground.paste(mark, ((ground.width - mark.width) // 2, round(ground.height * 0.965 - mark.height)), mark)
    return ground, face


@dataclass(frozen=True)
class _Light:
    """A little warmer or cooler, brighter or more vivid."""

    warmth: float
    vividness: float
    brightness: float

    @classmethod
    def by(cls, chance: random.Random) -> "_Light":
        return cls(chance.uniform(-0.05, 0.05), chance.uniform(0.95, 1.18), chance.uniform(0.97, 1.05))

    def on(self, picture: Image.Image) -> Image.Image:
        red, green, blue = picture.split()
        red = red.point(lambda level: min(255, round(level * (1 + self.warmth))))
        blue = blue.point(lambda level: min(255, round(level * (1 - self.warmth))))
        out = Image.merge("RGB", (red, green, blue))
        out = ImageEnhance.Color(out).enhance(self.vividness)
        return ImageEnhance.Brightness(out).enhance(self.brightness)

    def on_face(self, face: Face) -> Face:
        skin, chin, lips, iris = (
            self._on_color(color) for color in (face.skin, face.chin, face.lips, face.iris)
        )
        return replace(face, skin=skin, chin=chin, lips=lips, iris=iris)

    def _on_color(self, color: Color) -> Color:
        red, green, blue = self.on(Image.new("RGB", (1, 1), color)).tobytes()
        return red, green, blue


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


def _crop_box(size: tuple[int, int], aspect: str, place: Place) -> tuple[int, int, int, int]:
    """The largest part in this aspect ratio with the product's place near its middle. Raises RenderError."""
    if aspect not in SIZES:
        raise RenderError(f"{aspect[:20]!r} is no aspect ratio that can be rendered.")
    across, down = SIZES[aspect]
    scale = min(size[0] / across, size[1] / down)
    wide, tall = round(across * scale), round(down * scale)
    left = min(max(0, round((place[0] + place[2] / 2) * size[0] - wide / 2)), size[0] - wide)
    top = min(max(0, round((place[1] + place[3] / 2) * size[1] - tall / 2)), size[1] - tall)
    return left, top, left + wide, top + tall


def _place_in(scene: Image.Image) -> Place:
    note = scene.info.get(PLACE_NOTE) or scene.info.get("comment", b"")
    text = note.decode(errors="replace") if isinstance(note, bytes) else str(note)
    try:
        left, top, wide, tall = (float(number) for number in json.loads(text))
    except (ValueError, TypeError):
        return USUAL_PLACE
    inside = 0 <= left < left + wide <= 1 and 0 <= top < top + tall <= 1
    return (left, top, wide, tall) if inside else USUAL_PLACE
