"""How files are called that leave the portal: by a pattern, and fit for every file system."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from tasks.names import cut_to_bytes, download_name

# In bytes of UTF-8: of a file, side-cars included.
LONGEST_FILE_NAME = 120
# What a pattern may name beside its own signs, each once. The piece must stand in it.
FIELDS = ("piece", "n", "language", "ratio", "date")
_FIELD = re.compile(r"\{(\w*)\}")
# Letters and digits of every script, and signs that no file system minds.
_PLAIN = re.compile(r"[\w .,()+-]*")
# Windows opens a device by such a name, whatever its ending.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³")}
# What side-cars add to the name of their file, at most, with the number that sets equal names apart.
_RESERVE = len("-comments.csv") + len("-9999")
# What stands in a pattern beside its fields, and the value of one field, in bytes: some room is the title's.
_MOST_PLAIN, _MOST_VALUE = 40, 20
_EMPTY = "\0"


def problem_of(pattern: str) -> str | None:
    """What is wrong with a pattern: "piece", "field", "sign" or "length"; None when it can be used."""
    fields, plain = _FIELD.findall(pattern), _FIELD.sub("", pattern)
    if fields.count("piece") != 1:
        return "piece"
    if not set(fields) <= set(FIELDS) or len(set(fields)) < len(fields):
        return "field"
    if not _PLAIN.fullmatch(plain):
        return "sign"
    return None if len(plain.encode()) <= _MOST_PLAIN else "length"


def stem_by(pattern: str, title: str, values: dict[str, str]) -> str:
    """The pattern filled in, its title cut to fit. A field without value goes with the sign before it."""
    plain = {
        name: cut_to_bytes(download_name(value, fallback=""), _MOST_VALUE) for name, value in values.items()
    }
    around = _FIELD.sub(lambda field: plain.get(field[1], "") or _EMPTY, pattern.replace("{piece}", "\1"))
    around = re.sub(f"[-_ .,+]?{_EMPTY}", "", around)
    room = LONGEST_FILE_NAME - _RESERVE - len(around.encode()) + 1
    piece = cut_to_bytes(download_name(title, fallback="video"), max(room, 12)).strip("-_")
    stem = unicodedata.normalize("NFC", around.replace("\1", piece)).strip(" .-_,+")
    return f"_{stem}" if stem.partition(".")[0].strip().casefold() in _DEVICES else stem


def set_apart(stems: Iterable[str]) -> list[str]:
    """The stems in their order, none like another for file systems that know no case."""
    taken: set[str] = set()
    found = []
    for stem in stems:
        name, number = stem, 1
        while _key(name) in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(_key(name))
        found.append(name)
    return found


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())
