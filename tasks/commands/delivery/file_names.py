"""How files are called that leave the portal: by the workspace's pattern, and fit for every file system."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from django.db import transaction

from tasks.audit import Verb, record
from tasks.models import LONGEST_FILE_NAME, CatalogEntry, Membership, Output, Task, Version, Workspace
from tasks.names import cut_to_bytes, download_name

# What a pattern may name beside its own signs. The piece must stand in it, once.
FIELDS = ("piece", "n", "language", "ratio", "date")
_FIELD = re.compile(r"\{(\w*)\}")
# Letters and digits of every script, and signs that no file system minds.
_PLAIN = re.compile(r"[\w .,()+-]*")
# Windows opens a device by such a name, whatever its ending.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³")}
# What side-cars add to the name of their file, at most, with the number that sets equal names apart.
_RESERVE = len("-comments.csv") + len("-9999")
_RATIOS = [(9, 16), (16, 9), (1, 1), (4, 5), (5, 4), (3, 4), (4, 3), (2, 3), (3, 2), (21, 9), (9, 21)]
# By how much a picture may miss a ratio: encoders round sides to multiples of 16.
_NEAR = 0.02
_EMPTY = "\0"


def problem_of(pattern: str) -> str | None:
    """What is wrong with a pattern: "piece", "field" or "sign"; None when it can be used."""
    fields = _FIELD.findall(pattern)
    if fields.count("piece") != 1:
        return "piece"
    if not set(fields) <= set(FIELDS):
        return "field"
    return None if _PLAIN.fullmatch(_FIELD.sub("", pattern)) else "sign"


def change_file_names(*, membership: Membership, pattern: str) -> None:
    """Set the workspace's pattern, in which `problem_of` has found nothing."""
    with transaction.atomic():
        Workspace.objects.filter(pk=membership.workspace_id).update(file_names=pattern)
        room = membership.workspace
        record(Verb.FILE_NAMES_CHANGED, actor=membership.user, workspace=room, subject=room, pattern=pattern)


def file_name(version: Version) -> str:
    """The name of a version's file by its workspace's pattern, ending included."""
    return f"{file_stem(version)}.{ending_of(version)}"


def ending_of(version: Version) -> str:
    return version.output.format or "bin"


def file_stem(version: Version) -> str:
    """The same without its ending: short enough for what side-cars add."""
    values = {
        "n": str(version.number),
        "language": language_of(version.output.task),
        "ratio": ratio_of(version.output),
        "date": f"{version.sent_at:%Y-%m-%d}",
    }
    return stem_by(version.workspace.file_names, version.piece.title, values)


def stem_by(pattern: str, title: str, values: dict[str, str]) -> str:
    """The pattern filled in, its title cut to fit. A field without value goes with the sign before it."""
    plain = {name: download_name(value, fallback="") for name, value in values.items()}
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


def language_of(task: Task) -> str:
    """The code of the language that its form names, or its voice speaks; empty where neither says so."""
    if language := task.brief.get("language"):
        return str(language)
    voice = task.brief.get("voice")
    if not isinstance(voice, str) or not voice:
        return ""
    rows = CatalogEntry.objects.filter(credential=task.credential_id, catalog="voices", remote_id=voice)
    facts = rows.values_list("facts", flat=True).first() or {}
    return str(facts.get("language") or "")


def ratio_of(output: Output) -> str:
    """The sides of a picture as "9x16", or in pixels where they are near no usual ratio."""
    if not output.width or not output.height:
        return ""
    found = output.width / output.height
    for width, height in _RATIOS:
        if abs(found / (width / height) - 1) <= _NEAR:
            return f"{width}x{height}"
    return f"{output.width}x{output.height}"
