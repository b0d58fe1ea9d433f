"""Reading, measuring and framing still pictures."""

import re
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageEnhance, ImageFilter, ImageOps, UnidentifiedImageError

from tasks.sandbox.render.jobs import RenderError, RenderJob
from tasks.sandbox.render.planes import even

SIZES = {
    "9:16": (720, 1280),
    "3:4": (720, 960),
    "1:1": (720, 720),
    "4:3": (960, 720),
    "16:9": (1280, 720),
}
LONGEST_SIDE = 1280
SHORTER_SIDE = 720
# A source that is nothing but a stripe lies in the middle of a film that can be watched.
LEAST_SIDE = 360
# A picture that would lose more than this share of itself is shown whole, on a blurred copy.
MOST_CROPPED = 0.4


def open_picture(path: Path) -> Image.Image:
    """Decode a picture upright as RGB or RGBA; its text notes stay in `.info`. Raises RenderError."""
    try:
        with Image.open(path) as picture:
            notes = dict(picture.info)
            upright = ImageOps.exif_transpose(picture)
            has_alpha = upright.has_transparency_data
            loaded = upright.convert("RGBA" if has_alpha else "RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise RenderError("A picture can't be read.") from error
    loaded.info = notes
    return loaded


def given_picture(job: RenderJob, index: int) -> Image.Image:
    """One of the pictures that a job came with. Raises RenderError where it did not."""
    if index >= len(job.pictures):
        raise RenderError("A picture is missing.")
    return open_picture(job.pictures[index])


def flat(picture: Image.Image) -> Image.Image:
    """Without transparency: on a quiet light ground."""
    if picture.mode != "RGBA":
        return picture
    ground = Image.new("RGBA", picture.size, (238, 240, 245, 255))
    ground.alpha_composite(picture)
    out = ground.convert("RGB")
    out.info = picture.info
    return out


def film_size(aspect: str, source: tuple[int, int], shorter: int | None = None) -> tuple[int, int]:
    """Pixels of a film of this aspect ratio, or for "" of a source of this size. Raises RenderError.

    A ratio need not be in SIZES: 21:9. `shorter` is the shorter side where that is not the usual one.
    """
    share = (shorter or SHORTER_SIDE) / SHORTER_SIDE
    if not aspect:
        width, height = source
        scale = share * min(SHORTER_SIDE / min(width, height), LONGEST_SIDE / max(width, height))
        least = even(LEAST_SIDE * share)
        return max(least, even(width * scale)), max(least, even(height * scale))
    if aspect in SIZES:
        width, height = SIZES[aspect]
    else:
        found = re.fullmatch(r"([1-9][0-9]?):([1-9][0-9]?)", aspect)
        if found is None or max(ratio := [int(part) for part in found.groups()]) > 8 * min(ratio):
            raise RenderError(f"{aspect[:20]!r} is no aspect ratio that can be rendered.")
        width, height = (even(SHORTER_SIDE * part / min(ratio)) for part in ratio)
    return even(width * share), even(height * share)


@dataclass(frozen=True)
class Framing:
    """How a picture is laid into a size: enlarged by `scale`, its corner at `left`, `top`."""

    scale: float
    left: float
    top: float
    whole: bool

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the picture comes to lie."""
        return x * self.scale + self.left, y * self.scale + self.top


def framing(
    source: tuple[int, int], size: tuple[int, int], *, focus: tuple[float, float] = (0.5, 0.35)
) -> Framing:
    """Fill `size`, cropped round `focus`, when little is lost; else show the whole picture in the middle."""
    wide, tall = size[0] / source[0], size[1] / source[1]
    whole = 1 - min(wide, tall) / max(wide, tall) > MOST_CROPPED
    scale = min(wide, tall) if whole else max(wide, tall)
    spare = (size[0] - source[0] * scale, size[1] - source[1] * scale)
    across, down = (0.5, 0.5) if whole else focus
    return Framing(scale, spare[0] * across, spare[1] * down, whole)


def framed(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Lay the picture into `size`; one shown whole lies on a blurred copy of itself."""
    how = framing(picture.size, size)
    box = (-how.left / how.scale, -how.top / how.scale)
    if not how.whole:
        far = (box[0] + size[0] / how.scale, box[1] + size[1] / how.scale)
        # Rounding may lead a hair beyond the picture, which Pillow refuses.
        near = (max(0.0, box[0]), max(0.0, box[1]))
        far = (min(float(picture.width), far[0]), min(float(picture.height), far[1]))
        return picture.resize(size, Image.Resampling.LANCZOS, (*near, *far))
    small = ImageOps.fit(picture, (max(8, size[0] // 8), max(8, size[1] // 8)), Image.Resampling.BOX)
    ground = small.filter(ImageFilter.GaussianBlur(5)).resize(size, Image.Resampling.BICUBIC)
    ground = ImageEnhance.Brightness(ground).enhance(0.8)
    shown = (max(1, round(picture.width * how.scale)), max(1, round(picture.height * how.scale)))
    ground.paste(picture.resize(shown, Image.Resampling.LANCZOS), (round(how.left), round(how.top)))
    return ground
