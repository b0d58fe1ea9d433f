"""What went into a task, from its brief: the form's labels, files and catalog entries with pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from tasks.kinds import KINDS
from tasks.kinds.base import Choice, Flag, FromLibrary, Pick, Placement, Wired, place_words
from tasks.models import CatalogEntry, Task, Upload
from tasks.views.tasks.selection import Chosen, of_entry, of_upload


@dataclass(frozen=True, slots=True)
class Held:
    """A file or an entry that was chosen; `url` opens a file."""

    item: Chosen
    url: str = ""


@dataclass(frozen=True, slots=True)
class Input:
    """One answer: words, or what was chosen."""

    label: str | Promise
    text: str = ""
    shown: tuple[Held, ...] = ()
    is_long: bool = False


def inputs_of(task: Task) -> list[Input]:
    """The answers in the order of the form. Two queries at most."""
    kind, brief = KINDS.get(task.kind), task.current_brief
    answered = (
        [(field, brief[name]) for name, field in kind.inputs.own_fields() if name in brief] if kind else []
    )
    uploads = {str(row.pk): row for row in task.uploads.select_related("poster")}
    picked = [value for field, value in answered if isinstance(field, Pick)]
    rows = CatalogEntry.objects.filter(credential=task.credential_id, remote_id__in=picked)
    rows = rows.select_related("picture", "sample", "clip")
    entries = {(row.catalog, row.remote_id): row for row in rows}
    return [_input(field, value, uploads, entries) for field, value in answered]


def _input(
    field: Wired, value: Any, uploads: dict[str, Upload], entries: dict[tuple[str, str], CatalogEntry]
) -> Input:
    label = field.label or ""
    if isinstance(field, FromLibrary):
        found = [uploads.get(upload_id) for upload_id in field.upload_ids(value)]
        shown = tuple(
            Held(of_upload(upload), reverse("upload-file", args=[upload.pk])) for upload in found if upload
        )
        return Input(label, text="" if all(found) else _("a file that is gone"), shown=shown)
    if isinstance(field, Pick):
        entry = entries.get((field.catalog_name, str(value)))
        return Input(label, shown=(Held(of_entry(entry)),)) if entry else Input(label, text=str(value))
    return Input(label, text=_words(field, value), is_long=field.widget_kind == "long-text")


def _words(field: Wired, value: Any) -> str:
    if isinstance(field, Choice):
        return str(next((option.label for option in field.options if option.value == value), value))
    if isinstance(field, Flag):
        return _("yes") if value else _("no")
    if isinstance(field, Placement):
        return place_words(value)
    return str(value)
