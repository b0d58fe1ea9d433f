"""Takes places out of films and recordings, unmirrors them, writes other formats. In the child only.

Packets are copied where the streams allow it; frames are decoded only for another codec or a mirror.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.video.stream import VideoStream

from tasks.media.conversion import TooLong
from tasks.media.encoding import TURNS, PictureEncoder, SoundEncoder
from tasks.media.facts import Cause, Undecodable
from tasks.media.films import open_film, picture_of
from tasks.media.formats import Format
from tasks.media.frames import is_mirrored, turn_of
from tasks.media.pictures import refuse_too_many

Done = Callable[[float], None]
"""Is told the part that is done, 0 to 1."""

# Container, whether it has a picture, and sound codec of what is written.
_WRITERS = {
    "mp4": ("mp4", True, "aac"),
    "mov": ("mov", True, "aac"),
    "m4a": ("ipod", False, "aac"),
    "mp3": ("mp3", False, "libmp3lame"),
    "wav": ("wav", False, "pcm_s16le"),
}
# Codecs that stay as they are in each container that is written for another.
_COPIED = {"mp4": {"h264", "aac", "mp3", "mp3float"}, "mov": {"h264", "aac"}, "m4a": {"aac"}}
# Containers whose packets lack the times that others need.
_TIMELESS = ("avi",)
# Even sides, since halves of a pixel do not exist in this way of storing colours, of square pixels: browsers,
# too, only ever enlarge.
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
        raise Undecodable.damaged(error, path) from None
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
        notes = [self.container.metadata, *(stream.metadata for stream in self.container.streams)]
        named = any("location" in key.lower() or "gps" in key.lower() for note in notes for key in note)
        # Phones and cameras write the way they were carried into tracks of their own.
        has_data = any(stream.type == "data" for stream in self.container.streams)
        return named or has_data or self.is_mirrored

    @property
    def is_mirrored(self) -> bool:
        """Whether players show it as in a mirror."""
        return is_mirrored(self.turn)

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
    container, has_picture, sound_codec = _WRITERS[target]
    options = {"movflags": "+faststart"} if container in ("mp4", "mov", "ipod") else {}
    with av.open(f"file:{into}", "w", format=container, options=options) as out:
        lines: dict[int, _Copied | PictureEncoder | SoundEncoder] = {}
        is_same = film.known.name == target
        if film.sight is not None and has_picture:
            may_copy_it = may_copy and not film.is_mirrored
            copied = may_copy_it and _is_copied(film, film.sight, target, is_same=is_same)
            lines[film.sight.index] = _Copied(film.sight, out) if copied else _picture(film, film.sight, out)
        if film.sound is not None:
            copied = may_copy and _is_copied(film, film.sound, target, is_same=is_same)
            lines[film.sound.index] = (
                _Copied(film.sound, out) if copied else _sound(film.sound, out, sound_codec)
            )
        if not lines:
            raise Undecodable(Cause.EMPTY)
        for packet in _packets(film, lines, done):
            line = lines[packet.stream.index]
            if isinstance(line, _Copied):
                line.take(packet)
            else:
                for frame in packet.decode():
                    line.take(frame)
        for line in lines.values():
            line.end()
            if isinstance(line, SoundEncoder) and not line.samples:
                raise Undecodable(Cause.DAMAGED, "no sound can be decoded")


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

    def __init__(self, stream: Any, out: OutputContainer) -> None:
        self.out = out
        self.stream = out.add_stream_from_template(stream)

    def take(self, packet: Any) -> None:
        if packet.dts is None:
            return
        packet.stream = self.stream
        self.out.mux(packet)

    def end(self) -> None:
        """Nothing is held back."""


def _picture(film: _Film, source: VideoStream, out: OutputContainer) -> PictureEncoder:
    """Decoded, set upright and encoded again; as quick and slow as it was. Pixels become square."""
    filters = (*TURNS.get(film.turn, ()), ("scale", _SQUARE), ("setsar", "1"))
    encoder = PictureEncoder(source, out, lambda _frame: filters, crf=19, most_rate=120)
    encoder.stream.codec_context.time_base = source.time_base
    return encoder


def _sound(source: AudioStream, out: OutputContainer, codec: str) -> SoundEncoder:
    rate = source.rate if codec != "libmp3lame" or source.rate in (44100, 48000, 32000) else 44100
    return SoundEncoder(source, out, codec, rate=rate, bit_rate=192_000)
