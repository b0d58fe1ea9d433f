"""The child process that writes previews: `python -m tasks.media.preview_child QUESTION`.

QUESTION is JSON with `path`, `format` (a name of FORMATS), `into` (path), `max_pixels`.
Prints one line of JSON: {} or {"undecodable": [cause, detail]}. Any other end means that there is none.
"""

from __future__ import annotations

import json
import os
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

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
# The filters that turn a picture as the signs of its display matrix say, see `frames`.
_TURNS: dict[tuple[int, int, int, int], tuple[tuple[str, str], ...]] = {
    (-1, 0, 0, 1): (("hflip", ""),),
    (1, 0, 0, -1): (("vflip", ""),),
    (-1, 0, 0, -1): (("hflip", ""), ("vflip", "")),
    (0, 1, -1, 0): (("transpose", "clock"),),
    (0, -1, 1, 0): (("transpose", "cclock"),),
    (0, 1, 1, 0): (("transpose", "cclock_flip"),),
    (0, -1, -1, 0): (("transpose", "clock_flip"),),
}


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
        lines: dict[int, _Picture | _Sound] = {}
        if sight is not None and known.role == "video":
            refuse_too_many(sight.width, sight.height, max_pixels)
            lines[sight.index] = _Picture(sight, out)
        if sound is not None and getattr(sound, "codec_context", None) is not None:
            lines[sound.index] = _Sound(sound, out)
        for packet in source.demux([source.streams[index] for index in lines]):
            if packet.pts and packet.time_base and float(packet.pts * packet.time_base) > PREVIEW_SECONDS:
                break
            for frame in packet.decode():
                lines[packet.stream.index].take(frame)
        for line in lines.values():
            line.end()


class _Picture:
    """The picture, small, upright and in eight bits."""

    def __init__(self, source: VideoStream, out: OutputContainer) -> None:
        self._source, self._out = source, out
        rate = source.average_rate or Fraction(25)
        options = {"preset": "veryfast", "crf": "28"}
        self._stream: Any = out.add_stream("libx264", rate=min(rate, Fraction(60)), options=options)
        self._stream.pix_fmt = "yuv420p"
        self._graph: Graph | None = None

    def take(self, frame: Any) -> None:
        settle_colours(frame)
        if self._graph is None:
            self._graph = self._made(frame)
        self._graph.push(frame)
        self._drain()

    def _made(self, frame: VideoFrame) -> Graph:
        graph = Graph()
        last: Any = graph.add_buffer(template=self._source)
        width, height = square_sides(frame, self._source.sample_aspect_ratio)
        factor = min(1.0, _PIXELS / min(width, height))
        # Halves of a pixel do not exist in this way of storing colours.
        size = ":".join(str(max(2, round(side * factor / 2) * 2)) for side in (width, height))
        turn = _TURNS.get(turn_of(frame), ())
        steps = (("scale", size), ("setsar", "1"), *turn, ("format", "yuv420p"))
        for name, arguments in steps:
            step = graph.add(name, arguments)
            last.link_to(step)
            last = step
        last.link_to(graph.add("buffersink"))
        graph.configure()
        return graph

    def _drain(self) -> None:
        while self._graph is not None:
            try:
                frame: Any = self._graph.pull()
            except (BlockingIOError, EOFError):
                return
            if not self._stream.codec_context.is_open:
                self._stream.width, self._stream.height = frame.width, frame.height
            frame.pict_type = 0
            self._out.mux(self._stream.encode(frame))

    def end(self) -> None:
        if self._graph is None:
            raise Undecodable(Cause.DAMAGED, "no frame can be decoded")
        self._out.mux(self._stream.encode(None))


class _Sound:
    """The sound in stereo at most."""

    def __init__(self, source: AudioStream, out: OutputContainer) -> None:
        self._out = out
        layout, rate = ("mono" if source.channels == 1 else "stereo"), 44_100
        self._stream: Any = out.add_stream("aac", rate=rate, layout=layout)
        self._stream.bit_rate = 96_000
        self._resampler = AudioResampler(format="fltp", layout=layout, rate=rate)
        self._samples = 0

    def take(self, frame: Any) -> None:
        for piece in self._resampler.resample(frame):
            # Counted anew: gaps and jumps of the source would be refused.
            piece.pts, piece.time_base = self._samples, Fraction(1, 44_100)
            self._samples += piece.samples
            self._out.mux(self._stream.encode(piece))

    def end(self) -> None:
        self.take(None)
        self._out.mux(self._stream.encode(None))


if __name__ == "__main__":
    limit_resources(cpu_seconds=_CPU_SECONDS, file_bytes=_FILE_BYTES)
    # People wait for pages on the same cores.
    os.nice(10)
    sys.stdout.write(json.dumps(answer(json.loads(sys.argv[1]))))
