"""Fills the portal with tasks as years of work would leave them behind, a million in a few minutes."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from tasks.causes import Cause, Code
from tasks.models import (
    FOR_PEOPLE,
    Blob,
    Heartbeat,
    Output,
    OutputState,
    Status,
    Submission,
    Task,
    TaskStatus,
)
from tests.benchmarks.bulk import Row, Table, unchecked
from tests.benchmarks.long_tasks import make_long_tasks
from tests.benchmarks.rooms import Room, make_room
from tests.benchmarks.sizes import Size
from tests.benchmarks.workspace_rows import add_workspace_rows, charge_unclaimed

_BATCH = 10_000
# One task in so many belongs to another workspace.
_STRANGERS_EVERY = 5
# The newest tasks of all are still moving.
_MOVING = 6
_APART = timedelta(seconds=97, microseconds=1)
# How a task ended, in thousandths.
_ENDINGS = {
    (TaskStatus.SUCCEEDED, Status.SUCCEEDED): 880,
    (TaskStatus.FAILED, Status.FAILED): 60,
    (TaskStatus.PARTLY_FAILED, Status.SUCCEEDED): 30,
    (TaskStatus.CANCELLED, Status.CANCELLED): 27,
    (TaskStatus.UNKNOWN, Status.UNKNOWN): 2,
    (TaskStatus.STOPPED, Status.STOPPED): 1,
}
# The transitions of a call before its end: from, to, cause.
_MOVES = (
    ("", Status.QUEUED, "created"),
    (Status.QUEUED, Status.PREPARING, "claimed"),
    (Status.PREPARING, Status.SUBMITTING, "intent"),
    (Status.SUBMITTING, Status.RUNNING, "accepted"),
)
_WRITE_MOVES = """
    INSERT INTO tasks_transition (workspace_id, submission_id, from_status, to_status, cause, detail, at)
    SELECT workspace_id, id, {}, created_at FROM tasks_submission WHERE created_at <= %s {}
"""


@dataclass
class Batch:
    """Rows of many tasks, by table."""

    tasks: list[Row] = field(default_factory=list)
    links: list[Row] = field(default_factory=list)
    submissions: list[Row] = field(default_factory=list)
    blobs: list[Row] = field(default_factory=list)
    outputs: list[Row] = field(default_factory=list)


class Portal:
    """A scratch portal that grows into the past: its newest tasks stay the same at every size."""

    def __init__(self) -> None:
        self.studio, self._elsewhere = make_room("Studio"), make_room("Elsewhere")
        charge_unclaimed(self.studio)
        self.long_tasks = make_long_tasks(self.studio)
        self.size: Size | None = None
        self._random = random.Random(2)
        self._now = timezone.now().replace(tzinfo=None)
        # The worker is said to be alive for as long as this takes.
        Heartbeat.objects.create(name=f"{Heartbeat.NODE}bench:1", at=timezone.now() + timedelta(hours=1))

    def grow(self, size: Size) -> None:
        """Have as many rows in all as `size` says, which is larger than any before."""
        have = self.size.tasks if self.size else 0
        with unchecked():
            for first in range(have, size.tasks, _BATCH):
                _write(self._batch(range(first, min(first + _BATCH, size.tasks))))
            _write_moves(self._made(have))
            add_workspace_rows(self.studio, self.size, size)
        Task.objects.filter(status__in=FOR_PEOPLE).update(needs_attention=True)
        self.size = size

    def _batch(self, numbers: range) -> Batch:
        batch = Batch()
        for number in numbers:
            room = self._elsewhere if number % _STRANGERS_EVERY == _STRANGERS_EVERY - 1 else self.studio
            self._add(batch, number, room)
        return batch

    def _add(self, batch: Batch, number: int, room: Room) -> None:
        order = self._random.choice(room.orders)
        status, called = self._status(number)
        made = self._made(number)
        ended = None if number < _MOVING else str(made + timedelta(seconds=self._random.randint(60, 900)))
        task, submission = self._id(), self._id()
        place = (task, room.workspace.pk.hex)
        owner = self._random.choice(room.owners).user_id
        batch.tasks.append(
            (
                *place,
                owner,
                room.account.pk.hex,
                order.kind,
                order.title,
                order.brief,
                status,
                str(made),
                ended,
            )
        )
        batch.links += ((task, upload) for upload in order.uploads)
        cause = Cause.of(Code.GENERATION_FAILED, said="No face was found in the picture.")
        reason = json.dumps(cause.as_json()) if status == TaskStatus.FAILED else None
        token, remote_id = submission, self._id()
        batch.submissions.append(
            (submission, *place, order.step, token, called, reason, remote_id, str(made), ended)
        )
        if called == Status.SUCCEEDED:
            self._add_outputs(batch, room, place, submission, str(made))

    def _add_outputs(
        self, batch: Batch, room: Room, place: tuple[str, str], submission: str, made: str
    ) -> None:
        task, workspace = place
        for position in range(self._random.choice((1, 1, 1, 2))):
            film, poster = self._id(), self._id()
            batch.blobs.append((film, workspace, film * 2, "video/mp4", "nowhere", made))
            batch.blobs.append((poster, workspace, poster * 2, "image/webp", str(room.poster.file), made))
            batch.outputs.append(
                (self._id(), workspace, task, submission, str(position), position, film, poster, made, made)
            )

    def _made(self, number: int) -> datetime:
        return self._now - _APART * number

    def _status(self, number: int) -> tuple[TaskStatus, Status]:
        if number < _MOVING:
            return TaskStatus.RUNNING, Status.RUNNING
        return self._random.choices(list(_ENDINGS), weights=list(_ENDINGS.values()))[0]

    def _id(self) -> str:
        return f"{self._random.getrandbits(128):032x}"


def _write(batch: Batch) -> None:
    tables = _tables()
    for name, table in tables.items():
        table.insert(getattr(batch, name))


def _write_moves(newest: datetime) -> None:
    """Of every call since then into the past; copied by the database, since they are most of the rows."""
    with connection.cursor() as cursor:
        for before, after, cause in _MOVES:
            values = f"'{before}', '{after}', '{cause}', ''"
            cursor.execute(_WRITE_MOVES.format(values, ""), [str(newest)])
        ended = f"'{Status.RUNNING}', status, status, ''"
        cursor.execute(_WRITE_MOVES.format(ended, f"AND status <> '{Status.RUNNING}'"), [str(newest)])


def _tables() -> dict[str, Table]:
    return {
        "tasks": Table(
            Task,
            *("id", "workspace_id", "owner_id", "credential_id", "kind", "title", "brief", "status"),
            *("created_at", "finished_at"),
        ),
        "links": Table(Task.uploads.through, "task_id", "upload_id"),
        "submissions": Table(
            Submission,
            *("id", "task_id", "workspace_id", "step", "token", "status", "reason", "remote_id"),
            *("created_at", "finished_at"),
        ),
        "blobs": Table(
            Blob, "id", "workspace_id", "sha256", "media_type", "file", "created_at", size=3_000_000
        ),
        "outputs": Table(
            Output,
            *("id", "workspace_id", "task_id", "submission_id", "identity", "position"),
            *("blob_id", "poster_id", "created_at", "saved_at"),
            role="video",
            state=OutputState.SAVED,
            format="mp4",
            seconds=5.0,
        ),
    }
