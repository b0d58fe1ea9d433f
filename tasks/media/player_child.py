"""The child process that draws strips and measures loudness: `python -m tasks.media.player_child QUESTION`.

QUESTION is JSON with `path`, `format` (a name of FORMATS), `into` (the strip's path), `seconds` and
`max_pixels`. Prints one line of JSON: the fields of PlayerAids, or {"undecodable": [cause, detail]}.
"""

from __future__ import annotations

import json
import math
import os
import sys
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.video.frame import VideoFrame
from PIL import Image

from tasks.media.facts import Cause, TooManyPixels, Undecodable
from tasks.media.films import open_film, picture_of
from tasks.media.formats import FORMATS
from tasks.media.frames import settle_colours, small_picture
from tasks.media.limits import limit_resources
from tasks.media.pictures import refuse_too_many
from tasks.media.player_aids import COLUMNS, MOST_TILES, PEAKS, SHORTEST_TILE

_CPU_SECONDS, _FILE_BYTES = 120, 16 * 1024**2
# Of the longer side.
_TILE_PIXELS = 160
# Where tiles lie this far apart, in seconds, key frames alone are decoded.
_KEYS_ALONE = 2.0
_SAMPLE_RATE = 8_000


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Write the strip and tell what was found."""
    path, known, seconds = Path(question["path"]), FORMATS[question["format"]], question["seconds"]
    try:
        with open_film(path, known) as film:
            told = _draw(film, Path(question["into"]), seconds, question["max_pixels"])
        with open_film(path, known) as film:
            return told | {"peaks": _peaks(film, seconds)}
    except TooManyPixels:
        return {"undecodable": [Cause.TOO_MANY_PIXELS, ""]}
    except Undecodable as error:
        return {"undecodable": [error.cause, error.detail]}
    except (av.FFmpegError, ValueError, EOFError, MemoryError) as error:
        return {"undecodable": [Cause.DAMAGED, type(error).__name__]}


def _draw(film: InputContainer, into: Path, seconds: float, max_pixels: int) -> dict[str, Any]:
    """The strip of a film, tile after tile in rows of COLUMNS; a sound has none."""
    sight = picture_of(film)
    if sight is None:
        return {"tiles": 0, "every": 0.0}
    refuse_too_many(sight.width, sight.height, max_pixels)
    every = max(SHORTEST_TILE, seconds / MOST_TILES)
    if every >= _KEYS_ALONE:
        sight.codec_context.skip_frame = "NONKEY"
    tiles: list[Image.Image] = []
    for frame in film.decode(sight):
        # What is shown at a tile's moment stands for it, and for those up to the next frame.
        while len(tiles) < MOST_TILES and len(tiles) * every <= _since(frame, film):
            tiles.append(_tile(frame, sight.sample_aspect_ratio))
        if len(tiles) == MOST_TILES:
            break
    if not tiles:
        raise Undecodable(Cause.DAMAGED, "no frame for a strip")
    width, height = tiles[0].size
    strip = Image.new("RGB", (width * min(COLUMNS, len(tiles)), height * math.ceil(len(tiles) / COLUMNS)))
    for number, tile in enumerate(tiles):
        strip.paste(tile.resize((width, height)), (number % COLUMNS * width, number // COLUMNS * height))
    strip.save(into, "WEBP", quality=60, method=4)
    return {"tiles": len(tiles), "every": every}


def _since(frame: VideoFrame, film: InputContainer) -> float:
    return (frame.time or 0.0) - (film.start_time or 0) / av.time_base


def _tile(frame: VideoFrame, aspect: Any) -> Image.Image:
    settle_colours(frame)
    picture = small_picture(frame, aspect)
    picture.thumbnail((_TILE_PIXELS, _TILE_PIXELS))
    return picture


def _peaks(film: InputContainer, seconds: float) -> list[int] | None:
    """The loudest of each of PEAKS equal parts, from 0 to 100; None where there is no sound."""
    sound = next(iter(film.streams.audio), None)
    if sound is None or getattr(sound, "codec_context", None) is None:
        return None
    loudest, done, each = [0] * PEAKS, 0, max(1.0, seconds * _SAMPLE_RATE / PEAKS)
    step = max(1, min(64, int(each / 2)))
    for samples in _samples(film):
        for start in range(0, len(samples), step):
            part = samples[start : start + step]
            place = min(PEAKS - 1, int((done + start) / each))
            loudest[place] = max(loudest[place], max(part), -min(part))
        done += len(samples)
    most = max(max(loudest), 1)
    return [round(100 * peak / most) for peak in loudest]


def _samples(film: InputContainer) -> Iterator[array[int]]:
    """All of the sound, in one channel of _SAMPLE_RATE."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=_SAMPLE_RATE)
    frames: Iterator[AudioFrame | None] = (
        frame for part in (film.decode(film.streams.audio[0]), (None,)) for frame in part
    )
    for frame in frames:
        for made in resampler.resample(frame):
            samples = array("h")
            samples.frombytes(bytes(made.planes[0])[: made.samples * 2])
            yield samples


if __name__ == "__main__":
    limit_resources(cpu_seconds=_CPU_SECONDS, file_bytes=_FILE_BYTES)
    # People wait for pages on the same cores.
    os.nice(10)
    sys.stdout.write(json.dumps(answer(json.loads(sys.argv[1]))))
