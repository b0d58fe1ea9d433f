"""Films that show in each frame its own number, for tests of players."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
from PIL import Image

# The number stands in eight fields from left to right, the highest bit first, white for 1.
BITS = 8
SIDES = (128, 96)
_FINE = Fraction(1, 120_000)


def make_counted_film(path: Path, moments: Sequence[Fraction]) -> Path:
    """H.264 with B-frames, a frame at each of at most 256 moments, in seconds."""
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        sight = container.add_stream("libx264", rate=Fraction(1) / _FINE, options={"bf": "3", "g": "48"})
        assert isinstance(sight, av.VideoStream)
        (sight.width, sight.height), sight.pix_fmt = SIDES, "yuv420p"
        sight.codec_context.time_base = _FINE
        for number, moment in enumerate(moments):
            frame: av.VideoFrame = av.VideoFrame.from_image(_picture(number))  # type: ignore[no-untyped-call]
            frame.pts, frame.time_base = round(moment / _FINE), _FINE
            for packet in sight.encode(frame):
                container.mux(packet)
        for packet in sight.encode(None):
            # An MP4 whose last frame has no length does not show it.
            packet.duration = packet.duration or 4000
            container.mux(packet)
    return path


def _picture(number: int) -> Image.Image:
    picture, width = Image.new("L", SIDES, 0), SIDES[0] // BITS
    for place, bit in enumerate(f"{number:0{BITS}b}"):
        if bit == "1":
            picture.paste(255, (place * width, 0, (place + 1) * width, SIDES[1]))
    return picture.convert("RGB")
