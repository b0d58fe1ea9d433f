"""Where a file ends by its own headers. Decoders forgive a missing end; the portal does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from tasks.media.formats import Format

# Who writes a stream cannot go back, and leaves 0 or one of many sizes near the largest possible.
_STREAMED_SIZE = 0x7FFF_0000
# Top-level atoms of an honest film are few; a fragmented one has two for each fragment.
_MOST_ATOMS = 200_000
# The atoms without which nothing can be played; others may be cut, and what is none of any kind is a tag
# that some program has put behind the film.
_NEEDED_ATOMS = (b"moov", b"mdat", b"moof")
_END_OF_JPEG, _TAIL_BYTES = b"\xff\xd9", 64 * 1024


def is_cut_off(path: Path, known: Format) -> bool:
    """Whether the film, the samples or the picture reach beyond the end of the file."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if known.reader == "mov":
            return any(name in _NEEDED_ATOMS and end > size for name, end in _atoms(file, size))
        if known.name == "wav":
            return any(name == b"data" and _reaches(length, end, size) for name, length, end in _chunks(file))
        if known.name in ("avi", "webp"):
            promised = int.from_bytes(file.read(8)[4:8], "little")
            # The pad byte of the last chunk is often forgotten, and read by nobody.
            return _reaches(promised, promised + 8 - 1, size)
    return False


def _reaches(length: int, end: int, size: int) -> bool:
    return 0 < length < _STREAMED_SIZE and end > size


def end_of(path: Path, known: Format) -> int | None:
    """The offset behind the last byte that is the format's own; None where nobody can tell."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if known.reader == "mov":
            return max((end for _name, end in _atoms(file, size) if end <= size), default=None)
        if known.name in ("avi", "wav", "webp"):
            promised = int.from_bytes(file.read(8)[4:8], "little")
            return promised + 8 if 0 < promised < _STREAMED_SIZE else None
        if known.name == "png":
            return next((end for name, end in _png_chunks(file) if name == b"IEND"), None)
        if known.name == "jpg":
            start = max(0, size - _TAIL_BYTES)
            file.seek(start)
            at = file.read().rfind(_END_OF_JPEG)
            return start + at + len(_END_OF_JPEG) if at >= 0 else None
    return None


def _atoms(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    """Names and ends of the outermost atoms. A length of 0 means "to the end"; a broken one ends the walk."""
    at = 0
    for _ in range(_MOST_ATOMS):
        file.seek(at)
        header = file.read(16)
        length, name = int.from_bytes(header[:4], "big"), header[4:8]
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        if length == 0 and len(header) >= 8:
            yield name, size
        if length < 8 or len(header) < 8:
            return
        at += length
        yield name, at


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Names, lengths and ends of a RIFF file's chunks, as far as they lie in the file."""
    at = 12
    for _ in range(_MOST_ATOMS):
        file.seek(at)
        header = file.read(8)
        if len(header) < 8:
            return
        length = int.from_bytes(header[4:8], "little")
        yield header[:4], length, at + 8 + length
        at += 8 + length + length % 2


def _png_chunks(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Names and ends of a PNG's chunks, as far as they lie in the file."""
    at = 8
    for _ in range(_MOST_ATOMS):
        file.seek(at)
        header = file.read(8)
        if len(header) < 8:
            return
        at += 12 + int.from_bytes(header[:4], "big")
        yield header[4:8], at
