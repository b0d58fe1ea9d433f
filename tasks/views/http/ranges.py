"""The Range header, as RFC 9110 section 14 has it, for one range."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.http import HttpRequest

# A player's open end is answered with this much: paused, it then holds no thread of the server for long.
OPEN_END_BYTES = 2 * 1024 * 1024
_SINGLE = re.compile(r"bytes=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.ASCII | re.IGNORECASE)


class NotSatisfiable(Exception):
    """The range lies outside the file: answer 416 with the size."""


@dataclass(frozen=True)
class Part:
    """Bytes from `start` up to, not including, `stop`."""

    start: int
    stop: int

    @property
    def length(self) -> int:
        return self.stop - self.start

    def content_range(self, size: int) -> str:
        """The header's value; its last number is the last byte, not the one after it."""
        return f"bytes {self.start}-{self.stop - 1}/{size}"


def is_beginning(request: HttpRequest) -> bool:
    """Whether a download begins, and is not resumed."""
    return request.method == "GET" and request.headers.get("Range", "bytes=0-").startswith("bytes=0-")


def parse_range(header: str, size: int, *, open_end: int | None = None) -> Part | None:
    """The part of a file of `size` bytes that is asked for; an open end gets at most `open_end` bytes.

    None when the header asks for nothing we understand, such as several ranges: the whole file is then the
    right answer. Raises NotSatisfiable.
    """
    found = _SINGLE.fullmatch(header)
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        # So many of the last bytes.
        if int(last) == 0 or size == 0:
            raise NotSatisfiable
        return Part(max(0, size - int(last)), size)
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= size:
        raise NotSatisfiable
    if last:
        return Part(start, min(size, int(last) + 1))
    return Part(start, size if open_end is None else min(size, start + open_end))
