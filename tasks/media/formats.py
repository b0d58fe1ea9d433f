"""The formats the portal handles, told by their first bytes.

Upload formats: operation getUploadCredential of the contract, and avi, which TopView's own client sends.
webm and gif may come back as results only.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import puremagic

from tasks.media.facts import Role

HEAD_BYTES = 4096
# A ZIP's directory ends with this record, at most this far from the end of the file.
_ZIP_END, _ZIP_END_BYTES, _ZIP_TAIL = b"PK\x05\x06", 22, 66_000
_MARKUP = (b"<!doctype html", b"<html", b"<script", b"<svg", b"<iframe", b"<?php")


@dataclass(frozen=True)
class Format:
    """One format: its media type, and the reader in which it is opened. No other reader is ever tried."""

    name: str
    media_type: str
    role: Role
    reader: str
    """The demuxer of FFmpeg, or Pillow's name of the format for pictures."""
    extensions: tuple[str, ...]
    """Extensions that agree with this content."""


_ALL = (
    Format("mp4", "video/mp4", "video", "mov", ("mp4", "mov")),
    Format("mov", "video/quicktime", "video", "mov", ("mov", "mp4")),
    Format("m4a", "audio/mp4", "audio", "mov", ("m4a", "mp4")),
    Format("avi", "video/x-msvideo", "video", "avi", ("avi",)),
    Format("webm", "video/webm", "video", "matroska", ("webm",)),
    Format("mp3", "audio/mpeg", "audio", "mp3", ("mp3",)),
    Format("wav", "audio/wav", "audio", "wav", ("wav",)),
    Format("png", "image/png", "image", "PNG", ("png",)),
    Format("jpg", "image/jpeg", "image", "JPEG", ("jpg", "jpeg")),
    Format("bmp", "image/bmp", "image", "BMP", ("bmp",)),
    Format("webp", "image/webp", "image", "WEBP", ("webp",)),
    Format("gif", "image/gif", "image", "GIF", ("gif",)),
)
FORMATS = {one.name: one for one in _ALL}
INLINE_MEDIA_TYPES = frozenset(one.media_type for one in _ALL)
UPLOAD_EXTENSIONS = ("mp4", "mov", "avi", "png", "jpg", "jpeg", "bmp", "webp", "mp3", "wav", "m4a")

_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"\x1a\x45\xdf\xa3", "webm"),
    (b"ID3", "mp3"),
)
_RIFF_KINDS = {b"WEBP": "webp", b"WAVE": "wav", b"AVI ": "avi"}
_QUICKTIME_ATOMS = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
# Pictures and others that share the container of MP4.
_NOT_FILMS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"crx ")


def sniff(head: bytes) -> Format | None:
    """The format whose signature the first bytes carry, whatever the name or the browser said."""
    name = next((name for start, name in _STARTS if head.startswith(start)), None)
    name = name or _riff(head) or _film(head) or _bitmap(head) or _bare_mp3(head)
    return FORMATS[name] if name else None


def _riff(head: bytes) -> str | None:
    return _RIFF_KINDS.get(head[8:12]) if head.startswith(b"RIFF") else None


def _film(head: bytes) -> str | None:
    atom, brand = head[4:8], head[8:12]
    if atom == b"ftyp":
        if brand in _NOT_FILMS:
            return None
        return {b"qt  ": "mov", b"M4A ": "m4a", b"M4B ": "m4a"}.get(brand, "mp4")
    return "mov" if atom in _QUICKTIME_ATOMS else None


def _bitmap(head: bytes) -> str | None:
    """Two letters are a weak sign, so the sizes of the header that follows must be ones that exist."""
    header_size = int.from_bytes(head[14:18], "little")
    return "bmp" if head.startswith(b"BM") and header_size in (12, 40, 108, 124) else None


def _bare_mp3(head: bytes) -> str | None:
    """An MPEG audio frame without a tag before it: sync bits, layer III, no reserved values."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2 or head[1] & 0x18 == 0x08:
        return None
    return "mp3" if head[2] & 0xF0 not in (0x00, 0xF0) and head[2] & 0x0C != 0x0C else None


def describe(head: bytes) -> str:
    """A short word for what unknown bytes seem to be ("HTML", "ZIP"); empty when nobody knows."""
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return ""
    best = max(found, key=lambda match: match.confidence)
    return best.extension.lstrip(".").upper() if best.confidence >= 0.4 else ""


def hidden_content(path: Path) -> str:
    """What a file of two natures also is ("HTML", "PDF", "ZIP"); empty for an honest one."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        file.seek(max(0, path.stat().st_size - _ZIP_TAIL))
        tail = file.read(_ZIP_TAIL)
    if any(mark in part.lower() for mark in _MARKUP for part in (head, tail[-HEAD_BYTES:])):
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
