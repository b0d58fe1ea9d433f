"""What a restoring had to leave out: named in a report, and asked of TopView again while it has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.db.models import Q
from django.utils import timezone

from tasks.commands.operations.backup.files import replace_text
from tasks.models import Output, OutputState, Thumbnail, Upload


def fetch_again(names: list[str]) -> int:
    """Have results whose file is among these stored names saved anew, as far as TopView still has them.

    Thumbnails among them are made anew of their pictures.
    """
    Thumbnail.objects.filter(blob__file__in=names).delete()
    now = timezone.now()
    lost = Output.objects.filter(blob__file__in=names, state=OutputState.SAVED)
    wanted = [output.pk for output in lost if output.kept_until > now]
    # The address it came from is forgotten: a fresh one must be asked for.
    Output.objects.filter(pk__in=wanted).update(
        state=OutputState.WAITING, next_at=now, tries=0, source_expires_at=now
    )
    return len(wanted)


def write_report(folder: Path, *, made_at: str, names: list[str]) -> Path:
    """A file in `folder`, readable by its owner alone: each stored name, and what it belonged to."""
    path = folder / f"restore-{timezone.now():%Y%m%dT%H%M%S}.txt"
    lines = [f"Left out when the backup of {made_at} was restored:"]
    for name in names:
        lines += [name, *(f"    {line}" for line in _belongings(name))]
    replace_text(path, "\n".join(lines) + "\n")
    return path


def _belongings(name: str) -> Iterator[str]:
    outputs = Output.objects.filter(Q(blob__file=name) | Q(poster__file=name)).select_related("task", "blob")
    for output in outputs:
        what = "result" if output.blob is not None and output.blob.file.name == name else "poster of a result"
        again = ""
        if output.state == OutputState.WAITING:
            again = (
                f"; it is asked of TopView again, which has it until {output.kept_until:%Y-%m-%d %H:%M} UTC"
            )
        yield f"{what} of the task “{output.task.title}” ({output.task_id}){again}"
    for upload in Upload.objects.filter(Q(blob__file=name) | Q(poster__file=name)).select_related("blob"):
        what = "file" if upload.blob.file.name == name else "poster of the file"
        yield f"{what} “{upload.name}” ({upload.pk})"
