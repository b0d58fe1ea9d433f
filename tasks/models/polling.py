"""What the refresh reads and writes to poll TopView: as little as possible, many at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tasks.models.claims import Claim
from tasks.models.credentials import Credential
from tasks.models.submissions import Submission


@dataclass(frozen=True, slots=True)
class PollTarget:
    """One question to TopView: the call, where it is asked about, and what was heard last.

    Without a format it is a probe, which asks only whether anybody answers.
    """

    pk: UUID
    task_id: UUID | None
    # As it was when the question was chosen: an answer to an old key says nothing about a new one.
    account: Credential
    kind: str
    step: str
    remote_id: str
    accepted_at: datetime
    usual_at: datetime | None = None
    # A digest of the last answer; empty when the next one has something to put right on the page.
    last_answer: str = ""
    # Somebody's word that this is the task of a call whose outcome is unknown.
    claim: Claim | None = None

    @property
    def is_probe(self) -> bool:
        """Whether only the account is asked about."""
        return not self.kind


_COLUMNS = (
    *("pk", "task_id", "task__credential_id", "task__kind", "step", "remote_id"),
    *("created_at", "accepted_at", "usual_at", "reason"),
    *("answer_digest", "answer_stale_since", "files_awaited_since"),
)

_PUSH_ALL = """
UPDATE tasks_submission SET next_at = turn.at, polls = polls + 1
FROM unnest(%s::uuid[], %s::timestamptz[]) AS turn (call, at)
WHERE tasks_submission.id = turn.call
"""


def due_targets(now: datetime, *, without: Collection[UUID], most: int) -> list[PollTarget]:
    """The calls to ask about now, the longest waiting first, but none of some credentials."""
    due = Submission.objects.due(now)
    if without:
        due = due.exclude(task__credential__in=without)
    rows = list(due.values(*_COLUMNS)[:most])
    accounts = Credential.objects.in_bulk({row["task__credential_id"] for row in rows})
    return [_target_of(row, accounts[row["task__credential_id"]]) for row in rows]


def claim_target(claim: Claim) -> PollTarget:
    """What asks about the task that is claimed for a call, as the call's own step asks."""
    call = claim.submission
    return PollTarget(
        pk=call.pk,
        task_id=call.task_id,
        account=call.task.credential,
        kind=call.task.kind,
        step=call.step,
        remote_id=claim.remote_id,
        accepted_at=call.created_at,
        claim=claim,
    )


def probe_target(account: Credential) -> PollTarget:
    """Whether an account is answered at all."""
    return PollTarget(account.pk, None, account, "", "", "", accepted_at=account.created_at)


def _target_of(row: Mapping[str, Any], account: Credential) -> PollTarget:
    # Words on the page, or files that TopView still owes, need even an answer like the last one.
    is_due = row["reason"] or row["answer_stale_since"] or row["files_awaited_since"]
    last = "" if is_due else row["answer_digest"]
    return PollTarget(
        pk=row["pk"],
        task_id=row["task_id"],
        account=account,
        kind=row["task__kind"],
        step=row["step"],
        remote_id=row["remote_id"],
        accepted_at=row["accepted_at"] or row["created_at"],
        usual_at=row["usual_at"],
        last_answer=last,
    )


def push_forward(turns: Sequence[tuple[UUID, datetime]]) -> None:
    """Give calls their next turn, before anyone asks: whatever happens then, none can spin. One commit."""
    if connection.vendor == "postgresql":
        calls, times = zip(*turns, strict=True)
        # One statement for all: each of its own would cost a way to the server and back.
        with connection.cursor() as cursor:
            cursor.execute(_PUSH_ALL, [list(calls), list(times)])
        return
    ops = connection.ops
    pk = Submission._meta.pk
    rows = [(ops.adapt_datetimefield_value(at), pk.get_db_prep_value(call, connection)) for call, at in turns]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany("UPDATE tasks_submission SET next_at = %s, polls = polls + 1 WHERE id = %s", rows)
