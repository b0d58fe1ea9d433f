"""Looks for calls of unknown outcome in TopView's credit log and on its boards.

What fits one call alone, and is all that fits it, is claimed for it: the refresh then asks TopView about that
id as about every claim. Where more than one fits, a person chooses. Nothing here sends a paid call.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Q

from tasks.commands.evidence.boards import BoardRows, read_board
from tasks.commands.evidence.lost_calls import Lost, lost_calls
from tasks.commands.evidence.matching import Sighting, fits
from tasks.commands.ledger.report import followed
from tasks.commands.operations.queue import READ_ACCOUNT, nudge
from tasks.commands.submissions.remarks import remark
from tasks.models import (
    Candidate,
    Charge,
    Claim,
    ClaimSource,
    Credential,
    CredentialState,
    Lease,
    Status,
    Submission,
)
from tasks.models.credentials import read_since

# The longest pause between two looks, while evidence may still come.
_LONGEST_PAUSE = 600.0
# A look at a call follows the last after this part of its age.
_PART_OF_AGE = 0.25
# Calls whose time is found to be over in one turn.
_SOME = 20
OVER = "nothing-came"

Fits: TypeAlias = dict[UUID, dict[str, Sighting]]
Boards: TypeAlias = Mapping[str, BoardRows]


def ask_looks(now: datetime) -> None:
    """Have accounts with lost calls looked at: soon at first, less and less often. The refresh calls this."""
    rows = Submission.objects.filter(status=Status.UNKNOWN, settle_until__gt=now)
    rows = rows.exclude(task__credential__state=CredentialState.DISABLED)
    newest = dict(rows.values_list("task__credential").annotate(Max("intent_at")))
    names = {f"look:{pk.hex}": pk for pk in newest}
    # One that ends later than the longest was taken before the clock was set back.
    longest = now + timedelta(seconds=2 * _LONGEST_PAUSE)
    leases = Lease.objects.filter(name__in=names, until__gte=now, until__lte=longest)
    held = set(leases.values_list("name", flat=True))
    for name in names.keys() - held:
        age = (now - (newest[names[name]] or now)).total_seconds()
        pause = min(max(settings.LOOK_SECONDS, age * _PART_OF_AGE), _LONGEST_PAUSE)
        if Lease.take(name, uuid4().hex, seconds=pause):
            nudge(READ_ACCOUNT, names[name])


def say_when_over(now: datetime) -> None:
    """Note, once for each, that the time is over in which evidence would come by itself."""
    over = Submission.objects.filter(status=Status.UNKNOWN, settle_until__lte=now)
    # Where nobody could look since, nothing is known to be missing.
    over = over.filter(read_since("task__credential", F("settle_until")))
    # Nor where a task is named for it that TopView could not be asked about yet.
    over = over.exclude(claims__in=Claim.objects.open())
    for call in over.exclude(remarks__cause=OVER).select_related("task")[:_SOME]:
        with transaction.atomic():
            remark(submission=call, cause=OVER)
            call.task.touch()


def look_for_lost(*, credential: Credential, log_until: datetime | None) -> None:
    """Find what may be the account's lost calls. Up to `log_until` its credit log was read just before.

    While the log or a board cannot be read, nothing is concluded from the others: they alone may mislead.
    """
    wanted = lost_calls(credential)
    boards = _boards(credential, wanted) if log_until else None
    if boards is None:
        return
    # Only now: what was seen there may be of a call that was sent while the boards were read.
    calls = lost_calls(credential)
    found = _fits(calls, _sightings(credential, calls, boards)) if calls else {}
    near = [lost for lost in calls if _is_in_reach(lost, boards)]
    for lost in near:
        if lost.call.task.credential_id == credential.pk and lost.call.status != Status.SUBMITTING:
            _write(lost.call, found[lost.call.pk])
    if all(_is_in_reach(lost, boards) for lost in wanted):
        Credential.objects.filter(pk=credential.pk).update(read_whole_at=log_until)
    _claim_the_certain(near, found, credential)


def _boards(credential: Credential, calls: list[Lost]) -> Boards | None:
    """The rows of each board that a call may stand on; None when one cannot be read."""
    since: dict[str, datetime] = {}
    for lost in calls:
        if lost.board_id:
            since[lost.board_id] = min(lost.since, since.get(lost.board_id, lost.since))
    boards: dict[str, BoardRows] = {}
    for board_id, earliest in since.items():
        rows = read_board(credential, board_id, since=earliest)
        if rows is None:
            return None
        boards[board_id] = rows
    return boards


def _is_in_reach(lost: Lost, boards: Boards) -> bool:
    """Whether it would have been seen on its board. One lost meanwhile is looked for the next time."""
    board = boards.get(lost.board_id)
    return not lost.board_id or (board is not None and board.reach(lost.since))


def _sightings(credential: Credential, calls: list[Lost], boards: Boards) -> list[Sighting]:
    """All that no call follows."""
    seen = {charge.remote_id: Sighting(charge.remote_id, charge) for charge in _charges(credential, calls)}
    followed = _followed(row.task_id for board in boards.values() for row in board.rows)
    for board_id, board in boards.items():
        for row in board.rows:
            if row.task_id and row.task_id not in followed:
                charge = seen[row.task_id].charge if row.task_id in seen else None
                seen[row.task_id] = Sighting(row.task_id, charge, row, board_id)
    return list(seen.values())


def _charges(credential: Credential, calls: list[Lost]) -> Iterable[Charge]:
    rows = Charge.objects.filter(
        credential=credential,
        submission=None,
        set_aside_at=None,
        charged_at__gte=min(lost.since for lost in calls),
        charged_at__lte=max(lost.charged_by for lost in calls),
    )
    return rows.exclude(remote_id="").exclude(followed()).order_by("charged_at", "pk")


def _followed(remote_ids: Iterable[str]) -> set[str]:
    ids = set(remote_ids)
    rows = Submission.objects.filter(Q(remote_id__in=ids) | Q(second_remote_id__in=ids))
    return {remote_id for pair in rows.values_list("remote_id", "second_remote_id") for remote_id in pair}


def _fits(calls: list[Lost], seen: list[Sighting]) -> Fits:
    """What fits each call, without what a person has said is not it."""
    dismissed: dict[UUID, set[str]] = defaultdict(set)
    rows = Candidate.objects.filter(submission__in=[lost.call for lost in calls]).exclude(dismissed_at=None)
    for submission, remote_id in rows.values_list("submission", "remote_id"):
        dismissed[submission].add(remote_id)
    return {
        lost.call.pk: {
            one.remote_id: one
            for one in seen
            if one.remote_id not in dismissed[lost.call.pk] and fits(lost, one)
        }
        for lost in calls
    }


def _write(call: Submission, found: dict[str, Sighting]) -> None:
    """Bring the call's candidates up to what was found; its page changes only where they did."""
    known = {one.remote_id: one for one in Candidate.objects.filter(submission=call, dismissed_at=None)}
    gone = [one.pk for remote_id, one in known.items() if remote_id not in found]
    changed = [one for one in found.values() if not _is_known(one, known.get(one.remote_id))]
    if not gone and not changed:
        return
    with transaction.atomic():
        Candidate.objects.filter(pk__in=gone).delete()
        for one in changed:
            facts = {"evidence": one.evidence, "charge": one.charge, "facts": one.facts}
            defaults = {"workspace_id": call.workspace_id, **facts}
            Candidate.objects.update_or_create(submission=call, remote_id=one.remote_id, defaults=defaults)
        call.task.touch()


def _is_known(one: Sighting, known: Candidate | None) -> bool:
    return known is not None and (known.evidence, known.facts) == (one.evidence, one.facts)


def _claim_the_certain(calls: list[Lost], found: Fits, credential: Credential) -> None:
    """One call, one thing that fits it, and no other call that it fits."""
    owners: dict[str, int] = defaultdict(int)
    for sightings in found.values():
        for remote_id in sightings:
            owners[remote_id] += 1
    for lost in calls:
        sightings = found[lost.call.pk]
        is_ours = lost.may_be_followed and lost.call.task.credential_id == credential.pk
        if not is_ours or len(sightings) != 1:
            continue
        ((remote_id, one),) = sightings.items()
        # A call that named a board stands there: a charge for what does not may be another's.
        if owners[remote_id] == 1 and (one.row is not None or not lost.board_id):
            _claim(lost.call, remote_id)


def _claim(call: Submission, remote_id: str) -> None:
    account = call.task.credential
    Claim.objects.get_or_create(
        submission=call,
        source=ClaimSource.TRACE,
        remote_id=remote_id,
        defaults={"workspace_id": call.workspace_id, "service": account.service, "uid": account.uid},
    )
