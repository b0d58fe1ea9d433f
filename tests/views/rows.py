"""Rows for view tests, written straight into the tables: no worker, no queue, no TopView."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from tasks.commands.runtime.queue import MAIN_CLUSTER
from tasks.kinds import KINDS
from tasks.kinds.base import Number, Pick, TaskKind
from tasks.models import (
    Blob,
    CatalogEntry,
    CatalogState,
    Credential,
    Heartbeat,
    Membership,
    Output,
    OutputState,
    PlayerMedia,
    Service,
    Status,
    Submission,
    Task,
    Transition,
    Upload,
    Workspace,
)
from tasks.views.frame.health_state import PARTS
from tests.causes import with_causes
from tests.people import make_blob


def _kind_with(field_type: type, **having: Any) -> TaskKind:
    for kind in KINDS.values():
        for _name, field in kind.inputs.own_fields():
            if isinstance(field, field_type) and all(
                getattr(field, key) == value for key, value in having.items()
            ):
                return kind
    raise LookupError(field_type)


# One kind that chooses from catalogs, one that makes several outputs.
PICKING = _kind_with(Pick)
COUNTING = _kind_with(Number, wire="generatingCount")


def make_account(workspace: Workspace, **facts: Any) -> Credential:
    """A sandbox credential whose key nobody can read."""
    columns = {"name": "Sandbox", "service": Service.SANDBOX, "uid": uuid4().hex[:20], "last_four": "cdef"}
    return Credential.objects.create(
        workspace=workspace, encrypted_key=b"-", **with_causes({**columns, **facts})
    )


def make_task(
    member: Membership,
    *,
    kind: TaskKind = COUNTING,
    title: str = "A turning cup",
    status: Status = Status.SUCCEEDED,
    created_at: datetime | None = None,
    brief: dict[str, Any] | None = None,
    **facts: Any,
) -> Task:
    """A task with one submission in the given state; `facts` are columns of the submission."""
    account = Credential.objects.filter(workspace=member.workspace).first() or make_account(member.workspace)
    at = created_at or timezone.now()
    task = Task.objects.create(
        workspace=member.workspace,
        owner=member.user,
        credential=account,
        kind=kind.slug,
        title=title,
        brief=brief or {"schema": 1, "prompt": "It turns.", "mode": "lite", "duration": "5", "count": "2"},
        brief_digest=uuid4().hex,
        created_at=at,
    )
    make_submission(task, status, created_at=at, **facts)
    task.touch()
    return Task.objects.get(pk=task.pk)


def make_tasks(member: Membership, times: Sequence[datetime], *, status: Status = Status.SUCCEEDED) -> None:
    """Tasks with a submission each, called "task 0", "task 1" and so on, in one go: lists need many."""
    pattern = make_task(member, title="task 0", created_at=times[0], status=status)
    call = pattern.submissions.get()
    tasks = Task.objects.bulk_create(
        Task(**{**_columns(pattern), "title": f"task {number}", "created_at": at})
        for number, at in enumerate(times)
        if number
    )
    Submission.objects.bulk_create(
        Submission(**{**_columns(call), "task_id": task.pk, "created_at": task.created_at}) for task in tasks
    )


def _columns(row: Task | Submission) -> dict[str, Any]:
    """All but its key and its token."""
    columns = [field for field in row._meta.concrete_fields if not field.primary_key]
    return {field.attname: getattr(row, field.attname) for field in columns if field.name != "token"}


def make_submission(task: Task, status: Status, **facts: Any) -> Submission:
    """One attempt at the task's first step, with the transition that led there."""
    attempt = task.submissions.count() + 1
    submission = Submission.objects.create(
        workspace=task.workspace,
        task=task,
        step=KINDS[task.kind].steps[0].slug,
        status=status,
        attempt=attempt,
        **with_causes(facts),
    )
    Transition.objects.create(
        workspace=task.workspace, submission=submission, to_status=status, cause="created"
    )
    return submission


def make_output(
    task: Task, *, state: OutputState = OutputState.SAVED, position: int = 0, **facts: Any
) -> Output:
    """One video of the task; with bytes and a poster when it is saved."""
    columns: dict[str, Any] = {
        "role": "video",
        "identity": str(position),
        "position": position,
        "state": state,
    }
    if state == OutputState.SAVED:
        blob = make_blob(task.workspace, f"film {task.pk} {position}".encode(), "video/mp4")
        poster = make_blob(task.workspace, f"poster {task.pk} {position}".encode(), "image/webp")
        now = timezone.now()
        columns |= {"blob": blob, "poster": poster, "format": "mp4", "seconds": 4.0, "saved_at": now}
    return Output.objects.create(
        workspace=task.workspace,
        task=task,
        submission=task.submissions.get(),
        **with_causes({**columns, **facts}),
    )


def make_strip(film: Blob) -> PlayerMedia:
    """What the worker draws of a film for its seek bar."""
    strip = make_blob(film.workspace, f"strip of {film.pk}".encode(), "image/webp")
    return PlayerMedia.objects.create(
        workspace=film.workspace, source=film, strip=strip, tiles=8, tile_seconds=0.5, is_made=True
    )


def make_file(member: Membership, *, name: str = "cup.png", role: str = "image", **facts: Any) -> Upload:
    """A file of the library, with a poster."""
    blob = make_blob(member.workspace, f"bytes of {name} {uuid4()}".encode(), "image/png")
    poster = make_blob(member.workspace, f"poster of {name}".encode(), "image/webp")
    columns = {"format": name.rpartition(".")[2], "width": 800, "height": 600, "poster": poster}
    return Upload.objects.create(
        workspace=member.workspace, owner=member.user, blob=blob, name=name, role=role, **{**columns, **facts}
    )


def fill_catalog(
    account: Credential, catalog_name: str, entries: list[tuple[str, dict[str, Any]]]
) -> list[CatalogEntry]:
    """Put entries, given as name and facts, in a catalog that was read just now."""
    CatalogState.objects.create(
        credential=account, workspace=account.workspace, catalog=catalog_name, refreshed_at=timezone.now()
    )
    rows = [
        CatalogEntry(
            workspace=account.workspace,
            credential=account,
            catalog=catalog_name,
            remote_id=f"{catalog_name}-{position}",
            name=name,
            facts=facts,
            search=f"{name} {' '.join(map(str, facts.values()))}".lower(),
            position=position,
        )
        for position, (name, facts) in enumerate(entries)
    ]
    return CatalogEntry.objects.bulk_create(rows)


def worker_is_alive(*, seconds_ago: float = 0, machine: str = "here", busy: int = 0) -> None:
    """A sign of life of a worker that has run for an hour, and of all that it keeps going."""
    now = timezone.now()
    facts = {
        "machine": machine,
        "pid": 1,
        "since": (now - timedelta(hours=1)).isoformat(),
        "clusters": [{"name": MAIN_CLUSTER, "is_running": True, "workers": 2, "busy": busy}],
        "disks": [],
    }
    signs_of_life(f"{Heartbeat.NODE}{machine}:1", *PARTS, seconds_ago=seconds_ago)
    Heartbeat.objects.filter(name=f"{Heartbeat.NODE}{machine}:1").update(facts=facts)


def signs_of_life(*names: str, seconds_ago: float = 0) -> None:
    """Signs of life of the parts with these names."""
    for name in names:
        at = timezone.now() - timedelta(seconds=seconds_ago)
        Heartbeat.objects.update_or_create(name=name, defaults={"at": at})
