"""Examines pictures with Pillow. Imported in the child process only."""

from __future__ import annotations

import struct
import warnings
from pathlib import Path

from PIL import Image, ImageOps

from tasks.media.facts import MediaFacts, TooManyPixels, Undecodable
from tasks.media.formats import Format

POSTER_WIDTH, POSTER_HEIGHT = 480, 1600
# Tag 274 of EXIF: 5 to 8 mean that the picture is shown lying on its side.
_ORIENTATION, _SIDEWAYS = 274, (5, 6, 7, 8)

# We look at the size ourselves, before anything is decoded.
Image.MAX_IMAGE_PIXELS = None
warnings.simplefilter("ignore")


def examine(path: Path, known: Format, poster: Path | None, max_pixels: int) -> MediaFacts:
    """Check the claimed size, decode the (first) picture, write the poster when one is wanted."""
    try:
        with Image.open(path, formats=(known.reader,)) as picture:
            refuse_too_many(*picture.size, max_pixels)
            sideways = picture.getexif().get(_ORIENTATION) in _SIDEWAYS
            width, height = reversed(picture.size) if sideways else picture.size
            picture.load()
            if poster is not None:
                save_poster(ImageOps.exif_transpose(picture), poster)
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, MemoryError) as error:
        raise Undecodable(f"{type(error).__name__}: {error}".replace(str(path), "file")[:300]) from None
    return MediaFacts("image", known.name, known.media_type, width=width, height=height)


def refuse_too_many(width: int, height: int, max_pixels: int) -> None:
    """Raise TooManyPixels when the claimed size is over the limit, Undecodable when there is no area."""
    if width <= 0 or height <= 0:
        raise Undecodable("it has no area")
    if width * height > max_pixels:
        raise TooManyPixels(width, height, max_pixels)


def save_poster(picture: Image.Image, into: Path) -> None:
    """Write a small WebP that keeps transparency and drops everything that is not picture."""
    picture.thumbnail((POSTER_WIDTH, POSTER_HEIGHT), reducing_gap=2.0)
    if picture.mode.startswith("I;16"):
        # Pillow would cut 16 bits off at 255, and leave white.
        picture = picture.point(lambda value: value / 256).convert("L")
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    picture.convert(mode).save(into, "WEBP", quality=80, method=4)
