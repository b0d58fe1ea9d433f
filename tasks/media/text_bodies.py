"""Bodies that are an answer of some server in words, and no file at all."""

from __future__ import annotations

import codecs
import json
from pathlib import Path

_HEAD_BYTES = 64 * 1024
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SPACE = "\t\n\r\f"


def foreign_content(path: Path) -> str:
    """ "HTML", "XML", "JSON" or "text" for a body that is words from beginning to end; empty for others."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    words = _as_words(head)
    if not words:
        return ""
    if words.startswith("<"):
        is_page = any(mark in words[:1024].lower() for mark in ("<html", "<!doctype html", "<head", "<body"))
        return "HTML" if is_page else "XML"
    if words.startswith(("{", "[")) and _is_json(words, is_all=len(head) < _HEAD_BYTES):
        return "JSON"
    return "text" if len(head) < _HEAD_BYTES else ""


def _as_words(head: bytes) -> str:
    """The beginning as text without white space before it; empty when it holds what no text does."""
    encoding = "utf-16" if head.startswith(_MARKS[1:]) else "utf-8-sig"
    try:
        # The last sign may be cut in two.
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return ""
    return text.strip() if all(sign.isprintable() or sign in _SPACE for sign in text) else ""


def _is_json(words: str, *, is_all: bool) -> bool:
    if not is_all:
        return True
    try:
        json.loads(words)
    except (ValueError, RecursionError):
        return False
    return True
