"""Examines films and sound with FFmpeg (PyAV). Imported in the child process only.

A cut-off MP4 opens with its full duration and fails only when read: so every packet is read once, which is
cheap, and frames are decoded at the start, in the middle and at the end before anything is believed. Each
stream is judged by its own length: sound may well outlast the picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Stream
from av.subtitles.subtitle import SubtitleSet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image, ImageStat

from tasks.media.facts import Cause, MediaFacts, Undecodable
from tasks.media.formats import FORMATS, SHOWN_BY_NONE, Format
from tasks.media.frame_timing import FrameTiming, frame_timing
from tasks.media.frames import is_mirrored, shown_sides, small_picture, turn_of
from tasks.media.pictures import refuse_too_many, save_poster

# Mean brightness, of 255, from which a frame is worth showing.
NOT_BLACK = 20
# Where a poster is looked for, as parts of the length, and how many frames at each place.
PLACES, FRAMES_AT_PLACE = (0.1, 0.3, 0.5, 0.75, 0.0), 12
# Frames decoded from the last key frame before the end.
FRAMES_AT_END = 120
# Pixels times frames that may be decoded in all: about what the child's processor time is enough for.
MOST_EFFORT = 6_000_000_000
# How much shorter than promised a film may be: rounding, edit lists and a last frame without length.
SHORTFALL_SECONDS, SHORTFALL_PART = 1.0, 0.05
# Readers that guess a length from the bit rate, and ones that call the last piece of any recording cut off.
GUESSING, CUTTING = ("mp3", "aac"), ("mp3", "aac", "wav")
# What Chromium, Firefox and Safari play, each in eight bits with halved colours. Apple's lossless sound and
# HEVC are played by some only.
_PICTURES = {"h264", "vp8", "vp9", "av1", "libdav1d", "theora"}
_SOUNDS = {"aac", "mp3", "mp3float", "opus", "vorbis", "flac"}
_SAMPLES = {"pcm_s16le", "pcm_u8", "pcm_s24le", "pcm_f32le"}
_PIXELS = ("yuv420p", "yuvj420p")


def examine(path: Path, known: Format, poster: Path | None, max_pixels: int) -> MediaFacts:
    """Measure a film or a recording; write the poster of a film when one is wanted."""
    try:
        with open_film(path, known) as container:
            film = _Film(container)
            facts = film.measure(known, max_pixels)
            if poster is not None and film.sight is not None:
                save_poster(film.poster(), poster)
    except (av.FFmpegError, ValueError, EOFError, MemoryError) as error:
        raise Undecodable.damaged(error, path) from None
    return facts


def open_film(path: Path, known: Format) -> InputContainer:
    """Open with the one demuxer that fits. Playlists, which fetch other addresses, never get a chance."""
    return av.open(
        f"file:{path}",
        format=known.reader,
        options={"protocol_whitelist": "file", "enable_drefs": "0", "use_absolute_path": "0"},
        metadata_errors="ignore",
    )


def picture_of(container: InputContainer) -> VideoStream | None:
    """The film's picture, which is not the cover of a recording."""
    cover = av.stream.Disposition.attached_pic
    return next((one for one in container.streams.video if not one.disposition & cover), None)


class _Film:
    """An open container, its picture and its sound."""

    def __init__(self, container: InputContainer) -> None:
        self.container = container
        self.sight = picture_of(container)
        self.sound = next(iter(container.streams.audio), None)
        for stream in (self.sight, self.sound):
            if stream is not None and _has_decoder(stream):
                stream.codec_context.thread_count = 1
        self._reader = container.format.name
        self.effort = MOST_EFFORT
        self.ends: dict[int, float] = {}
        """How far each stream reaches, in seconds from the beginning of the film."""
        self.stamps: list[int] = []
        """When each frame of the picture is shown, in the stream's time base; as the packets come."""

    def measure(self, known: Format, max_pixels: int) -> MediaFacts:
        """The facts, once frames came out of both ends."""
        main = self._main()
        if self.sight is not None:
            refuse_too_many(self.sight.width, self.sight.height, max_pixels)
        first = self._first_frame(main)
        self._read_through()
        self._decode_end(main)
        shown = _format_shown(known, has_picture=self.sight is not None)
        width = height = None
        if self.sight is not None and isinstance(first, VideoFrame):
            width, height = shown_sides(first, self.sight.sample_aspect_ratio)
        return MediaFacts(
            shown.role,
            shown.name,
            shown.media_type,
            width=width,
            height=height,
            seconds=round(self._length(), 3),
            video_codec=_codec(self.sight),
            audio_codec=_codec(self.sound),
            is_mirrored=isinstance(first, VideoFrame) and is_mirrored(turn_of(first)),
            plays=self._plays(shown),
            timing=self._timing(),
        )

    def _timing(self) -> FrameTiming | None:
        sight = self.sight
        if sight is None or sight.time_base is None:
            return None
        start = Fraction(max(0, self.container.start_time or 0), av.time_base)
        told = (sight.average_rate, sight.guessed_rate)
        return frame_timing(self.stamps, sight.time_base, start=start, told=told)

    def _main(self) -> VideoStream | AudioStream:
        main = self.sight or self.sound
        if main is None:
            raise Undecodable(Cause.EMPTY, "neither picture nor sound")
        if not _has_decoder(main):
            raise Undecodable(Cause.NO_DECODER, main.type)
        return main

    def _first_frame(self, stream: VideoStream | AudioStream) -> VideoFrame | AudioFrame:
        for frame in self._decode(stream):
            if isinstance(frame, VideoFrame | AudioFrame):
                return frame
        raise Undecodable(Cause.DAMAGED, "no frame can be decoded")

    def _decode(self, stream: VideoStream | AudioStream) -> Iterator[VideoFrame | AudioFrame | SubtitleSet]:
        """Frames as they come, as long as the budget lasts. Raises Undecodable when it does not."""
        for frame in self.container.decode(stream):
            if isinstance(frame, VideoFrame):
                self.effort -= frame.width * frame.height
                if self.effort < 0:
                    raise Undecodable(Cause.TOO_SLOW, f"more than {MOST_EFFORT} pixels to be decoded")
            yield frame

    def _read_through(self) -> None:
        """Read every packet, and hold what each stream has against what its own header says."""
        self.container.seek(0)
        for packet in self.container.demux():
            stream = packet.stream
            if packet.is_corrupt and stream in (self.sight, self.sound) and self._reader not in CUTTING:
                raise Undecodable(Cause.CUT_OFF, "a packet is not whole")
            if packet.is_discard:
                continue
            if (
                stream is self.sight
                and (stamp := packet.dts if packet.pts is None else packet.pts) is not None
            ):
                self.stamps.append(stamp)
            if packet.pts is None or packet.time_base is None:
                continue
            end = float((packet.pts + (packet.duration or 0)) * packet.time_base)
            self.ends[stream.index] = max(self.ends.get(stream.index, 0.0), end)
        for own in (self.sight, self.sound):
            if own is not None:
                self._check_length(own)

    def _check_length(self, stream: Stream) -> None:
        if stream.index not in self.ends and stream is self._main():
            raise Undecodable(Cause.EMPTY, "it holds no packets")
        if self._guesses() or stream.duration is None or stream.time_base is None:
            return
        start = max(stream.start_time or 0, 0)
        promised = float((stream.duration + start) * stream.time_base)
        _check_reached(self.ends.get(stream.index, 0.0), promised)

    def _guesses(self) -> bool:
        return self._reader in GUESSING or self.container.duration is None

    def _length(self) -> float:
        """The length as browsers show it: what the header says, if it is there, else what is there."""
        there = max(self.ends.values()) - self._start()
        if self._guesses():
            return there
        promised = (self.container.duration or 0) / av.time_base
        has_own = all(one.duration for one in (self.sight, self.sound) if one is not None)
        if not has_own:
            _check_reached(there, promised)
        return promised if abs(there - promised) <= _shortfall(promised) else there

    def _start(self) -> float:
        return max(0.0, (self.container.start_time or 0) / av.time_base)

    def _decode_end(self, main: VideoStream | AudioStream) -> None:
        """Decode from the last key frame on, or from the beginning where a reader cannot go there."""
        end = self.ends[main.index]
        self._seek(main, max(0.0, end - self._start() - 0.5))
        if any(True for _ in islice(self._decode(main), FRAMES_AT_END)):
            return
        self.container.seek(0)
        decoded = self._decode(main)
        times = (frame.time or 0.0 for frame in decoded if not isinstance(frame, SubtitleSet))
        reached = max(times, default=-1.0)
        if reached + _shortfall(end) < end:
            raise Undecodable(Cause.DAMAGED, "its end cannot be decoded")

    def _seek(self, stream: VideoStream | AudioStream, seconds: float) -> None:
        base = stream.time_base
        start = stream.start_time or 0
        if base is None:
            self.container.seek(int(seconds * av.time_base))
        else:
            self.container.seek(start + int(seconds / base), stream=stream)

    def _plays(self, shown: Format) -> bool:
        if shown.name in SHOWN_BY_NONE or shown.name in ("3gp", "mkv"):
            return False
        picture = self.sight is None or (
            _codec(self.sight) in _PICTURES and self.sight.codec_context.pix_fmt in _PIXELS
        )
        return picture and (self.sound is None or _codec(self.sound) in _SOUNDS | _SAMPLES)

    def poster(self) -> Image.Image:
        """The first frame that is not black, from a tenth of the length on; else the brightest."""
        assert self.sight is not None
        best, brightest = None, -1.0
        for frame in self._candidates(self.sight):
            if best is not None and self.effort < MOST_EFFORT / 4:
                # Far from the key frames each try costs hundreds of frames: a dark one will do.
                return best
            picture = small_picture(frame, self.sight.sample_aspect_ratio)
            light = ImageStat.Stat(picture.convert("L")).mean[0]
            if light >= NOT_BLACK:
                return picture
            if light > brightest:
                best, brightest = picture, light
        if best is None:
            raise Undecodable(Cause.DAMAGED, "no frame for a poster")
        return best

    def _candidates(self, sight: VideoStream) -> Iterator[VideoFrame]:
        length = self.ends[sight.index] - self._start()
        for place in PLACES:
            wanted = place * length
            self._seek(sight, wanted)
            frames = (one for one in self._decode(sight) if isinstance(one, VideoFrame))
            ahead = (one for one in frames if (one.time or 0.0) >= wanted - 0.5)
            yield from islice(ahead, FRAMES_AT_PLACE)


def _shortfall(promised: float) -> float:
    return SHORTFALL_SECONDS + SHORTFALL_PART * promised


def _check_reached(there: float, promised: float) -> None:
    if there + _shortfall(promised) < promised:
        raise Undecodable(Cause.SHORT, f"{there:.1f} of {promised:.1f} seconds are there")


def _has_decoder(stream: VideoStream | AudioStream) -> bool:
    # PyAV has no codec context for what FFmpeg was built without.
    return getattr(stream, "codec_context", None) is not None


def _codec(stream: VideoStream | AudioStream | None) -> str:
    if stream is None:
        return ""
    return stream.codec_context.name if _has_decoder(stream) else "unknown"


def _format_shown(known: Format, *, has_picture: bool) -> Format:
    """MP4 without a picture is a recording; M4A with one is a film."""
    if has_picture:
        return FORMATS[{"m4a": "mp4", "ogg": "ogv"}.get(known.name, known.name)]
    if known.role == "audio":
        return known
    if known.reader == "mov":
        return FORMATS["m4a"]
    raise Undecodable(Cause.EMPTY, "a film without a picture")
