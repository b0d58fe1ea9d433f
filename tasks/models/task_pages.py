"""What the page of one task reads, in as few queries and columns, and no more rows than it shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from tasks.causes import Cause
from tasks.models.outputs import Output, OutputState, will_be_saved
from tasks.models.previews import PreviewState
from tasks.models.submissions import Submission
from tasks.models.tasks import Task
from tasks.models.transitions import Status, Transition

# Of many results, and of a long history, a page shows this many unless it is asked for all.
SHOWN_AT_FIRST = 50

_TASK = (
    *(field.name for field in Task._meta.concrete_fields),
    *("owner__name", "owner__email"),
    *("credential__name", "credential__last_four", "credential__service", "credential__state"),
)
_OUTPUT = (
    *("submission", "role", "identity", "position", "name", "facts", "state", "error", "unchecked_cause"),
    *("tries", "next_at", "format", "width", "height", "seconds", "created_at", "saved_at"),
    *("blob__sha256", "blob__size", "blob__preview__state", "blob__preview__blob"),
    *("blob__preview__codec", "blob__preview__stands_in"),
    *("blob__timing__frames", "blob__timing__rate_numerator", "blob__timing__rate_denominator"),
    *("blob__timing__is_variable", "blob__timing__first_frame_at", "blob__timing__frame_times"),
    *("blob__player_media__strip", "blob__player_media__tiles", "blob__player_media__tile_seconds"),
    *("blob__player_media__peaks", "poster__sha256"),
)
_COMING = (PreviewState.WAITING, PreviewState.MAKING)


def tasks_for_page() -> QuerySet[Task]:
    """Tasks with their calls. Their results and history are read apart, since there may be many."""
    return (
        Task.objects.select_related("owner", "credential")
        .only(*_TASK)
        .prefetch_related(
            Prefetch("submissions", Submission.objects.select_related("unexpected_answer")),
            Prefetch("submissions__source", Output.objects.only("identity", "name")),
        )
    )


def read_lost_calls(task: Task) -> None:
    """Of calls whose outcome is or was unknown: what may be theirs, and why they were given up.

    Reads prefetched calls.
    """
    lost = [call for call in task.submissions.all() if call.status in (Status.UNKNOWN, Status.ABANDONED)]
    if lost:
        given_up = Transition.objects.filter(to_status=Status.ABANDONED)
        prefetch_related_objects(lost, "candidates", Prefetch("transitions", given_up))


class _Stand(NamedTuple):
    """As much of a result as tells where it belongs and how it stands."""

    pk: UUID
    submission_id: UUID
    state: str
    preview: str | None


@dataclass(frozen=True)
class Results:
    """The results that a task's page shows, by step, the last step first; and how all of them stand."""

    shown: dict[str, list[Output]]
    totals: Counter[str]  # by step, with those that are not shown
    on_their_way: frozenset[UUID]  # calls of which a copy is being made, or will be
    lost: frozenset[UUID]  # calls of which some result cannot be had any more
    has_coming_preview: bool

    @property
    def count(self) -> int:
        """How many are shown."""
        return sum(map(len, self.shown.values()))

    @property
    def is_unsaved(self) -> bool:
        """Whether a copy or a preview is still being made, so that the page goes on asking."""
        return bool(self.on_their_way) or self.has_coming_preview


def results_for_page(task: Task, steps: Sequence[str], *, everything: bool) -> Results:
    """In each step by age, then in TopView's order. `steps` are the kind's. Reads prefetched calls.

    One query; three where there are too many to be shown at once.
    """
    calls = {call.pk: call for call in task.submissions.all()}
    rows = Output.objects.filter(submission__in=calls).order_by("created_at", "position")
    full = rows.select_related("blob__preview", "blob__timing", "blob__player_media", "poster").only(*_OUTPUT)
    found = list(full if everything else full[: SHOWN_AT_FIRST + 1])
    is_all = everything or len(found) <= SHOWN_AT_FIRST
    stands = [_stand(one) for one in found] if is_all else _stands(rows)
    order = [*reversed(steps), *(call.step for call in calls.values() if call.step not in steps)]
    stands.sort(key=lambda one: order.index(calls[one.submission_id].step))
    if not is_all:
        found = list(full.filter(pk__in=[one.pk for one in stands[:SHOWN_AT_FIRST]]))
    return _results(calls, stands, {output.pk: output for output in found})


def _stand(output: Output) -> _Stand:
    preview = getattr(output.blob, "preview", None)
    return _Stand(output.pk, output.submission_id, output.state, preview and preview.state)


def _stands(rows: QuerySet[Output]) -> list[_Stand]:
    return [_Stand(*row) for row in rows.values_list("pk", "submission_id", "state", "blob__preview__state")]


def _results(calls: dict[UUID, Submission], stands: list[_Stand], found: dict[UUID, Output]) -> Results:
    shown: dict[str, list[Output]] = {}
    for stand in stands:
        if output := found.get(stand.pk):
            # What is asked of a result's call is asked of the one that was read already.
            output.submission = calls[stand.submission_id]
            shown.setdefault(output.submission.step, []).append(output)
    return Results(
        shown,
        Counter(calls[one.submission_id].step for one in stands),
        on_their_way=frozenset(
            one.submission_id
            for one in stands
            if will_be_saved(one.state, keeps_outputs=calls[one.submission_id].keeps_outputs)
        ),
        lost=frozenset(one.submission_id for one in stands if one.state == OutputState.LOST),
        has_coming_preview=any(one.preview in _COMING for one in stands),
    )


class Happening(NamedTuple):
    """One line of a task's history: a change of status, a remark, or a result that was saved."""

    sort: str  # "change", "remark" or "saved"
    submission_id: UUID
    word: str  # the new status, or the role of the result
    cause: str
    detail: str
    reason: Cause | None
    at: datetime
    who: str
    place: int  # of the result among those of its call that were saved, from 1; 0 when it is the only one


@dataclass(frozen=True)
class History:
    """What happened to a task, oldest first; `total` counts what is not shown, too."""

    shown: list[Happening]
    total: int


_CALLS = "(SELECT id FROM tasks_submission WHERE task_id = %s)"
_CHANGES = f"""
    SELECT 'change' AS sort, id, submission_id, to_status AS word, cause, detail, reason, at, actor_id,
        0 AS place
    FROM tasks_transition WHERE submission_id IN {_CALLS} ORDER BY id DESC LIMIT %s"""
_REMARKS = f"""
    SELECT 'remark' AS sort, id, submission_id, '' AS word, cause, detail, reason, at, actor_id, 0 AS place
    FROM tasks_remark WHERE submission_id IN {_CALLS} ORDER BY id DESC LIMIT %s"""
_SAVED = f"""
    SELECT submission_id, role, saved_at,
        CASE WHEN COUNT(*) OVER (PARTITION BY submission_id) > 1 THEN position + 1 ELSE 0 END AS place
    FROM tasks_output WHERE submission_id IN {_CALLS} AND saved_at IS NOT NULL
    ORDER BY saved_at DESC, position DESC LIMIT %s"""
# Written by hand: putting it together with the ORM costs more than running it. Each part gives no more than
# the page shows, by an index where the database has one.
_HISTORY = f"""
    SELECT line.*, COALESCE(NULLIF(person.name, ''), person.email, '') AS who
    FROM (
        SELECT * FROM ({_CHANGES}) AS changes
        UNION ALL SELECT * FROM ({_REMARKS}) AS remarks
        UNION ALL SELECT 'saved', 0, submission_id, role, '', '', NULL, saved_at, NULL, place
        FROM ({_SAVED}) AS saved
    ) AS line LEFT JOIN tasks_user AS person ON person.id = line.actor_id"""
_COUNTED = f"""
    SELECT (SELECT COUNT(*) FROM tasks_transition WHERE submission_id IN {_CALLS})
        + (SELECT COUNT(*) FROM tasks_remark WHERE submission_id IN {_CALLS})
        + (SELECT COUNT(*) FROM tasks_output WHERE submission_id IN {_CALLS} AND saved_at IS NOT NULL)"""
# More than any task has.
_NO_LIMIT = 1_000_000


def history_of(task_id: UUID, *, everything: bool) -> History:
    """The newest lines, or every one. One query; a second one counts what is not shown."""
    limit = _NO_LIMIT if everything else SHOWN_AT_FIRST + 1
    rows = Transition.objects.raw(_HISTORY, [task_id.hex, limit] * 3)
    lines = [Happening(*(getattr(row, name) for name in Happening._fields)) for row in rows]
    lines.sort(key=lambda line: line.at)
    if everything or len(lines) <= SHOWN_AT_FIRST:
        return History(lines, len(lines))
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [task_id.hex] * 3)
        total = int(cursor.fetchone()[0])
    return History(lines[-SHOWN_AT_FIRST:], total)
