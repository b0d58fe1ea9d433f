"""Tasks with very many outputs or moves, and calls on hold: weeks old, so that no list begins with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from tasks.models import Output, Status, Task, Transition
from tests.benchmarks.rooms import Room
from tests.benchmarks.sizes import MOVES, ON_HOLD, OUTPUTS
from tests.views.rows import make_output, make_task

_AGE = timedelta(days=60)


@dataclass(frozen=True)
class LongTasks:
    """A task with `OUTPUTS` outputs, and one whose call has moved `MOVES` times."""

    outputs: Task
    moves: Task


def make_long_tasks(room: Room) -> LongTasks:
    """The two, and `ON_HOLD` calls that wait since a backup was restored."""
    member, past = room.owners[0], timezone.now() - _AGE
    for number in range(ON_HOLD):
        made = past - timedelta(minutes=number)
        make_task(member, status=Status.QUEUED, created_at=made, quarantined_at=timezone.now())
    return LongTasks(
        _with_outputs(make_task(member, created_at=past, remote_id="many-outputs")),
        _with_moves(make_task(member, created_at=past, remote_id="many-moves")),
    )


def _with_outputs(task: Task) -> Task:
    first = make_output(task)
    same = {
        field.attname: getattr(first, field.attname)
        for field in Output._meta.concrete_fields
        if field.attname not in ("id", "identity", "position")
    }
    Output.objects.bulk_create(
        Output(**same, identity=str(place), position=place) for place in range(1, OUTPUTS)
    )
    return task


def _with_moves(task: Task) -> Task:
    make_output(task)
    call = task.submissions.get()
    ends = (Status.QUEUED, Status.PREPARING)
    Transition.objects.bulk_create(
        Transition(
            workspace=task.workspace,
            submission=call,
            from_status=ends[number % 2],
            to_status=ends[(number + 1) % 2],
            cause="unreachable" if number % 2 else "claimed",
            at=task.created_at + timedelta(seconds=number),
        )
        for number in range(MOVES)
    )
    return task
