"""Names of people, products and files: every door takes and shows them by these rules.

Letters of every script keep what belongs to them: vowel signs and other marks, and the joiners by which
Persian or Hindi words are spelled. Characters that show nothing are no name.
"""

from __future__ import annotations

import re
import unicodedata

# Of a file, in characters; file systems take 255 bytes, which `download_name` minds.
NAME_LENGTH = 200
_NAME_BYTES = 180
# Left-to-right and right-to-left marks, overrides and isolates, and the byte-order mark: with them
# "fdp.exe" can be made to read "exe.pdf".
_DIRECTION = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
# Letters and symbols that are drawn as nothing.
_BLANK = set("\u115f\u1160\u2800\u3164\uffa0")
# Zero-width non-joiner and joiner.
_JOINERS = "\u200c\u200d"
_LINE_ENDS = ("Cc", "Cs", "Zl", "Zp")


def clean_name(text: str) -> str:
    """The text in one line, without control and direction characters; empty when it shows nothing."""
    composed = unicodedata.normalize("NFC", text).translate(_DIRECTION)
    seen = "".join(" " if unicodedata.category(sign) in _LINE_ENDS else sign for sign in composed)
    line = " ".join(seen.split())
    return line if shows(line) else ""


def shows(text: str) -> bool:
    """Whether anything of the text can be seen."""
    return any(unicodedata.category(sign)[0] in "LNPS" and sign not in _BLANK for sign in text)


def safe_name(name: str) -> str:
    """A file's name as it came with its bytes, made safe: no path, nothing hidden, at most 200 long."""
    # Browsers write a form's quotes and line ends so.
    plain = re.sub("%22", '"', re.sub("%0[AD]", " ", name, flags=re.IGNORECASE))
    line = clean_name(re.split(r"[/\\]", plain)[-1])
    stem, dot, ending = line.rpartition(".")
    if not dot:
        return _cut(line, NAME_LENGTH) or "file"
    stem = stem.strip(". ")
    kept = _cut(stem, NAME_LENGTH - len(ending[:20]) - 1).rstrip() if shows(stem) else "file"
    return f"{kept}.{ending[:20]}"


def download_name(title: str, *, fallback: str) -> str:
    """A title as the beginning of a file name: small letters of any script, joined by hyphens."""
    composed = unicodedata.normalize("NFC", title).lower()
    kept = "".join(_in_file_name(sign) for sign in composed)
    joined = re.sub(r"[-\s]+", "-", kept).strip("-_" + _JOINERS)
    short = cut_to_bytes(_cut(joined, 100), _NAME_BYTES)
    return short.strip("-_") if shows(short) else fallback


def cut_to_bytes(text: str, most: int) -> str:
    """The beginning of a text in at most so many bytes of UTF-8; no letter without what belongs to it."""
    while len(text.encode()) > most:
        text = _cut(text, len(text) - 1)
    return text


def ascii_name(name: str) -> str:
    """What a program that knows ASCII alone is offered for a file's name; the ending stays."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    stem, dot, ending = plain.rpartition(".")
    stem = re.sub(r"[^\w .,()'-]", "", stem if dot else ending).strip(" -_.")
    kept = stem if re.search("[A-Za-z]", stem) else "file"
    return f"{kept}.{ending}" if dot and ending.isalnum() else kept


def _in_file_name(sign: str) -> str:
    if sign in _JOINERS or sign == "_":
        return sign
    if sign.isspace() or sign == "-":
        return "-"
    return sign if unicodedata.category(sign)[0] in "LMN" and sign not in _BLANK else ""


def _cut(text: str, length: int) -> str:
    """At most so many characters, and no letter without what belongs to it."""
    while 0 < length < len(text) and (
        text[length] in _JOINERS or unicodedata.category(text[length])[0] == "M"
    ):
        length -= 1
    return text[:length]
