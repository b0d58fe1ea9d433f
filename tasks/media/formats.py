"""The formats the portal handles, told by their first bytes.

Upload formats: operation getUploadCredential of the contract, and avi, which TopView's own client sends.
The others may come back as results, or are brought by people and converted on arrival, see `conversion`.
"""

from __future__ import annotations

from dataclasses import dataclass

import puremagic

from tasks.media.facts import Role

HEAD_BYTES = 4096


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
    Format("mp4", "video/mp4", "video", "mov", ("mp4", "mov", "m4v")),
    Format("mov", "video/quicktime", "video", "mov", ("mov", "mp4")),
    Format("3gp", "video/3gpp", "video", "mov", ("3gp", "3g2", "3gpp", "mp4")),
    Format("m4a", "audio/mp4", "audio", "mov", ("m4a", "mp4", "m4b")),
    Format("avi", "video/x-msvideo", "video", "avi", ("avi",)),
    Format("webm", "video/webm", "video", "matroska", ("webm", "mkv")),
    Format("mkv", "video/x-matroska", "video", "matroska", ("mkv", "webm")),
    Format("ogv", "video/ogg", "video", "ogg", ("ogv", "ogg")),
    Format("ogg", "audio/ogg", "audio", "ogg", ("ogg", "oga", "opus")),
    Format("mp3", "audio/mpeg", "audio", "mp3", ("mp3",)),
    Format("wav", "audio/wav", "audio", "wav", ("wav",)),
    Format("aac", "audio/aac", "audio", "aac", ("aac",)),
    Format("flac", "audio/flac", "audio", "flac", ("flac",)),
    Format("aiff", "audio/aiff", "audio", "aiff", ("aiff", "aif", "aifc")),
    Format("png", "image/png", "image", "PNG", ("png",)),
    Format("jpg", "image/jpeg", "image", "JPEG", ("jpg", "jpeg", "jfif")),
    Format("bmp", "image/bmp", "image", "BMP", ("bmp",)),
    Format("webp", "image/webp", "image", "WEBP", ("webp",)),
    Format("gif", "image/gif", "image", "GIF", ("gif",)),
    Format("avif", "image/avif", "image", "AVIF", ("avif",)),
    Format("heic", "image/heic", "image", "HEIF", ("heic", "heif")),
    Format("tiff", "image/tiff", "image", "TIFF", ("tif", "tiff")),
)
# Of which no usual browser shows anything.
SHOWN_BY_NONE = frozenset({"avi", "aiff", "heic", "tiff"})
FORMATS = {one.name: one for one in _ALL}
INLINE_MEDIA_TYPES = frozenset(one.media_type for one in _ALL if one.name not in SHOWN_BY_NONE)

_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"OggS", "ogg"),
    (b"fLaC", "flac"),
    (b"ID3", "mp3"),
)
_RIFF_KINDS = {b"WEBP": "webp", b"WAVE": "wav", b"AVI ": "avi"}
_FORM_KINDS = {b"AIFF": "aiff", b"AIFC": "aiff"}
_QUICKTIME_ATOMS = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
# Brands of the container that MP4 shares with pictures and others; a name of four signs, or its beginning.
_BRANDS = (
    (b"qt  ", "mov"),
    (b"M4A ", "m4a"),
    (b"M4B ", "m4a"),
    (b"3g", "3gp"),
    (b"avif", "avif"),
    (b"avis", "avif"),
    (b"heic", "heic"),
    (b"heix", "heic"),
    (b"heim", "heic"),
    (b"hevc", "heic"),
    (b"mif1", "heic"),
    (b"msf1", "heic"),
    (b"crx ", None),  # raw pictures of cameras
)


def sniff(head: bytes) -> Format | None:
    """The format whose signature the first bytes carry, whatever the name or the browser said."""
    name = next((name for start, name in _STARTS if head.startswith(start)), None)
    for told in (_chunked, _film, _matroska, _bitmap, _bare_audio):
        name = name or told(head)
    return FORMATS[name] if name else None


def _chunked(head: bytes) -> str | None:
    return {b"RIFF": _RIFF_KINDS, b"FORM": _FORM_KINDS}.get(head[:4], {}).get(head[8:12])


def _film(head: bytes) -> str | None:
    atom, brand = head[4:8], head[8:12]
    if atom != b"ftyp":
        return "mov" if atom in _QUICKTIME_ATOMS else None
    if brand == b"mif1" and b"avif" in head[16 : int.from_bytes(head[:4], "big")]:
        return "avif"
    return next((name for start, name in _BRANDS if brand.startswith(start)), "mp4")


def _matroska(head: bytes) -> str | None:
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    return "mkv" if b"matroska" in head[:64] else "webm"


def _bitmap(head: bytes) -> str | None:
    """Two letters are a weak sign, so the sizes of the header that follows must be ones that exist."""
    header_size = int.from_bytes(head[14:18], "little")
    return "bmp" if head.startswith(b"BM") and header_size in (12, 40, 108, 124) else None


def _bare_audio(head: bytes) -> str | None:
    """An MPEG audio frame without a tag before it, after zeros at most: sync bits, no reserved values."""
    head = head.lstrip(b"\0")
    if len(head) < 4 or head[0] != 0xFF:
        return None
    if head[1] & 0xF6 == 0xF0:
        return "aac" if head[2] & 0x3C < 13 << 2 else None
    if head[1] & 0xE6 != 0xE2 or head[1] & 0x18 == 0x08:
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
