"""Whether an account may take another task, whether what comes of it could be kept, and whose turn it is."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias
from uuid import UUID

from django.utils import timezone

from tasks.causes import Cause, Code
from tasks.commands.accounts.circuit_breaker import host_of, outage_of
from tasks.commands.runtime.disk import is_full
from tasks.models import Credential, Submission

# Of a longer queue nobody is told how far behind its end is.
_FORESEEN = 200
_FULL = Cause.of(Code.ACCOUNT_FULL)
Person: TypeAlias = int | None
# A queued call and who wants it.
Queued: TypeAlias = tuple[UUID, Person]


def what_stands_in_the_way(credential: Credential) -> Cause | None:
    """Why nothing may be sent with the account now; None when it has room."""
    if not credential.is_usable:
        return Cause.of(Code.CREDENTIAL_UNUSABLE, name=credential.name, reason=credential.state_reason)
    if not host_of(credential.service):
        return Cause.of(Code.NO_SANDBOX)
    if is_full():
        return Cause.of(Code.DISK_NEARLY_FULL)
    if credential.is_slowed(timezone.now()):
        return Cause.of(Code.RATE_LIMITED)
    if outage := outage_of(credential):
        return outage
    if Submission.objects.in_flight().get(credential.pk, 0) >= credential.max_in_flight:
        return _FULL
    return None


def what_delays(submission: Submission) -> Cause | None:
    """Why this queued call may not be prepared now; None when it is its turn."""
    credential = submission.task.credential
    if reason := what_stands_in_the_way(credential):
        return reason
    at_work = Submission.objects.at_work().get(credential.pk, {})
    room = credential.max_in_flight - sum(at_work.values())
    if room > 0:
        queued = Submission.objects.queue(timezone.now(), {credential.pk: room}).get(credential.pk, [])
        if submission.pk in in_turn(queued, at_work, room=room):
            return None
    return _FULL


def next_in_turn(now: datetime, *, without: Collection[UUID] = ()) -> dict[Credential, list[UUID]]:
    """The queued calls for which their accounts have room, each account's in fair turns."""
    if not Submission.objects.forgotten(now).exists():
        return {}
    at_work = Submission.objects.at_work()
    accounts = {account.pk: account for account in Credential.objects.usable().exclude(pk__in=without)}
    room = {pk: one.max_in_flight - sum(at_work.get(pk, {}).values()) for pk, one in accounts.items()}
    room = {pk: free for pk, free in room.items() if free > 0}
    queues = Submission.objects.queue(now, room) if room else {}
    return {
        accounts[pk]: in_turn(queued, at_work.get(pk, {}), room=room[pk]) for pk, queued in queues.items()
    }


class Turn(NamedTuple):
    """A queued call's number in its account's queue, from 1, and how many rounds of calls end before it."""

    number: int
    rounds: int


def queue_order(workspace_id: UUID) -> dict[UUID, Turn]:
    """When each queued call of a workspace goes, of those that wait for nothing but room; not of the last."""
    now, found = timezone.now(), dict[UUID, Turn]()
    if not Submission.objects.forgotten(now).filter(workspace=workspace_id).exists():
        return found
    accounts = Credential.objects.usable().filter(workspace=workspace_id)
    queues = Submission.objects.queue(now, {account.pk: _FORESEEN for account in accounts})
    at_work = Submission.objects.at_work()
    for account in accounts:
        queued = queues.get(account.pk, [])[:_FORESEEN]
        if not queued or what_stands_in_the_way(account) not in (None, _FULL):
            continue
        busy = at_work.get(account.pk, {})
        free = account.max_in_flight - sum(busy.values())
        for place, pk in enumerate(in_turn(queued, busy, room=len(queued))):
            found[pk] = Turn(place + 1, max(0, (place - free) // account.max_in_flight + 1))
    return found


def in_turn(queued: Sequence[Queued], at_work: dict[Person, int], *, room: int) -> list[UUID]:
    """Who goes next where there is room for so many: who has the least at work, then the longest waiting.

    `queued` are the calls in the order in which they came; `at_work` counts each person's that have gone.
    """
    lines: dict[Person, deque[tuple[int, UUID]]] = {}
    for place, (pk, person) in enumerate(queued):
        lines.setdefault(person, deque()).append((place, pk))
    busy, chosen = Counter(at_work), list[UUID]()
    while lines and len(chosen) < room:
        person = min(lines, key=lambda one: (busy[one], lines[one][0]))
        chosen.append(lines[person].popleft()[1])
        busy[person] += 1
        if not lines[person]:
            del lines[person]
    return chosen
