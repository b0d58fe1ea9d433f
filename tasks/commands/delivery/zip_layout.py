"""Where every byte of a ZIP stands before one of it is made, so that any part can be sent by itself.

Entries are stored, not compressed: films do not get smaller. Their sizes and CRC-32 are known, so nothing of
an archive depends on what was written before. Names are UTF-8. ZIP64 is used where a number is too large for
the plain format, and nowhere else, since old programs do not read it. See PKWARE's APPNOTE 6.3.10.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

# What says in a field that the number stands in the ZIP64 part.
_MAX_16, _MAX_32 = 0xFFFF, 0xFFFF_FFFF
_LOCAL, _CENTRAL = 0x0403_4B50, 0x0201_4B50
_END, _END_64, _LOCATOR_64 = 0x0605_4B50, 0x0606_4B50, 0x0706_4B50
# Version of the format that is needed to read it.
_PLAIN, _ZIP64 = 20, 45
_UNIX = 3 << 8
_UTF8_NAMES = 0x0800
_STORED = 0
# A regular file that its owner may write and everybody read, as Unix has it.
_RIGHTS = 0o100644 << 16
_ZIP64_TAG = 0x0001


class Entry(NamedTuple):
    """A file of the archive: its name, its length in bytes, and the CRC-32 of them."""

    name: str
    size: int
    crc32: int


@dataclass(frozen=True, slots=True)
class FilePart:
    """Bytes of the entry with that index, from `start` up to, not including, `stop` of it."""

    index: int
    start: int
    stop: int


class ZipLayout:
    """An archive of these entries, all of which were changed last at `modified`."""

    def __init__(self, entries: Sequence[Entry], modified: datetime) -> None:
        self._entries = entries
        self._stamp = _dos_time(modified)
        # Where the header of each entry begins; then where the directory does.
        self._offsets = [0]
        for entry in entries:
            self._offsets.append(self._offsets[-1] + len(self._header(entry)) + entry.size)
        self._directory_size = sum(
            len(self._listed(entry, offset)) for entry, offset in zip(entries, self._offsets, strict=False)
        )
        self.size = self._offsets[-1] + self._directory_size + len(self._end())

    def parts(self, start: int, stop: int) -> Iterator[bytes | FilePart]:
        """The bytes from `start` up to `stop` in order: as they are, or as parts of entries' files."""
        index = bisect_right(self._offsets, start) - 1
        for entry, offset in zip(self._entries[index:], self._offsets[index:], strict=False):
            if offset >= stop:
                return
            header = self._header(entry)
            if piece := header[max(0, start - offset) : stop - offset]:
                yield piece
            first = offset + len(header)
            begin, end = max(start - first, 0), min(stop - first, entry.size)
            if begin < end:
                yield FilePart(index, begin, end)
            index += 1
        directory = self._offsets[-1]
        if stop > directory:
            yield from self._tail(max(0, start - directory), stop - directory)

    def _tail(self, start: int, stop: int) -> Iterator[bytes]:
        """The part of the directory and of what ends the archive."""
        at = 0
        for entry, offset in zip(self._entries, self._offsets, strict=False):
            record = self._listed(entry, offset)
            if piece := record[max(0, start - at) : max(0, stop - at)]:
                yield piece
            at += len(record)
        if piece := self._end()[max(0, start - at) : max(0, stop - at)]:
            yield piece

    def _header(self, entry: Entry) -> bytes:
        name, size = entry.name.encode(), entry.size
        extra = b""
        if size >= _MAX_32:
            # Both sizes, as the format demands of a local header.
            extra, size = struct.pack("<HHQQ", _ZIP64_TAG, 16, size, size), _MAX_32
        fields = (*self._common(is_large=bool(extra)), entry.crc32, size, size, len(name), len(extra))
        return struct.pack("<IHHHHHIIIHH", _LOCAL, *fields) + name + extra

    def _common(self, *, is_large: bool) -> tuple[int, ...]:
        time, date = self._stamp
        return _ZIP64 if is_large else _PLAIN, _UTF8_NAMES, _STORED, time, date

    def _listed(self, entry: Entry, offset: int) -> bytes:
        """The entry as the directory has it."""
        name, size, place, large = entry.name.encode(), entry.size, offset, b""
        if size >= _MAX_32:
            large, size = struct.pack("<QQ", size, size), _MAX_32
        if place >= _MAX_32:
            large, place = large + struct.pack("<Q", place), _MAX_32
        extra = struct.pack("<HH", _ZIP64_TAG, len(large)) + large if large else b""
        version = _ZIP64 if large else _PLAIN
        sizes = entry.crc32, size, size, len(name), len(extra)
        fields = _UNIX | version, *self._common(is_large=bool(large)), *sizes, 0, 0, 0, _RIGHTS, place
        return struct.pack("<IHHHHHHIIIHHHHHII", _CENTRAL, *fields) + name + extra

    def _end(self) -> bytes:
        count, size, offset = len(self._entries), self._directory_size, self._offsets[-1]
        large = b""
        if count >= _MAX_16 or size >= _MAX_32 or offset >= _MAX_32:
            versions = _UNIX | _ZIP64, _ZIP64
            large = struct.pack("<IQHHIIQQQQ", _END_64, 44, *versions, 0, 0, count, count, size, offset)
            large += struct.pack("<IIQI", _LOCATOR_64, 0, offset + size, 1)
        shown = min(count, _MAX_16)
        numbers = shown, shown, min(size, _MAX_32), min(offset, _MAX_32)
        return large + struct.pack("<IHHHHIIH", _END, 0, 0, *numbers, 0)


def _dos_time(moment: datetime) -> tuple[int, int]:
    """Time and date as the format has them, in UTC; its years are 1980 to 2107, its seconds even."""
    at = moment.astimezone(UTC)
    year = min(max(at.year, 1980), 2107)
    return at.hour << 11 | at.minute << 5 | at.second // 2, (year - 1980) << 9 | at.month << 5 | at.day
