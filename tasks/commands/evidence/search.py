"""Searches TopView's credit log and boards for calls of unknown outcome.

What fits one call alone, and is all that fits it, is claimed for it: the refresh then asks TopView about that
id as about every claim. Where more than one fits, a person chooses. Nothing here sends a paid call.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from tasks.commands.evidence.boards import Boards, read_boards
from tasks.commands.evidence.candidates import offer
from tasks.commands.evidence.claims import write_claim
from tasks.commands.evidence.lost_calls import LostCall, lost_calls
from tasks.commands.evidence.matching import Sighting, certain, match
from tasks.commands.ledger.charges import read_log
from tasks.commands.runtime.queue import READ_ACCOUNT, nudge
from tasks.commands.submissions.remarks import remark
from tasks.models import (
    Charge,
    ClaimSource,
    Credential,
    CredentialState,
    Lease,
    Status,
    Submission,
)
from tasks.models.charges import followed

# The longest pause between two searches, while evidence may still come.
_LONGEST_PAUSE = 600.0
# A search for a call follows the last after this part of its age.
_PART_OF_AGE = 0.25
# Calls whose time is found to be over in one turn.
_SOME = 20
OVER = "nothing-came"


def ask_for_searches(now: datetime) -> None:
    """Have accounts with lost calls searched: soon at first, less and less often. The refresh calls this."""
    rows = Submission.objects.filter(status=Status.UNKNOWN, settle_until__gt=now)
    rows = rows.exclude(task__credential__state=CredentialState.DISABLED)
    newest = dict(rows.values_list("task__credential").annotate(Max("intent_at")))
    names = {f"search:{pk.hex}": pk for pk in newest}
    # One that ends later than the longest was taken before the clock was set back.
    longest = now + timedelta(seconds=2 * _LONGEST_PAUSE)
    leases = Lease.objects.filter(name__in=names, until__gte=now, until__lte=longest)
    held = set(leases.values_list("name", flat=True))
    for name in names.keys() - held:
        age = (now - (newest[names[name]] or now)).total_seconds()
        pause = min(max(settings.SEARCH_SECONDS, age * _PART_OF_AGE), _LONGEST_PAUSE)
        if Lease.take(name, uuid4().hex, seconds=pause):
            nudge(READ_ACCOUNT, names[name])


def note_when_over(now: datetime) -> None:
    """Note, once for each, that the time is over in which evidence would come by itself."""
    over = Submission.objects.without_evidence(now)
    for call in over.exclude(remarks__cause=OVER).select_related("task")[:_SOME]:
        with transaction.atomic():
            remark(submission=call, cause=OVER)
            call.task.touch()


def search_account(*, credential: Credential) -> None:
    """Read an account's log and boards; offer what fits its lost calls, and claim what fits one alone.

    While the log or a board cannot be read, nothing is concluded from the others: they alone may mislead.
    """
    log_until = read_log(credential=credential)
    wanted = lost_calls(credential)
    boards = read_boards(credential, wanted) if log_until else None
    if boards is None:
        return
    # Only now: what was seen there may be of a call that was sent while the boards were read.
    calls = lost_calls(credential)
    found = match(calls, _sightings(credential, calls, boards)) if calls else {}
    near = [lost for lost in calls if boards.reach(lost) and lost.call.task.credential_id == credential.pk]
    for lost in near:
        if lost.call.status != Status.SUBMITTING:
            offer(lost.call, found[lost.call.pk])
    if all(boards.reach(lost) for lost in wanted):
        Credential.objects.filter(pk=credential.pk).update(read_whole_at=log_until)
    for lost, remote_id in certain(near, found):
        write_claim(lost.call, remote_id=remote_id, source=ClaimSource.TRACE)


def _sightings(credential: Credential, calls: list[LostCall], boards: Boards) -> list[Sighting]:
    """All that no call follows."""
    charges = Charge.objects.filter(
        credential=credential,
        submission=None,
        set_aside_at=None,
        charged_at__gte=min(lost.since for lost in calls),
        charged_at__lte=max(lost.charged_by for lost in calls),
    )
    charges = charges.exclude(remote_id="").exclude(followed()).order_by("charged_at", "pk")
    seen = {charge.remote_id: Sighting(charge.remote_id, charge) for charge in charges}
    known = Submission.objects.followed_ids(row.task_id for _board, row in boards.rows())
    for board_id, row in boards.rows():
        if row.task_id and row.task_id not in known:
            charge = seen[row.task_id].charge if row.task_id in seen else None
            seen[row.task_id] = Sighting(row.task_id, charge, row, board_id)
    return list(seen.values())
