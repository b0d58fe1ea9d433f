"""Encodes frames and samples into an open container. In the children only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, TypeAlias, cast

import av
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from tasks.media.facts import Cause, Undecodable

Filters: TypeAlias = Sequence[tuple[str, str]]
"""FFmpeg's filters with their arguments, in the order in which frames go through."""

# The filters that show a picture as the signs of its display matrix say, see `frames`.
TURNS: dict[tuple[int, int, int, int], Filters] = {
    (-1, 0, 0, 1): (("hflip", ""),),
    (1, 0, 0, -1): (("vflip", ""),),
    (-1, 0, 0, -1): (("hflip", ""), ("vflip", "")),
    (0, 1, -1, 0): (("transpose", "clock"),),
    (0, -1, 1, 0): (("transpose", "cclock"),),
    (0, 1, 1, 0): (("transpose", "cclock_flip"),),
    (0, -1, -1, 0): (("transpose", "clock_flip"),),
}


class PictureEncoder:
    """Frames, through filters that are chosen by the first one, into H.264 of eight bits.

    `crf` is the quality, lower is better; of more than `most_rate` frames a second some are dropped.
    """

    def __init__(
        self,
        source: VideoStream,
        out: OutputContainer,
        filters: Callable[[VideoFrame], Filters],
        *,
        crf: int,
        most_rate: int,
    ) -> None:
        self._source, self._out, self._filters = source, out, filters
        rate = source.average_rate or source.guessed_rate or Fraction(25)
        options = {"preset": "veryfast", "crf": str(crf)}
        self.stream: Any = out.add_stream("libx264", rate=min(rate, Fraction(most_rate)), options=options)
        self.stream.pix_fmt = "yuv420p"
        self._graph: Graph | None = None

    def take(self, frame: Any) -> None:
        """A frame, in the order of their times. Filters and codec may hold it back until `end`."""
        if self._graph is None:
            self._graph = self._made_for(frame)
        self._graph.push(frame)
        while True:
            try:
                filtered: Any = self._graph.pull()
            except (BlockingIOError, EOFError, av.FFmpegError):
                return
            if not self.stream.codec_context.is_open:
                self.stream.width, self.stream.height = filtered.width, filtered.height
            filtered.pict_type = 0
            self._out.mux(self.stream.encode(filtered))

    def _made_for(self, frame: VideoFrame) -> Graph:
        graph = Graph()
        last: Any = graph.add_buffer(template=self._source)
        for name, arguments in (*self._filters(frame), ("format", "yuv420p")):
            step = graph.add(name, arguments)
            last.link_to(step)
            last = step
        last.link_to(graph.add("buffersink"))
        graph.configure()
        return graph

    def end(self) -> None:
        """Write what is held back. Raises Undecodable when there was no frame."""
        if self._graph is None:
            raise Undecodable(Cause.DAMAGED, "no frame can be decoded")
        self._out.mux(self.stream.encode(None))


class SoundEncoder:
    """Samples into another codec, in stereo at most. `rate` is in samples a second, `bit_rate` in bits."""

    def __init__(
        self, source: AudioStream, out: OutputContainer, codec: str, *, rate: int, bit_rate: int
    ) -> None:
        layout = "mono" if source.channels == 1 else "stereo"
        self._out, self._rate = out, rate
        self.stream: Any = cast(Any, out.add_stream(codec, rate=rate, layout=layout))
        if codec != "pcm_s16le":
            self.stream.bit_rate = bit_rate
        format = "fltp" if codec in ("libmp3lame", "aac") else "s16"
        self._resampler = AudioResampler(format=format, layout=layout, rate=rate)
        self.samples = 0

    def take(self, frame: Any) -> None:
        """The next frame; None for what the resampler holds back."""
        for piece in self._resampler.resample(frame):
            # Counted anew: gaps and jumps of the source would be refused.
            piece.pts, piece.time_base = self.samples, Fraction(1, self._rate)
            self.samples += piece.samples
            self._out.mux(self.stream.encode(piece))

    def end(self) -> None:
        """Write what is held back."""
        self.take(None)
        self._out.mux(self.stream.encode(None))
