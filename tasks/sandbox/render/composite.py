"""Laying a product into a scene."""

import random
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageOps

from tasks.sandbox.render.cutout import cut_out, shadow_of, trimmed
from tasks.sandbox.render.faces import NOTE, Face
from tasks.sandbox.render.jobs import RenderError, RenderJob
from tasks.sandbox.render.overlays import mark_picture
from tasks.sandbox.render.pictures import SIZES, flat, given_picture, open_picture
from tasks.sandbox.render.places import Place, marked_place, mask_of, noted_place, painted_place
from tasks.sandbox.render.sheet import Color

LONGEST_SIDE = 1440
# Where a face is put that the scene says nothing about: its middle and its width, as shares of the picture.
USUAL_FACE = (0.5, 0.22, 0.28)


def composed(job: RenderJob, *, seed: int) -> tuple[Image.Image, Face | None]:
    """The first picture with the second, if any, in its place, and the drawn face in it, if any.

    The seed varies angle and light, of what is not to stay as it is. Raises RenderError.
    """
    chance = random.Random(seed)
    scene = given_picture(job, 0)
    ground = flat(scene)
    ground.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    place = _place(job, scene, ground.size).scaled(job.product_share)
    light = _Light.by(chance) if job.keeps != "scene" else _Light(0, 1, 1)
    ground, face = _with_face(ground, scene, job.face)
    ground, face = light.on(ground), light.on_face(face) if face else None
    if len(job.pictures) > 1:
        product = _product(job)
        if job.keeps != "product":
            lit = _Light.by(chance).on(product.convert("RGB"))
            lit.putalpha(product.getchannel("A"))
            product = lit
        angle = place.angle + (0 if job.keeps == "product" or place.area else chance.uniform(-6, 6))
        scale = 1 if job.keeps == "product" or place.area else chance.uniform(0.96, 1.12)
        ground = _with_product(ground, product, replace(place.scaled(scale), angle=angle))
    box = _crop_box(ground.size, job.aspect, place) if job.aspect else (0, 0, *ground.size)
    ground = ground.crop(box)
    mark(ground, job.label)
    return ground, face.moved(1, -box[0], -box[1]) if face else None


def _place(job: RenderJob, scene: Image.Image, size: tuple[int, int]) -> Place:
    if job.place:
        return marked_place(job.place, size)
    if job.place_mask is not None:
        return painted_place(mask_of(open_picture(job.place_mask), scene), size)
    return noted_place(scene, size)


def _product(job: RenderJob) -> Image.Image:
    """What is shown of the second picture: all that its mask has white, else what stands out in it."""
    picture = given_picture(job, 1)
    if job.product_mask is None:
        return trimmed(cut_out(picture))
    masked = picture.convert("RGBA")
    masked.putalpha(mask_of(open_picture(job.product_mask), picture))
    return trimmed(masked)


def _with_face(
    ground: Image.Image, scene: Image.Image, portrait: Path | None
) -> tuple[Image.Image, Face | None]:
    """The scene, with a portrait for its face if there is one; a face that is covered does not speak."""
    face = Face.from_note(scene.info.get(NOTE))
    face = face.moved(ground.width / scene.width, 0, 0) if face else None
    if portrait is None:
        return ground, face
    x, y, wide = (share * side for share, side in zip(USUAL_FACE, (*ground.size, ground.width), strict=True))
    x, y, wide = (face.x, face.y, face.head * 1.3) if face else (x, y, wide)
    side = max(8, round(wide))
    head = ImageOps.fit(flat(open_picture(portrait)), (side, side))
    oval = Image.new("L", head.size, 0)
    ImageDraw.Draw(oval).ellipse((0, 0, side - 1, side - 1), fill=255)
    out = ground.copy()
    out.paste(head, (round(x - side / 2), round(y - side / 2)), oval)
    return out, None


def mark(picture: Image.Image, label: str) -> None:
    """Write the Sandbox mark and the label into a picture."""
    text = f"Sandbox · {label}"[:60] if label else "Sandbox"
    pill = mark_picture(text, max(12, min(picture.size) // 34))
    # In the middle below, where a film of this picture in another aspect ratio does not cut it in two.
    at = ((picture.width - pill.width) // 2, round(picture.height * 0.965 - pill.height))
    picture.paste(pill, at, pill)


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


def _with_product(ground: Image.Image, product: Image.Image, place: Place) -> Image.Image:
    scale = min(place.width / product.width, place.height / product.height)
    size = (max(1, round(product.width * scale)), max(1, round(product.height * scale)))
    turned = product.resize(size, Image.Resampling.LANCZOS)
    turned = turned.rotate(-place.angle, Image.Resampling.BICUBIC, expand=True)
    edge = max(8, turned.height // 12)
    padded = ImageOps.expand(turned, edge, fill=(0, 0, 0, 0))
    at = (round(place.x - padded.width / 2), round(place.y - padded.height / 2))
    out = ground.convert("RGBA")
    for layer, down in ((shadow_of(padded, edge / 2.2, 0.42), edge // 2), (padded, 0)):
        sheet = Image.new("RGBA", out.size, (0, 0, 0, 0))
        sheet.paste(layer, (at[0], at[1] + down))
        if place.area is not None:
            sheet.putalpha(ImageChops.multiply(sheet.getchannel("A"), place.area))
        out.alpha_composite(sheet)
    return out.convert("RGB")


def _crop_box(size: tuple[int, int], aspect: str, place: Place) -> tuple[int, int, int, int]:
    """The largest part in this aspect ratio with the product's place near its middle. Raises RenderError."""
    if aspect not in SIZES:
        raise RenderError(f"{aspect[:20]!r} is no aspect ratio that can be rendered.")
    across, down = SIZES[aspect]
    scale = min(size[0] / across, size[1] / down)
    wide, tall = round(across * scale), round(down * scale)
    left = min(max(0, round(place.x - wide / 2)), size[0] - wide)
    top = min(max(0, round(place.y - tall / 2)), size[1] - tall)
    return left, top, left + wide, top + tall
