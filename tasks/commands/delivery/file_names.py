"""How the files of versions are called: by their workspace's pattern."""

from __future__ import annotations

from django.db import transaction

from tasks.audit import Verb, record
from tasks.file_names import stem_by
from tasks.models import CatalogEntry, Membership, Output, Task, Version, Workspace

_RATIOS = [(9, 16), (16, 9), (1, 1), (4, 5), (5, 4), (3, 4), (4, 3), (2, 3), (3, 2), (21, 9), (9, 21)]
# By how much a picture may miss a ratio: encoders round sides to multiples of 16.
_NEAR = 0.02


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
