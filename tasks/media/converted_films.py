"""Takes places out of films and recordings, unmirrors them, writes other formats. In the child only.

Packets are copied where the streams allow it; frames are decoded only for another codec or a mirror.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from tasks.media.conversion import TooLong
from tasks.media.facts import Cause, Undecodable
from tasks.media.films import open_film, picture_of
from tasks.media.formats import Format
from tasks.media.frames import turn_of
from tasks.media.pictures import refuse_too_many

Done = Callable[[float], None]
"""Is told the part that is done, 0 to 1."""

# Container, picture codec and sound codec of what is written.
_WRITERS = {
    "mp4": ("mp4", "libx264", "aac"),
    "mov": ("mov", "libx264", "aac"),
    "m4a": ("ipod", "", "aac"),
    "mp3": ("mp3", "", "libmp3lame"),
    "wav": ("wav", "", "pcm_s16le"),
}
# Codecs that stay as they are in each container that is written for another.
_COPIED = {"mp4": {"h264", "aac", "mp3", "mp3float"}, "mov": {"h264", "aac"}, "m4a": {"aac"}}
# Containers whose packets lack the times that others need.
_TIMELESS = ("avi",)


# The filters that show a picture as the signs of its display matrix say, see `frames`.
_STEPS: dict[tuple[int, int, int, int], tuple[tuple[str, str], ...]] = {
    (-1, 0, 0, 1): (("hflip", ""),),
    (1, 0, 0, -1): (("vflip", ""),),
    (-1, 0, 0, -1): (("hflip", ""), ("vflip", "")),
    (0, 1, -1, 0): (("transpose", "clock"),),
    (0, -1, 1, 0): (("transpose", "cclock"),),
    (0, 1, 1, 0): (("transpose", "cclock_flip"),),
    (0, -1, -1, 0): (("transpose", "clock_flip"),),
}
# Even sides of square pixels: browsers, too, only ever enlarge.
_SQUARE = "trunc(iw*max(1,sar)/2)*2:trunc(ih/if(sar,min(1,sar),1)/2)*2"


@dataclass(frozen=True)
class Most:
    """How much of a film is worked on."""

    pixels: int
    seconds: int


def convert(
    path: Path, known: Format, into: Path, target: str, most: Most, done: Done, *, is_exact: bool
) -> str | None:
    """The format written, or None when the film is what it should be and nothing is written."""
    try:
        with open_film(path, known) as source:
            film = _Film(source, known)
            film.refuse_too_much(most)
            if known.role == "audio" and film.sight is not None and not is_exact:
                target = "mp4"
            if known.name == target and not film.needs_work():
                return None
            try:
                _write(film, into, target, done, may_copy=True)
                return target
            except (av.FFmpegError, ValueError):
                if known.name == target and not film.is_mirrored:
                    raise
        with open_film(path, known) as source:
            # The packets do not fit into the other container after all.
            _write(_Film(source, known), into, target, done, may_copy=False)
    except (av.FFmpegError, ValueError, EOFError, MemoryError) as error:
        detail = f"{type(error).__name__}: {error}".replace(str(path), "file")[:300]
        raise Undecodable(Cause.DAMAGED, detail) from None
    return target


class _Film:
    """An open film or recording: its picture, its sound, and how the picture is shown."""

    def __init__(self, container: InputContainer, known: Format) -> None:
        self.container, self.known = container, known
        sight = picture_of(container)
        # A recording may bring the picture of its cover; only in this container it may be a film as well.
        self.sight = sight if known.role == "video" or known.name == "ogg" else None
        self.sound = next(iter(container.streams.audio), None)
        if self.sight is not None:
            self.sight.thread_type = "AUTO"
        self.seconds = container.duration / av.time_base if container.duration else 0.0
        if self.sight is None and self.sound is None:
            raise Undecodable(Cause.EMPTY)

    def refuse_too_much(self, most: Most) -> None:
        """Before anything is decoded."""
        if self.sight is not None:
            refuse_too_many(self.sight.width, self.sight.height, most.pixels)
        if self.seconds > most.seconds and self.known.reader != "mp3":
            raise TooLong(self.seconds)

    def needs_work(self) -> bool:
        """Whether it tells a place, has tracks that may, or is mirrored."""
        return self._tells_place() or self.is_mirrored

    def _tells_place(self) -> bool:
        notes = [self.container.metadata, *(stream.metadata for stream in self.container.streams)]
        named = any("location" in key.lower() or "gps" in key.lower() for note in notes for key in note)
        # Phones and cameras write the way they were carried into tracks of their own.
        return named or any(stream.type == "data" for stream in self.container.streams)

    @property
    def is_mirrored(self) -> bool:
        """Whether players show it as in a mirror."""
        a, b, c, d = self.turn
        return a * d - b * c < 0

    @cached_property
    def turn(self) -> tuple[int, int, int, int]:
        """How the picture is turned, as the container notes it; read from the first frame."""
        if self.sight is None:
            return 1, 0, 0, 1
        for frame in self.container.decode(self.sight):
            self.container.seek(0)
            return turn_of(frame)
        raise Undecodable(Cause.DAMAGED, "no frame can be decoded")


def _write(film: _Film, into: Path, target: str, done: Done, *, may_copy: bool) -> None:
    container, picture_codec, sound_codec = _WRITERS[target]
    options = {"movflags": "+faststart"} if container in ("mp4", "mov", "ipod") else {}
    with av.open(f"file:{into}", "w", format=container, options=options) as out:
        lines: dict[int, Any] = {}
        is_same = film.known.name == target
        if film.sight is not None and picture_codec:
            copied = (
                may_copy and not film.is_mirrored and _is_copied(film, film.sight, target, is_same=is_same)
            )
            make = _Copied if copied else _Pictures
            lines[film.sight.index] = make(film, film.sight, out, picture_codec)
        if film.sound is not None:
            copied = may_copy and _is_copied(film, film.sound, target, is_same=is_same)
            lines[film.sound.index] = (_Copied if copied else _Sounds)(film, film.sound, out, sound_codec)
        if not lines:
            raise Undecodable(Cause.EMPTY)
        for packet in _packets(film, lines, done):
            lines[packet.stream.index].take(packet)
        for line in lines.values():
            line.end()


def _is_copied(film: _Film, stream: VideoStream | AudioStream, target: str, *, is_same: bool) -> bool:
    if is_same:
        return True
    return film.known.name not in _TIMELESS and stream.codec_context.name in _COPIED.get(target, ())


def _packets(film: _Film, lines: dict[int, Any], done: Done) -> Iterator[Any]:
    """All packets of the streams that are kept; now and then it is told how far that is."""
    told = -1
    for packet in film.container.demux([film.container.streams[index] for index in lines]):
        yield packet
        if packet.pts is not None and packet.time_base and film.seconds:
            part = min(0.99, max(0.0, float(packet.pts * packet.time_base) / film.seconds))
            if int(part * 100) > told:
                told = int(part * 100)
                done(part)


class _Copied:
    """A stream whose packets go over as they are."""

    def __init__(self, film: _Film, stream: Any, out: OutputContainer, codec: str) -> None:
        self.out = out
        self.stream = out.add_stream_from_template(stream)

    def take(self, packet: Any) -> None:
        if packet.dts is None:
            return
        packet.stream = self.stream
        self.out.mux(packet)

    def end(self) -> None:
        """Nothing is held back."""


class _Pictures:
    """A picture that is decoded, set upright and encoded again."""

    def __init__(self, film: _Film, stream: VideoStream, out: OutputContainer, codec: str) -> None:
        self.out, self.source = out, stream
        self._steps = _STEPS.get(film.turn, ())
        rate = stream.average_rate or stream.guessed_rate or Fraction(25)
        options = {"preset": "veryfast", "crf": "19"}
        self.stream: Any = cast(Any, out.add_stream(codec, rate=min(rate, Fraction(120)), options=options))
        self.stream.pix_fmt = "yuv420p"
        self.stream.codec_context.time_base = stream.time_base
        self._graph: Graph | None = None

    def take(self, packet: Any) -> None:
        for frame in packet.decode():
            self._encode(frame)

    def _encode(self, frame: VideoFrame) -> None:
        if self._graph is None:
            self._graph = self._made(frame)
        self._graph.push(frame)
        self._drain()

    def _made(self, frame: VideoFrame) -> Graph:
        graph = Graph()
        last: Any = graph.add_buffer(template=self.source)
        # Halves of a pixel do not exist in this way of storing colours; pixels become square.
        square = ("scale", _SQUARE), ("setsar", "1")
        for name, arguments in (*self._steps, *square, ("format", "yuv420p")):
            step = graph.add(name, arguments)
            last.link_to(step)
            last = step
        last.link_to(graph.add("buffersink"))
        graph.configure()
        return graph

    def _drain(self) -> None:
        assert self._graph is not None
        while True:
            try:
                frame: Any = self._graph.pull()
            except (BlockingIOError, EOFError, av.FFmpegError):
                return
            if not self.stream.codec_context.is_open:
                self.stream.width, self.stream.height = frame.width, frame.height
            frame.pict_type = 0
            self.out.mux(self.stream.encode(frame))

    def end(self) -> None:
        if self._graph is None:
            raise Undecodable(Cause.DAMAGED, "no frame can be decoded")
        self.out.mux(self.stream.encode(None))


class _Sounds:
    """Sound that is decoded and encoded again."""

    def __init__(self, film: _Film, stream: AudioStream, out: OutputContainer, codec: str) -> None:
        self.out, self.source = out, stream
        rate = stream.rate if codec != "libmp3lame" or stream.rate in (44100, 48000, 32000) else 44100
        layout = "mono" if stream.channels == 1 else "stereo"
        self.stream: Any = cast(Any, out.add_stream(codec, rate=rate, layout=layout))
        if codec != "pcm_s16le":
            self.stream.bit_rate = 192_000
        kept = {"libmp3lame": "fltp", "aac": "fltp"}.get(codec, "s16")
        self._resampler = AudioResampler(format=kept, layout=layout, rate=rate)
        self._samples = 0

    def take(self, packet: Any) -> None:
        for frame in packet.decode():
            self._encode(frame)

    def _encode(self, frame: AudioFrame | None) -> None:
        for piece in self._resampler.resample(frame):
            # Counted anew: gaps and jumps of the source would be refused.
            piece.pts, piece.time_base = self._samples, Fraction(1, self._resampler.rate)
            self._samples += piece.samples
            self.out.mux(self.stream.encode(piece))

    def end(self) -> None:
        self._encode(None)
        if not self._samples:
            raise Undecodable(Cause.DAMAGED, "no sound can be decoded")
        self.out.mux(self.stream.encode(None))
