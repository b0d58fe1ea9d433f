"""The facts and posters of files against what a real browser shows: its verdict is the measure."""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import pytest
from PIL import Image

from tasks.media import examine
from tests.media.test_cases import CASES

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Colours of sixteen fields of a poster against those of the page; WebP and H.264 blur a little.
GRID, TOLERANCE = 4, 14
_SHOWN = """async ([name, grid]) => {
  const fields = (source, width, height) => {
    const canvas = document.createElement('canvas');
    canvas.width = width; canvas.height = height;
    const context = canvas.getContext('2d', {willReadFrequently: true});
    context.drawImage(source, 0, 0, width, height);
    const found = [];
    for (let down = 0; down < grid; down++) for (let across = 0; across < grid; across++) {
      const box = context.getImageData(width * (across + .25) / grid, height * (down + .25) / grid,
                                       Math.max(1, width / grid / 2), Math.max(1, height / grid / 2)).data;
      const sum = [0, 0, 0];
      box.forEach((value, at) => { if (at % 4 < 3) sum[at % 4] += value; });
      found.push(sum.map(value => value / (box.length / 4)));
    }
    return found;
  };
  const image = await new Promise(done => {
    const one = new Image();
    one.onload = () => done({width: one.naturalWidth, height: one.naturalHeight, seconds: null,
                             fields: fields(one, one.naturalWidth, one.naturalHeight)});
    one.onerror = () => done(null);
    one.src = name;
  });
  if (image) return image;
  return await new Promise(done => {
    const one = document.createElement('video');
    one.muted = true; one.preload = 'auto';
    one.onerror = () => done(null);
    one.onloadeddata = () => {
      const picture = one.videoWidth ? fields(one, one.videoWidth, one.videoHeight) : null;
      done({width: one.videoWidth || null, height: one.videoHeight || null, seconds: one.duration,
            fields: picture});
    };
    one.src = name;
  });
}"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cases, and pictures and films of every turn, shape of pixel and kind of colours."""
    folder = tmp_path_factory.mktemp("shown")
    for path in CASES.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    picture, profile = four_colours(), Image.open(CASES / "icc_swapped.jpg").info["icc_profile"]
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[274] = orientation
        picture.save(folder / f"turned{orientation}.jpg", exif=exif, quality=95)
    for ending in ("png", "webp", "avif"):
        exif = Image.Exif()
        exif[274] = 6
        picture.save(folder / f"exif.{ending}", exif=exif)
        picture.save(folder / f"profile.{ending}", icc_profile=profile)
    picture.convert("L").save(folder / "grey.jpg", icc_profile=profile)
    picture.convert("CMYK").save(folder / "print.jpg", quality=95)
    picture.convert("P").save(folder / "palette.png", icc_profile=profile)
    write_film(folder / "level.mp4", picture)
    write_film(folder / "wide.mp4", picture, Fraction(4, 3))
    write_film(folder / "tall.mp4", picture, Fraction(3, 4))
    write_film(folder / "high.mp4", four_colours((1280, 720)))
    for name, matrix in MATRICES.items():
        turn_film(folder / "level.mp4", matrix, folder / f"film-{name}.mp4")
    return folder


MATRICES = {
    "right": (0, 1, -1, 0),
    "over": (-1, 0, 0, -1),
    "left": (0, -1, 1, 0),
    "mirrored": (-1, 0, 0, 1),
    "flipped": (1, 0, 0, -1),
    "transposed": (0, 1, 1, 0),
    "transversed": (0, -1, -1, 0),
}


def four_colours(size: tuple[int, int] = (320, 200)) -> Image.Image:
    picture = Image.new("RGB", size, (200, 30, 30))
    width, height = size
    picture.paste((30, 180, 30), (width // 2, 0, width, height // 2))
    picture.paste((30, 30, 200), (0, height // 2, width // 2, height))
    picture.paste((220, 220, 40), (width // 2, height // 2, width, height))
    return picture


def write_film(path: Path, picture: Image.Image, aspect: Fraction | None = None) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=12, options={"preset": "ultrafast", "crf": "10"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = picture.size
        stream.pix_fmt = "yuv420p"
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        for _number in range(12):
            frame: av.VideoFrame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def turn_film(path: Path, matrix: tuple[int, int, int, int], into: Path) -> None:
    """Write the matrix into the header of the film's track."""
    whole = path.read_bytes()
    level = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    a, b, c, d = (value * 65536 for value in matrix)
    at = whole.index(level, whole.index(b"tkhd"))
    turned = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    into.write_bytes(whole[:at] + turned + whole[at + 36 :])


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def address(made: Path) -> Iterator[str]:
    (made / "index.html").write_text("<!doctype html><title>Files</title><link rel=icon href=data:,>")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(made)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


@pytest.mark.browser
def test_what_chromium_shows_is_what_the_portal_measures_and_puts_on_posters(
    page: Page, address: str, made: Path, tmp_path: Path
) -> None:
    page.goto(address)
    shown, differing = 0, []
    for path in sorted(made.iterdir()):
        if path.suffix in (".md", ".html"):
            continue
        seen = page.evaluate(_SHOWN, [path.name, GRID])
        examined = examine(path, into=tmp_path / f"{path.name}.webp")
        facts = examined.facts
        if seen is None or (facts.role == "video" and seen["width"] is None):
            if facts.plays:
                differing.append(f"{path.name}: Chromium does not show it")
            continue
        shown += 1
        if found := list(_differences(seen, facts, examined.poster)):
            # On a busy machine the first frame may come a moment after the browser says it is there.
            found = list(_differences(page.evaluate(_SHOWN, [path.name, GRID]), facts, examined.poster))
        differing += [f"{path.name}: {text}" for text in found]
    assert differing == []
    assert shown > 40


def _differences(seen: dict[str, Any], facts: Any, poster: Path | None) -> Iterator[str]:
    if (seen["width"], seen["height"]) != (facts.width, facts.height):
        yield f"sides {facts.width} × {facts.height}, on the page {seen['width']} × {seen['height']}"
    # Chromium guesses the length of MPEG sound from its first second.
    nearly = 0.1 if facts.format in ("mp3", "aac") else 0.01
    if facts.seconds is not None and abs(facts.seconds - seen["seconds"]) > nearly * seen["seconds"]:
        yield f"{facts.seconds} seconds, on the page {seen['seconds']}"
    if poster is not None and seen["fields"] is not None:
        farthest = _farthest(poster, seen["fields"])
        if farthest > TOLERANCE:
            yield f"the poster's colours are off by {farthest:.0f}"


def _farthest(poster: Path, fields: list[list[float]]) -> float:
    """The largest difference of a colour between a field of the poster and the same one of the page."""
    with Image.open(poster) as opened:
        picture = opened.convert("RGB")
    width, height = picture.size
    found: list[float] = []
    for number, wanted in enumerate(fields):
        across, down = number % GRID, number // GRID
        left, top = width * (across + 0.25) / GRID, height * (down + 0.25) / GRID
        box = (round(left), round(top), round(left + width / GRID / 2), round(top + height / GRID / 2))
        mean: Any = picture.crop(box).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
        found.append(max(abs(mean[part] - wanted[part]) for part in range(3)))
    return max(found)
