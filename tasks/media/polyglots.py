"""Whether a file is also something else: a page or an archive put behind a picture or a film."""

from __future__ import annotations

from pathlib import Path

from tasks.media.formats import HEAD_BYTES, sniff
from tasks.media.lengths import end_of

# A ZIP's directory ends with this record, at most this far from the end of the file.
_ZIP_END, _ZIP_END_BYTES, _ZIP_TAIL = b"PK\x05\x06", 22, 66_000
_MARKUP = (b"<!doctype html", b"<html", b"<script", b"<svg", b"<iframe", b"<?php")


def hidden_content(path: Path) -> str:
    """What a file of two natures also is ("HTML", "PDF", "ZIP"); empty for an honest one.

    Markup inside of the format's own bounds is metadata, and no browser runs it.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        file.seek(max(0, size - _ZIP_TAIL))
        tail = file.read(_ZIP_TAIL)
    known = sniff(head)
    end = end_of(path, known) if known else 0
    # Nothing is behind the format's own end where nobody knows that.
    behind = b"" if end is None or end >= size else tail[end - size :][-HEAD_BYTES:]
    if any(mark in behind.lower() for mark in _MARKUP):
        return "HTML"
    if b"%PDF-" in head[:1024]:
        return "PDF"
    return "ZIP" if _ends_as_zip(tail) else ""


def _ends_as_zip(tail: bytes) -> bool:
    """Whether the end-of-directory record is there and its comment reaches exactly to the end."""
    at = tail.rfind(_ZIP_END)
    if at < 0 or len(tail) - at < _ZIP_END_BYTES:
        return False
    comment = int.from_bytes(tail[at + 20 : at + 22], "little")
    return at + _ZIP_END_BYTES + comment == len(tail)
