"""Examines films and sound with FFmpeg (PyAV). Imported in the child process only.

A cut-off MP4 opens with its full duration and fails only when read: so every packet is read once, which is
cheap, and frames are decoded at the start, in the middle and at the end before anything is believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image, ImageStat

from tasks.media.facts import MediaFacts, Undecodable
from tasks.media.formats import FORMATS, Format
from tasks.media.pictures import refuse_too_many, save_poster

# Mean brightness, of 255, from which a frame is worth showing.
NOT_BLACK = 20
# Where a poster is looked for, as parts of the length, and how many frames at each place.
PLACES, FRAMES_AT_PLACE = (0.1, 0.3, 0.5, 0.75, 0.0), 12
# Frames decoded from the last key frame before the end.
FRAMES_AT_END = 120
# How much shorter than promised a film may be: rounding, edit lists and a last frame without length.
SHORTFALL_SECONDS, SHORTFALL_PART = 1.0, 0.05


def examine(path: Path, known: Format, poster: Path | None, max_pixels: int) -> MediaFacts:
    """Measure a film or a recording; write the poster of a film when one is wanted."""
    try:
        with _open(path, known) as container:
            film = _Film(container)
            facts = film.measure(known, max_pixels)
            if poster is not None and film.sight is not None:
                save_poster(film.poster(), poster)
    except (av.FFmpegError, ValueError, EOFError, MemoryError) as error:
        raise Undecodable(f"{type(error).__name__}: {error}".replace(str(path), "file")[:300]) from None
    return facts


def _open(path: Path, known: Format) -> InputContainer:
    """Open with the one demuxer that fits. Playlists, which fetch other addresses, never get a chance."""
    return av.open(
        f"file:{path}",
        format=known.reader,
        options={"protocol_whitelist": "file", "enable_drefs": "0", "use_absolute_path": "0"},
        metadata_errors="ignore",
    )


class _Film:
    """An open container, its picture and its sound."""

    def __init__(self, container: InputContainer) -> None:
        self.container = container
        self.sight = next((one for one in container.streams.video if not _is_cover(one)), None)
        self.sound = next(iter(container.streams.audio), None)
        for stream in (self.sight, self.sound):
            if stream is not None:
                stream.codec_context.thread_count = 1
        self.seconds = 0.0

    def measure(self, known: Format, max_pixels: int) -> MediaFacts:
        """The facts, once frames came out of both ends."""
        if self.sight is not None:
            refuse_too_many(self.sight.width, self.sight.height, max_pixels)
        elif self.sound is None:
            raise Undecodable("neither picture nor sound")
        main: VideoStream | AudioStream = self.sight or self.sound  # type: ignore[assignment]
        first = self._first_frame(main)
        self.seconds = self._read_through(main)
        self._decode_end(main)
        shown = _format_shown(known, has_picture=self.sight is not None)
        width, height = _sides(first) if isinstance(first, VideoFrame) else (None, None)
        return MediaFacts(
            shown.role,
            shown.name,
            shown.media_type,
            width=width,
            height=height,
            seconds=round(self.seconds, 3),
            video_codec=self.sight.codec_context.name if self.sight else "",
            audio_codec=self.sound.codec_context.name if self.sound else "",
        )

    def _first_frame(self, stream: VideoStream | AudioStream) -> VideoFrame | AudioFrame:
        for frame in self.container.decode(stream):
            if isinstance(frame, VideoFrame | AudioFrame):
                return frame
        raise Undecodable("no frame can be decoded")

    def _read_through(self, main: VideoStream | AudioStream) -> float:
        """Read every packet. Returns the length in seconds that is really there."""
        self.container.seek(0)
        end, start = 0.0, None
        for packet in self.container.demux(main):
            if packet.is_corrupt:
                raise Undecodable("a part of it is cut off")
            if packet.pts is None or packet.time_base is None:
                continue
            at = float(packet.pts * packet.time_base)
            start = at if start is None else min(start, at)
            end = max(end, at + float((packet.duration or 0) * packet.time_base))
        if start is None:
            raise Undecodable("it holds no packets")
        return self._checked_length(end - start)

    def _checked_length(self, there: float) -> float:
        promised = self._promised()
        if there + SHORTFALL_SECONDS + SHORTFALL_PART * promised < promised:
            raise Undecodable(f"{there:.1f} of {promised:.1f} seconds are there")
        return there

    def _promised(self) -> float:
        """The length the header states; 0 where the reader only guesses it from the bit rate."""
        if self.container.format.name == "mp3" or self.container.duration is None:
            return 0.0
        return self.container.duration / av.time_base

    def _decode_end(self, main: VideoStream | AudioStream) -> None:
        """Decode from the last key frame on."""
        self._seek(main, max(0.0, self.seconds - 0.5))
        if not any(True for _ in islice(self.container.decode(main), FRAMES_AT_END)):
            raise Undecodable("its end cannot be decoded")

    def _seek(self, stream: VideoStream | AudioStream, seconds: float) -> None:
        base = stream.time_base
        start = stream.start_time or 0
        if base is None:
            self.container.seek(int(seconds * av.time_base))
        else:
            self.container.seek(start + int(seconds / base), stream=stream)

    def poster(self) -> Image.Image:
        """The first frame that is not black, from a tenth of the length on; else the brightest."""
        best, brightest = None, -1.0
        for frame in self._candidates():
            picture = _small(frame)
            light = ImageStat.Stat(picture.convert("L")).mean[0]
            if light >= NOT_BLACK:
                return picture
            if light > brightest:
                best, brightest = picture, light
        if best is None:
            raise Undecodable("no frame for a poster")
        return best

    def _candidates(self) -> Iterator[VideoFrame]:
        assert self.sight is not None
        for place in PLACES:
            wanted = place * self.seconds
            self._seek(self.sight, wanted)
            ahead = (one for one in self.container.decode(self.sight) if (one.time or 0.0) >= wanted - 0.5)
            yield from islice(ahead, FRAMES_AT_PLACE)


def _is_cover(stream: VideoStream) -> bool:
    """Whether it is the cover picture of a recording rather than a film."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _format_shown(known: Format, *, has_picture: bool) -> Format:
    """MP4 without a picture is a recording; M4A with one is a film."""
    if has_picture:
        return FORMATS["mp4"] if known.name == "m4a" else known
    if known.role == "audio":
        return known
    if known.reader == "mov":
        return FORMATS["m4a"]
    raise Undecodable("a film without a picture")


def _is_sideways(frame: VideoFrame) -> bool:
    return frame.rotation % 180 != 0


def _sides(frame: VideoFrame) -> tuple[int, int]:
    return (frame.height, frame.width) if _is_sideways(frame) else (frame.width, frame.height)


def _small(frame: VideoFrame) -> Image.Image:
    """The frame upright, no wider than needed: scaled before it leaves FFmpeg."""
    shorter = min(1.0, 960 / max(frame.width, frame.height))
    size = [max(2, round(side * shorter)) for side in (frame.width, frame.height)]
    scaled = frame.reformat(width=size[0], height=size[1], format="rgb24")
    picture: Image.Image = scaled.to_image()  # type: ignore[no-untyped-call]
    return picture.rotate(frame.rotation, expand=True) if frame.rotation else picture
