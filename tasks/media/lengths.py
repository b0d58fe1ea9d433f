"""Whether a file is as long as its own headers say. Decoders forgive a missing end; the portal does not."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from tasks.media.formats import Format

# A RIFF writer that could not go back leaves one of these as the size.
_UNKNOWN_SIZES = (0, 0xFFFFFFFF)
# Top-level atoms of an honest film are few; a fragmented one has two for each fragment.
_MOST_ATOMS = 200_000


def is_cut_off(path: Path, known: Format) -> bool:
    """Whether the outermost boxes of an MP4, MOV, AVI, WAV or WebP reach beyond the end of the file."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if known.reader == "mov":
            return _atoms_reach_beyond(file, size)
        if known.name in ("avi", "wav", "webp"):
            promised = int.from_bytes(file.read(8)[4:8], "little")
            return promised not in _UNKNOWN_SIZES and promised + 8 > size
    return False


def _atoms_reach_beyond(file: BinaryIO, size: int) -> bool:
    """Walk the atoms. A length of 0 means "to the end"; a broken one is left to the decoder."""
    at = 0
    for _ in range(_MOST_ATOMS):
        file.seek(at)
        header = file.read(16)
        if len(header) < 8:
            return False
        length = int.from_bytes(header[:4], "big")
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        if length < 8:
            return False
        at += length
        if at > size:
            return True
    return False
