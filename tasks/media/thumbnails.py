"""The smaller form of a poster, for rows and tiles: WebP, 192 pixels wide.

Pillow is loaded only where one is read: the web server and most jobs do without it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tasks.media.facts import Undecodable

if TYPE_CHECKING:
    from PIL.Image import Image

THUMBNAIL_WIDTH, THUMBNAIL_HEIGHT = 192, 640


def thumbnail_path(poster: Path) -> Path:
    """Where the thumbnail of a poster is written: beside it."""
    return poster.with_name(f"{poster.stem}-{THUMBNAIL_WIDTH}.webp")


def save_thumbnail(poster: Image, into: Path) -> bool:
    """Reduce the picture, as a poster has it, and write it. False where it is no larger already."""
    if poster.width <= THUMBNAIL_WIDTH and poster.height <= THUMBNAIL_HEIGHT:
        return False
    poster.thumbnail((THUMBNAIL_WIDTH, THUMBNAIL_HEIGHT))
    poster.save(into, "WEBP", quality=75, method=6)
    return True


def make_thumbnail(poster: Path, into: Path) -> bool:
    """The same of a poster's file, which we made ourselves: it needs no child process. Raises Undecodable."""
    from PIL import Image

    try:
        with Image.open(poster, formats=("WEBP",)) as picture:
            picture.load()
            return save_thumbnail(picture, into)
    except (OSError, SyntaxError, ValueError) as error:
        raise Undecodable.damaged(error, poster) from None
