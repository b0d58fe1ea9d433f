"""Turns pictures upright, strips the place where they were taken, writes other formats. In the child only."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image

from tasks.media.facts import Undecodable
from tasks.media.formats import Format
from tasks.media.pictures import XMP_KEYS, decoded, opened, upright, with_eight_bits

_WRITERS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "bmp": "BMP"}
# How pixels may be stored; others are turned into plain colours before.
_MODES = {"jpg": ("L", "RGB", "CMYK"), "png": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")}
_OPTIONS: dict[str, dict[str, Any]] = {
    "jpg": {"exif": b"", "xmp": b"", "quality": 95},
    "webp": {"exif": b"", "xmp": b"", "quality": 95, "method": 4},
}


def convert(
    path: Path, known: Format, into: Path, target: str, max_pixels: int, *, is_exact: bool
) -> str | None:
    """The format written, or None when the picture is what it should be and nothing is written."""
    try:
        notes = _Notes.of(path, known)
        if known.name == target and not notes.tell_too_much:
            return None
        picture = decoded(path, known, max_pixels)
        if target == "jpg" and not is_exact and picture.has_transparency_data:
            target = "png"
        _write(picture, path, into, target, notes)
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, MemoryError) as error:
        raise Undecodable.damaged(error, path) from None
    return target


@dataclass(frozen=True)
class _Notes:
    """What stands beside the pixels of a picture."""

    turns: bool
    """Whether browsers turn it."""
    tell_too_much: bool
    """Whether they say where it was taken, or anything about turning it, which programs read differently."""

    @classmethod
    def of(cls, path: Path, known: Format) -> _Notes:
        """What a picture's header says; its pixels are not decoded."""
        with opened(path, known) as picture:
            xmp = [picture.info.get(name, b"") for name in XMP_KEYS]
            exif = picture.getexif()
            says_turned, says_place = (
                exif.get(ExifTags.Base.Orientation, 1) != 1,
                ExifTags.IFD.GPSInfo in exif,
            )
        words = [note if isinstance(note, str) else note.decode("latin-1") for note in xmp]
        with opened(path, known) as picture:
            for name in XMP_KEYS:
                picture.info.pop(name, None)
            turns = picture.getexif().get(ExifTags.Base.Orientation, 1) != 1 and known.name != "webp"
        return cls(turns, says_turned or says_place or any("GPS" in note for note in words))


def _write(picture: Image.Image, path: Path, into: Path, target: str, notes: _Notes) -> None:
    """Write the first picture upright and without notes. Colours keep their profile."""
    # With the same tables, taking notes away costs next to nothing.
    is_kept = picture.format == "JPEG" and target == "jpg" and not notes.turns
    profile = picture.info.get("icc_profile")
    made = picture if is_kept else upright(picture, path)
    if made.mode not in _MODES.get(target, made.mode):
        made = _plain(made, may_be_clear=target != "jpg")
    options = {**_OPTIONS.get(target, {}), "icc_profile": profile}
    if is_kept:
        options["quality"] = "keep"
    # Some writers take notes from here, whatever they are told.
    made.info = {name: value for name, value in made.info.items() if name == "transparency"}
    made.save(into, _WRITERS[target], **options)


def _plain(picture: Image.Image, *, may_be_clear: bool) -> Image.Image:
    if picture.mode.startswith("I;16"):
        return with_eight_bits(picture)
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    if may_be_clear:
        return picture.convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")
