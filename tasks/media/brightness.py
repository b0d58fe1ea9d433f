"""How bright a poster is. Reads pictures that the portal itself has written, never a stranger's bytes."""

from __future__ import annotations

from typing import IO

from PIL import Image

# Compressing blurs black a little; one brush's dot on a large picture is far brighter.
_DARK = 24


def is_black(poster: IO[bytes]) -> bool:
    """Whether nothing on it is brighter than black. What is transparent counts as black."""
    with Image.open(poster, formats=("WEBP",)) as picture:
        painted = picture.convert("RGBA")
    black = Image.new("RGBA", painted.size, (0, 0, 0, 255))
    black.alpha_composite(painted)
    counted = black.convert("L").histogram()
    return not any(counted[_DARK + 1 :])
