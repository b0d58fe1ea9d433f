"""Writes MP4 files that every browser plays: H.264 in yuv420p, AAC mono, the index in front."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import av

from tasks.sandbox.render.frame_sources import FrameSource
from tasks.sandbox.render.jobs import Rendered
from tasks.sandbox.render.overlays import Overlay
from tasks.sandbox.render.sound import RATE, Sound

# The fastest preset, with the two of its savings undone that cost much picture and little time.
ENCODER = {"preset": "ultrafast", "crf": "27", "threads": "1", "x264-params": "cabac=1:deblock=0,0"}
BT_709, LIMITED_RANGE = 1, 1


def frame_count(seconds: float, fps: int) -> int:
    """How many pictures a film of so many seconds has."""
    return max(1, round(seconds * fps))


def write_film(
    path: Path,
    source: FrameSource,
    size: tuple[int, int],
    sound: Sound,
    overlays: Iterable[Overlay],
    *,
    fps: int,
) -> Rendered:
    """Write a film as long as its sound."""
    frames = frame_count(sound.seconds, fps)
    with av.open(path, "w", format="mp4", options={"movflags": "faststart"}) as container:
        video = _video_stream(container, size, fps)
        audio = container.add_stream("aac", rate=RATE, layout="mono")
        audio.bit_rate = 96_000
        sounding = sound.frames()
        for index in range(frames):
            canvas = source.picture(index)
            for overlay in overlays:
                overlay.draw(canvas, index, index / fps)
            frame = canvas.to_frame()
            frame.pts = index
            container.mux(video.encode(frame))
            _encode_until(container, audio, sounding, (index + 1) / fps)
        container.mux(video.encode(None))
        _encode_until(container, audio, sounding, float("inf"))
        container.mux(audio.encode(None))
    return Rendered(path, "video", *size, frames / fps, "video/mp4")


def _video_stream(container: av.container.OutputContainer, size: tuple[int, int], fps: int) -> av.VideoStream:
    stream = container.add_stream("libx264", rate=fps, options=ENCODER)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.color_range = LIMITED_RANGE
    context.colorspace = context.color_primaries = context.color_trc = BT_709
    return stream


def _encode_until(
    container: av.container.OutputContainer,
    stream: av.AudioStream,
    frames: Iterator[av.AudioFrame],
    seconds: float,
) -> None:
    """Keep the sound level with the pictures, so that the two lie side by side in the file."""
    for frame in frames:
        container.mux(stream.encode(frame))
        if frame.pts is not None and (frame.pts + frame.samples) / RATE >= seconds:
            return
