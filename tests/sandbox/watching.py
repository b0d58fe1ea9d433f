"""Looks at rendered files as a player does: by decoding them."""

import array
from dataclasses import dataclass
from pathlib import Path

import av
from PIL import Image, ImageChops, ImageDraw


@dataclass(frozen=True)
class Watched:
    """A decoded film or sound. Loudness is the root mean square of the samples, from 0 to 32,767."""

    video_codec: str
    audio_codec: str
    pixel_format: str
    sample_rate: int
    channels: int
    frames: list[Image.Image]
    video_seconds: float
    audio_seconds: float
    loudness: float


def watch(path: Path) -> Watched:
    """Decode every frame of the file's tracks."""
    with av.open(path) as container:
        decoded_frames = container.decode(video=0) if container.streams.video else ()
        # PyAV's own stub leaves to_image without types.
        frames = [frame.to_image() for frame in decoded_frames]  # type: ignore[no-untyped-call]
        video = container.streams.video[0] if container.streams.video else None
        rate = float(video.average_rate or 1) if video else 1.0
        video_codec = video.codec_context.name if video else ""
        pixel_format = video.codec_context.pix_fmt or "" if video else ""
    with av.open(path) as container:
        audio = container.streams.audio[0].codec_context
        samples = array.array("h")
        resampler = av.AudioResampler(format="s16", layout="mono")
        for decoded in container.decode(audio=0):
            for frame in resampler.resample(decoded):
                samples.frombytes(bytes(frame.planes[0])[: frame.samples * 2])
        loudness = (sum(s * s for s in samples[::7]) / max(1, len(samples[::7]))) ** 0.5
        return Watched(
            video_codec,
            audio.name,
            pixel_format,
            audio.sample_rate,
            audio.layout.nb_channels,
            frames,
            len(frames) / rate,
            len(samples) / audio.sample_rate,
            loudness,
        )


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures of one size, 0 to 255."""
    histogram = ImageChops.difference(one.convert("L"), other.convert("L")).histogram()
    return sum(level * count for level, count in enumerate(histogram)) / sum(histogram)


def mean_color(picture: Image.Image) -> tuple[int, int, int]:
    """The average colour."""
    red, green, blue = picture.convert("RGB").resize((1, 1), Image.Resampling.BOX).tobytes()
    return red, green, blue


def draw_picture(path: Path, color: str, size: tuple[int, int] = (540, 960)) -> Path:
    """A picture of one colour with a darker frame and a ball in it, so that a camera's move shows."""
    picture = Image.new("RGB", size, color)
    draw = ImageDraw.Draw(picture)
    width, height = size
    draw.rectangle((0, 0, width - 1, height - 1), outline="black", width=max(2, width // 40))
    draw.ellipse((width * 0.3, height * 0.2, width * 0.5, height * 0.2 + width * 0.2), fill="white")
    picture.save(path)
    return path
