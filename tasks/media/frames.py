"""A frame of a film as browsers show it: with square pixels, turned and mirrored as the header says."""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import Any

from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace
from PIL import Image

_LONGEST = 960
# The value of matrix, primaries and transfer that says nothing, and the height from which browsers then
# take the colours to be those of high definition.
_UNSPECIFIED, _HIGH_DEFINITION = 2, 720
_LEVEL = (1, 0, 0, 1)
# The turn for the signs of a display matrix (a, b, c, d), by which (x, y) is shown at (ax + cy, bx + dy).
_TURNS = {
    (-1, 0, 0, 1): Image.Transpose.FLIP_LEFT_RIGHT,
    (1, 0, 0, -1): Image.Transpose.FLIP_TOP_BOTTOM,
    (-1, 0, 0, -1): Image.Transpose.ROTATE_180,
    (0, 1, -1, 0): Image.Transpose.ROTATE_270,
    (0, -1, 1, 0): Image.Transpose.ROTATE_90,
    (0, 1, 1, 0): Image.Transpose.TRANSPOSE,
    (0, -1, -1, 0): Image.Transpose.TRANSVERSE,
}


def turn_of(frame: VideoFrame) -> tuple[int, int, int, int]:
    """The signs of the display matrix; a slanted one counts as none, as in browsers."""
    found: Any = frame.side_data.get("DISPLAYMATRIX")
    if found is None:
        return _LEVEL
    a, b, _u, c, d, *_rest = struct.unpack("=9i", bytes(found))
    signs = (_sign(a), _sign(b), _sign(c), _sign(d))
    return signs if signs in _TURNS else _LEVEL


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


def is_mirrored(turn: tuple[int, int, int, int]) -> bool:
    """Whether with these signs what stands left is shown right, beside any turning."""
    a, b, c, d = turn
    return a * d - b * c < 0


def shown_sides(frame: VideoFrame, aspect: Fraction | None) -> tuple[int, int]:
    """Width and height on the page. `aspect` is that of a pixel; browsers only ever enlarge."""
    width, height = square_sides(frame, aspect)
    return (height, width) if turn_of(frame)[0] == 0 else (width, height)


def square_sides(frame: VideoFrame, aspect: Fraction | None) -> tuple[int, int]:
    """Width and height in square pixels, before any turning."""
    ratio = float(aspect or 1)
    if ratio >= 1:
        return round(frame.width * ratio), frame.height
    return frame.width, round(frame.height / ratio)


def small_picture(frame: VideoFrame, aspect: Fraction | None) -> Image.Image:
    """The frame as it is shown, no larger than needed: scaled before it leaves FFmpeg."""
    width, height = square_sides(frame, aspect)
    shorter = min(1.0, _LONGEST / max(width, height))
    size = [max(2, round(side * shorter)) for side in (width, height)]
    settle_colours(frame)
    scaled = frame.reformat(width=size[0], height=size[1], format="rgb24")
    picture: Image.Image = scaled.to_image()  # type: ignore[no-untyped-call]
    turn = _TURNS.get(turn_of(frame))
    return picture if turn is None else picture.transpose(turn)


def settle_colours(frame: VideoFrame) -> None:
    """Guess the matrix where the film does not say all about its colours, as browsers do."""
    if _UNSPECIFIED in (frame.colorspace, frame.color_primaries, frame.color_trc):
        is_high = frame.height >= _HIGH_DEFINITION
        frame.colorspace = Colorspace.ITU709 if is_high else Colorspace.ITU601
