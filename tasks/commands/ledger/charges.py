"""Reads what TopView says it has charged (listCreditLogs), and finds the task behind each charge."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeAlias
from uuid import uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from tasks import kinds
from tasks.commands.accounts.account_state import mark_credential, note_answer
from tasks.commands.accounts.clients import client_for
from tasks.commands.runtime.queue import READ_ACCOUNT, nudge
from tasks.models import Charge, Credential, CredentialState, Lease, Submission
from tasks.topview.client import TopViewClient
from tasks.topview.errors import TopViewError
from tasks.topview.results import CreditLogRow
from tasks.vault import VaultError

logger = logging.getLogger(__name__)

# How far back the first reading goes.
FIRST_READ = timedelta(days=30)
# A charge may appear later than the time it carries: so much is read once more each time.
OVERLAP = timedelta(hours=6)
# Each window is written before the next is read, so a long absence is caught up in parts.
_WINDOW = timedelta(days=7)
# A call whose id comes to light later than this is not looked for among older charges.
_MATCHED = timedelta(days=90)
# Tasks may end one right after the other: the log is asked for once in this time.
_PAUSE_SECONDS = 20.0

# Time, amount, task and type. TopView gives rows no id, so equal ones are counted.
_Row: TypeAlias = tuple[datetime | None, Decimal, str, str]
_CENTS = Decimal("0.0001")


def ask_charges(*, credential: Credential) -> None:
    """Have the worker read the account's log and disk space now, because a person wants it."""
    nudge(READ_ACCOUNT, credential.pk)


def ask_charges_after_task(*, credential: Credential) -> None:
    """Have the log read because a task has ended; at most once in some seconds."""
    if Lease.take(f"charges:{credential.pk.hex}", uuid4().hex, seconds=_PAUSE_SECONDS):
        nudge(READ_ACCOUNT, credential.pk)


def ask_all_charges() -> None:
    """Have the log of every account read that is not disabled. A schedule calls this."""
    for credential in Credential.objects.exclude(state=CredentialState.DISABLED):
        nudge(READ_ACCOUNT, credential.pk)


def read_log(*, credential: Credential) -> datetime | None:
    """Read the account's log and its disk space. What cannot be read now is read the next time.

    Up to when the log is known without a gap; None when it could not be read to its end.
    """
    read_until = None
    try:
        with client_for(credential) as client:
            read_until = _read_charges(credential, client)
            space = client.space()
            Credential.objects.filter(pk=credential.pk).update(space_used=space.used, space_most=space.most)
        note_answer(credential)
    except VaultError:
        logger.warning("charges.key-lost", extra={"credential": str(credential.pk)})
    except TopViewError as error:
        mark_credential(credential, error)
        facts = {"credential": str(credential.pk), "error_class": type(error).__name__, "code": error.code}
        logger.warning("charges.failed", extra=facts)
    return read_until


def _read_charges(credential: Credential, client: TopViewClient) -> datetime:
    """Every window up to now, which is returned; may be repeated at any time, and writes each charge once."""
    now, read_at = timezone.now(), credential.charges_read_at
    start = now - FIRST_READ if read_at is None else min(read_at, now) - OVERLAP
    while start < now:
        end = min(start + _WINDOW, now)
        _write(credential, _rows(client, start, end))
        Credential.objects.filter(pk=credential.pk).update(charges_read_at=end)
        start = end
    match_charges(credential=credential)
    return now


def _rows(client: TopViewClient, start: datetime, end: datetime) -> Counter[_Row]:
    """How often each row stands in the window.

    A charge that is added between two pages moves the others on, so that one may be seen twice: where rows
    are equal the window is read again, and the smaller number holds.
    """
    first = _counted(client.credit_logs(start=start, end=end))
    if all(count == 1 for count in first.values()):
        return first
    return first & _counted(client.credit_logs(start=start, end=end))


def _counted(rows: Iterable[CreditLogRow]) -> Counter[_Row]:
    return Counter(
        (row.charged_at, row.cost.quantize(_CENTS), row.task_id[:200], row.task_type[:80]) for row in rows
    )


def _write(credential: Credential, rows: Counter[_Row]) -> None:
    with transaction.atomic():
        # Two readers at once take turns; rows without a time would not be told apart by the constraint.
        Credential.objects.select_for_update(no_key=True).get(pk=credential.pk)
        known = _known(credential, rows)
        Charge.objects.bulk_create(
            Charge(
                workspace_id=credential.workspace_id,
                credential=credential,
                charged_at=charged_at,
                cost=cost,
                remote_id=remote_id,
                task_type=task_type,
                number=number,
            )
            for (charged_at, cost, remote_id, task_type), count in rows.items()
            for number in range(known[charged_at, cost, remote_id, task_type], count)
        )


def _known(credential: Credential, rows: Counter[_Row]) -> Counter[_Row]:
    """How often each of the rows is written down already."""
    mine = Charge.objects.filter(credential=credential)
    times = [row[0] for row in rows if row[0] is not None]
    found = [mine.filter(charged_at=None)]
    if times:
        found.append(mine.filter(charged_at__range=(min(times), max(times))))
    return Counter(
        (charged_at, cost.quantize(_CENTS), remote_id, task_type)
        for part in found
        for charged_at, cost, remote_id, task_type in part.values_list(
            "charged_at", "cost", "remote_id", "task_type"
        )
    )


def match_charges(*, credential: Credential) -> None:
    """Put each charge beside the call it was for, as far as its task was made here with this credential.

    The call's own cost is not touched: what a task says of itself and what the account says are two facts.
    """
    made_here = Submission.objects.filter(task__credential=credential)
    young = Q(charged_at__gte=timezone.now() - _MATCHED) | Q(charged_at=None)
    rows = Charge.objects.filter(young, credential=credential, submission=None).exclude(remote_id="")
    rows = rows.filter(Exists(made_here.filter(remote_id=OuterRef("remote_id"))))
    charges = list(rows.order_by("charged_at", "pk"))
    found = made_here.filter(remote_id__in={charge.remote_id for charge in charges})
    calls = list(found.select_related("task").order_by("created_at", "pk"))
    taken = Counter[object](Charge.objects.filter(submission__in=calls).values_list("submission", flat=True))
    for charge in charges:
        call = _best(charge, [call for call in calls if call.remote_id == charge.remote_id], taken)
        charge.submission = call
        taken[call.pk] += 1
    Charge.objects.bulk_update(charges, ["submission"], batch_size=200)


def _best(charge: Charge, calls: list[Submission], taken: Counter[object]) -> Submission:
    """The call a charge is likeliest for: of several with one task id, as exports are, the first free one.

    A step that the log does not name comes last, then one that was accepted after the charge.
    """

    def rank(call: Submission) -> tuple[bool, int, bool]:
        step = kinds.find_step(call.task.kind, call.step)
        log_type = step.pricing.credit_log_type if step else None
        is_later = bool(call.accepted_at and charge.charged_at and call.accepted_at > charge.charged_at)
        return log_type != charge.task_type, taken[call.pk], is_later

    return min(calls, key=rank)
