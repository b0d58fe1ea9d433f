"""A renderer for tests that don't look at the pictures: right shapes, no encoding."""

import struct
import zlib
from pathlib import Path
from typing import Any

from tasks.sandbox.render import Rendered, RenderError, RenderJob

SPOKEN = ("speech", "voice-sample", "music")
DRAWN = ("picture", "still", "cutout")


class Sketch:
    """Remembers the jobs it was given. `broken` makes every render fail."""

    def __init__(self) -> None:
        self.jobs: list[RenderJob] = []
        self.broken = False
        self.closed = False

    def render(self, job: RenderJob) -> list[Rendered]:
        self.jobs.append(job)
        if self.broken:
            raise RenderError("The picture can't be read.")
        return [self._one(job, number) for number in range(job.count)]

    def catalog_media(self, kind: str, entry: dict[str, Any], name: str, into: Path) -> Path:
        path = into / name
        path.write_bytes(png() if path.suffix == ".png" else f"{kind} {name}".encode())
        return path

    def close(self) -> None:
        self.closed = True

    def _one(self, job: RenderJob, number: int) -> Rendered:
        seconds = job.seconds or 3.0
        if job.product in DRAWN:
            path = job.into / f"{number}.png"
            path.write_bytes(png())
            return Rendered(path, "image", 8, 8, None, "image/png")
        if job.product in SPOKEN:
            path = job.into / f"{number}.mp3"
            path.write_bytes(b"ID3" + bytes(5000))
            return Rendered(path, "audio", None, None, seconds, "audio/mpeg")
        path = job.into / f"{number}.mp4"
        path.write_bytes(b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 40)
        return Rendered(path, "video", 720, 1280, seconds, "video/mp4")


def png(side: int = 8) -> bytes:
    """A small grey picture."""
    rows = b"".join(b"\0" + b"\x80" * side for _ in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
