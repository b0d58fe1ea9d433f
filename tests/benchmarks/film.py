"""A film of any length that nothing can be seen in, as the body of an upload and as a file."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path

_PIECE = 256 * 1024
_BOUNDARY = "a-line-between-parts"
_HEAD = (
    f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="film.mp4"\r\n'
    "Content-Type: video/mp4\r\n\r\n"
).encode()
_END = f"\r\n--{_BOUNDARY}--\r\n".encode()
_TYPE = struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"isom", 512, b"isom", b"mp41")


class Film:
    """The body of a form with one file of `size` bytes, which no other one is equal to."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.headers = {
            "Accept": "application/json",
            "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
            "Content-Length": str(len(_HEAD) + size + len(_END)),
        }

    def __iter__(self) -> Iterator[bytes]:
        yield _HEAD
        yield from pieces(self._size)
        yield _END


def write_film(path: Path, size: int) -> None:
    """The same as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.writelines(pieces(size))


def pieces(size: int) -> Iterator[bytes]:
    """An MP4's first box, and a second one that holds all the rest."""
    yield _TYPE + struct.pack(">I4s", size - len(_TYPE), b"mdat")
    piece, left = os.urandom(_PIECE), size - len(_TYPE) - 8
    while left > 0:
        yield piece[:left]
        left -= len(piece)
