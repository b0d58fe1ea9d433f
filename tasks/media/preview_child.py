"""The child process that writes previews: `python -m tasks.media.preview_child QUESTION`.

QUESTION is JSON with `path`, `format` (a name of FORMATS), `into` (path), `max_pixels`.
Prints one line of JSON: {} or {"undecodable": [cause, detail]}. Any other end means that there is none.
"""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

import av
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from tasks.media.encoding import TURNS, Filters, PictureEncoder, SoundEncoder
from tasks.media.facts import Cause, TooManyPixels, Undecodable
from tasks.media.films import open_film, picture_of
from tasks.media.formats import FORMATS, Format
from tasks.media.frames import settle_colours, square_sides, turn_of
from tasks.media.limits import limit_resources
from tasks.media.pictures import refuse_too_many

# The beginning of a film is enough to know it by, and keeps a worker for a minute at most.
PREVIEW_SECONDS = 120.0
_CPU_SECONDS, _FILE_BYTES = 300, 96 * 1024**2
# Of the shorter side.
_PIXELS = 480


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Write the preview that the question asks for."""
    known = FORMATS[question["format"]]
    try:
        write(Path(question["path"]), known, Path(question["into"]), question["max_pixels"])
    except TooManyPixels:
        return {"undecodable": [Cause.TOO_MANY_PIXELS, ""]}
    except Undecodable as error:
        return {"undecodable": [error.cause, error.detail]}
    except (av.FFmpegError, ValueError, EOFError, MemoryError) as error:
        return {"undecodable": [Cause.DAMAGED, type(error).__name__]}
    return {}


def write(path: Path, known: Format, into: Path, max_pixels: int) -> None:
    """H.264 and AAC of the first two minutes. A part that is damaged ends it there."""
    with (
        open_film(path, known) as source,
        av.open(f"file:{into}", "w", format="mp4", options={"movflags": "+faststart"}) as out,
    ):
        sight, sound = picture_of(source), next(iter(source.streams.audio), None)
        lines: dict[int, PictureEncoder | SoundEncoder] = {}
        if sight is not None and known.role == "video":
            refuse_too_many(sight.width, sight.height, max_pixels)
            lines[sight.index] = PictureEncoder(sight, out, partial(_small, sight), crf=28, most_rate=60)
        if sound is not None and getattr(sound, "codec_context", None) is not None:
            lines[sound.index] = SoundEncoder(sound, out, "aac", rate=44_100, bit_rate=96_000)
        for packet in source.demux([source.streams[index] for index in lines]):
            if packet.pts and packet.time_base and float(packet.pts * packet.time_base) > PREVIEW_SECONDS:
                break
            for frame in packet.decode():
                if isinstance(frame, VideoFrame):
                    settle_colours(frame)
                lines[packet.stream.index].take(frame)
        for line in lines.values():
            line.end()


def _small(source: VideoStream, frame: VideoFrame) -> Filters:
    """Small, upright, of square pixels."""
    width, height = square_sides(frame, source.sample_aspect_ratio)
    factor = min(1.0, _PIXELS / min(width, height))
    # Halves of a pixel do not exist in this way of storing colours.
    size = ":".join(str(max(2, round(side * factor / 2) * 2)) for side in (width, height))
    return (("scale", size), ("setsar", "1"), *TURNS.get(turn_of(frame), ()))


if __name__ == "__main__":
    limit_resources(cpu_seconds=_CPU_SECONDS, file_bytes=_FILE_BYTES)
    # People wait for pages on the same cores.
    os.nice(10)
    sys.stdout.write(json.dumps(answer(json.loads(sys.argv[1]))))
