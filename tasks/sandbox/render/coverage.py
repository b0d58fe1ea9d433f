"""Which characters a font file has, read from its `cmap` table (OpenType specification, formats 4 and 12).

Pillow draws a box for a missing character and can't be asked beforehand.
"""

import struct
from collections.abc import Iterator
from pathlib import Path


def characters_of(path: Path) -> frozenset[int]:
    """The Unicode numbers that the font maps to a glyph."""
    data = path.read_bytes()
    start = _table(data, b"cmap")
    (count,) = struct.unpack_from(">H", data, start + 2)
    covered: set[int] = set()
    for index in range(count):
        (offset,) = struct.unpack_from(">I", data, start + 4 + index * 8 + 4)
        covered.update(_subtable(data, start + offset))
    return frozenset(covered)


def _table(data: bytes, tag: bytes) -> int:
    (count,) = struct.unpack_from(">H", data, 4)
    for index in range(count):
        name, _checksum, offset, _length = struct.unpack_from(">4sIII", data, 12 + index * 16)
        if name == tag:
            return int(offset)
    raise ValueError(f"The font has no table {tag!r}.")


def _subtable(data: bytes, start: int) -> Iterator[int]:
    """The characters of a subtable in format 4 (segments) or 12 (groups); none of one in another format."""
    (kind,) = struct.unpack_from(">H", data, start)
    if kind == 4:
        (twice,) = struct.unpack_from(">H", data, start + 6)
        layout = f">{twice // 2}H"
        lasts = struct.unpack_from(layout, data, start + 14)
        firsts = struct.unpack_from(layout, data, start + 16 + twice)
        for first, last in zip(firsts, lasts, strict=True):
            if first != 0xFFFF:
                yield from range(first, last + 1)
    elif kind == 12:
        (count,) = struct.unpack_from(">I", data, start + 12)
        for index in range(count):
            first, last, _glyph = struct.unpack_from(">III", data, start + 16 + index * 12)
            yield from range(first, last + 1)
