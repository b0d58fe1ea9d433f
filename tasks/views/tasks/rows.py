"""The rows of the task list: everything is read and worded in one pass, so that fifty are cheap to draw."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, Protocol, TypedDict
from uuid import UUID

from cachetools import TTLCache
from django.template.loader import get_template
from django.utils import timezone, translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tasks.kinds import KINDS
from tasks.kinds.base import Pick
from tasks.models import (
    MOVING,
    CatalogEntry,
    Lateness,
    Output,
    OutputState,
    Status,
    Submission,
    Task,
    TaskStatus,
)
from tasks.models.estimates import usual_seconds
from tasks.templatetags.portal import clock, icon, review_pill, small_picture, status_pill
from tasks.views.http.addresses import PageAddress, PictureAddress
from tasks.views.http.formatting import ago, exact, lasting
from tasks.views.tasks.parts.queue_position import place_words, queue_marks, queue_places
from tasks.views.tasks.parts.unreachable import silence_marks, silent_notes
from tasks.wording import cause_words

# Drawn rows by task, revision and what words depend on; names and pictures of others may be this much older.
_drawn: TTLCache[tuple[UUID, int, tuple[str, str, str]], SafeString] = TTLCache(maxsize=5000, ttl=60)
_drawing = Lock()
_QUIET = (TaskStatus.SUCCEEDED, TaskStatus.CANCELLED)


class Place(Protocol):
    """As much of a task as tells whether its row must be drawn anew."""

    pk: UUID
    revision: int


class Row(TypedDict):
    """One task as the list shows it. A mapping, since templates look into these first and fastest."""

    id: UUID
    url: str
    title: str
    kind: str
    icon: SafeString
    owner: str
    pill: SafeString
    review: SafeString
    note: str
    picture: SafeString
    is_upright: bool
    length: str
    created: str
    created_exact: str
    created_ago: str
    is_moving: bool
    usual: str
    took: str


def revision_of(pairs: Iterable[tuple[UUID | str, int]]) -> str:
    """A word that changes whenever a shown row does, or another row is shown. Ids with or without dashes."""
    words = " ".join([f"{task_id}.{revision}" for task_id, revision in pairs])
    return hashlib.blake2b(words.replace("-", "").encode(), digest_size=9).hexdigest()


def drawn_rows(workspace_id: UUID, places: list[Place]) -> list[SafeString]:
    """The rows' HTML. Only those that changed within the last minute are read and drawn, in six queries."""
    language, zone = translation.get_language(), timezone.get_current_timezone_name()
    manner = (language, zone, str([*silence_marks(workspace_id), *queue_marks(workspace_id)]))
    keys = {place.pk: (place.pk, place.revision, manner) for place in places}
    with _drawing:
        found = {task_id: html for task_id, key in keys.items() if (html := _drawn.get(key))}
    template = get_template("tasks/_task_row.html")
    rows = _rows(workspace_id, [task_id for task_id in keys if task_id not in found])
    fresh = {row["id"]: SafeString(template.render({"row": row})) for row in rows}
    with _drawing:
        _drawn.update({keys[task_id]: html for task_id, html in fresh.items()})
    found |= fresh
    return [found[task_id] for task_id in keys if task_id in found]


def _rows(workspace_id: UUID, task_ids: list[UUID]) -> list[Row]:
    if not task_ids:
        return []
    now = timezone.now()
    tasks = list(Task.objects.filter(pk__in=task_ids).select_related("owner"))
    noted = [task.pk for task in tasks if task.status not in _QUIET]
    places = queue_places(workspace_id)
    queued = {task_id: place_words(places[task_id]) for task_id in noted if task_id in places}
    notes = silent_notes(workspace_id, noted) | _notes(noted) | queued
    # The first saved output's poster, else the first input's, else the chosen avatar's picture.
    pictures = _output_posters([task.pk for task in tasks])
    pictures |= _upload_posters([task.pk for task in tasks if task.pk not in pictures])
    pictures |= _catalog_pictures([task for task in tasks if task.pk not in pictures])
    looks = _Looks()
    return [_row(task, notes, pictures, looks, now) for task in tasks]


def _row(
    task: Task, notes: dict[UUID, str], pictures: dict[UUID, Picture], looks: _Looks, now: datetime
) -> Row:
    picture = pictures.get(task.pk, _NO_PICTURE)
    return {
        "id": task.pk,
        "url": looks.url(task.pk),
        "title": task.title,
        "kind": looks.label(task.kind),
        "icon": looks.icon(task.kind),
        "owner": str(task.owner) if task.owner else "",
        "pill": looks.pill(task.status),
        "review": looks.review(task.review_state),
        "note": notes.get(task.pk, ""),
        "picture": small_picture(picture.url),
        "is_upright": picture.is_upright,
        "length": picture.length,
        "created": task.created_at.isoformat(timespec="seconds"),
        "created_exact": exact(task.created_at),
        "created_ago": ago(task.created_at, now),
        "is_moving": task.status in MOVING,
        "usual": _usual(task) if task.status in MOVING else "",
        "took": took_words(task),
    }


class _Looks:
    """Addresses, words and drawings that repeat from row to row, made once for each page."""

    def __init__(self) -> None:
        self.url = PageAddress("task-page")
        self._pills: dict[str, SafeString] = {}
        self._reviews: dict[str, SafeString] = {"": SafeString()}
        self._kinds: dict[str, tuple[str, SafeString]] = {}

    def pill(self, status: str) -> SafeString:
        if status not in self._pills:
            self._pills[status] = status_pill(status)
        return self._pills[status]

    def review(self, state: str) -> SafeString:
        """How it stands in review; nothing for what was not sent."""
        if state not in self._reviews:
            self._reviews[state] = review_pill(state)
        return self._reviews[state]

    def label(self, slug: str) -> str:
        return self._kind(slug)[0]

    def icon(self, slug: str) -> SafeString:
        return self._kind(slug)[1]

    def _kind(self, slug: str) -> tuple[str, SafeString]:
        if slug not in self._kinds:
            kind = KINDS.get(slug)
            label, drawing = (str(kind.label), kind.icon) if kind else (slug, "file")
            self._kinds[slug] = (label, icon(drawing))
        return self._kinds[slug]


def _usual(task: Task) -> str:
    kind = KINDS.get(task.kind)
    if kind is None:
        return ""
    seconds = usual_seconds(task.workspace_id, kind, kind.steps[0], task.brief)
    return _("usually %(time)s") % {"time": lasting(seconds)}


def took_words(task: Task) -> str:
    """How long it took to make; "" for what was not made."""
    made = task.status in (TaskStatus.SUCCEEDED, TaskStatus.PARTLY_FAILED)
    return lasting((task.finished_at - task.created_at).total_seconds()) if made and task.finished_at else ""


def _notes(task_ids: list[UUID]) -> dict[UUID, str]:
    """Why a task is not simply done, in the words of its newest call that has any."""
    if not task_ids:
        return {}
    rows = Submission.objects.filter(task__in=task_ids).order_by("created_at")
    notes: dict[UUID, str] = {}
    for task_id, reason, attention, status, lateness in rows.values_list(
        "task_id", "reason", "attention", "status", "lateness"
    ):
        late = ""
        # Of a call that is under way and takes too long; why one still waits is said by its reason.
        if status == Status.RUNNING and lateness:
            is_overdue = lateness == Lateness.OVERDUE
            late = _("Needs attention: past its deadline") if is_overdue else _("Slower than usual")
        notes[task_id] = cause_words(attention) or late or cause_words(reason)
    return {task_id: words for task_id, words in notes.items() if words}


@dataclass(frozen=True, slots=True)
class Picture:
    """Where a task's thumbnail is, how long the video behind it is, and whether it is higher than wide."""

    url: str
    length: str = ""
    is_upright: bool = False


_NO_PICTURE = Picture("")


def _output_posters(task_ids: list[UUID]) -> dict[UUID, Picture]:
    # The tasks alone choose the rows: given a state too, SQLite would walk through every output so far.
    rows = Output.objects.filter(task__in=task_ids).order_by("task_id", "-position", "-created_at")
    facts = rows.values_list("task_id", "pk", "poster__sha256", "seconds", "width", "height", "state")
    address = PictureAddress("output-poster")
    return {
        task_id: Picture(address(output_id, sha256), clock(seconds), (height or 0) > (width or 0))
        for task_id, output_id, sha256, seconds, width, height, state in facts
        if sha256 and state == OutputState.SAVED
    }


def _upload_posters(task_ids: list[UUID]) -> dict[UUID, Picture]:
    if not task_ids:
        return {}
    links = Task.uploads.through.objects.filter(task__in=task_ids, upload__poster__isnull=False)
    rows = links.order_by("-pk").values_list(
        "task_id", "upload_id", "upload__poster__sha256", "upload__width", "upload__height"
    )
    address = PictureAddress("upload-poster")
    return {
        task_id: Picture(address(upload_id, sha256), is_upright=(height or 0) > (width or 0))
        for task_id, upload_id, sha256, width, height in rows
    }


def _catalog_pictures(tasks: list[Task]) -> dict[UUID, Picture]:
    wanted = {task.pk: pick for task in tasks if (pick := _first_pick(task.kind, task.brief))}
    if not wanted:
        return {}
    credentials = {task.credential_id for task in tasks}
    entries = CatalogEntry.objects.filter(
        credential__in=credentials, remote_id__in={remote_id for _catalog, remote_id in wanted.values()}
    ).filter(picture__isnull=False)
    rows = entries.values_list("credential_id", "catalog", "remote_id", "pk", "picture__sha256")
    address = PictureAddress("catalog-picture")
    by_key = {
        (owner, catalog_name, remote): Picture(address(pk, sha256))
        for owner, catalog_name, remote, pk, sha256 in rows
    }
    keys = {task.pk: (task.credential_id, *wanted[task.pk]) for task in tasks if task.pk in wanted}
    return {task_id: by_key[key] for task_id, key in keys.items() if key in by_key}


def _first_pick(slug: str, brief: Mapping[str, Any]) -> tuple[str, str] | None:
    """The catalog and id of the first catalog entry that a brief names."""
    kind = KINDS.get(slug)
    fields = kind.inputs.own_fields() if kind else ()
    picks = ((field.catalog_name, brief.get(name)) for name, field in fields if isinstance(field, Pick))
    return next(((catalog_name, remote_id) for catalog_name, remote_id in picks if remote_id), None)
