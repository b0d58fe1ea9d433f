"""Which submissions are asked about next, and who takes over from a worker that died."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Min
from django_q.models import OrmQ

from tasks import kinds
from tasks.causes import Cause, Code
from tasks.commands.accounts.circuit_breaker import Circuits, host_of, is_open, is_ripe, may_probe, ramp
from tasks.commands.library import examinations
from tasks.commands.refresh.poll_interval import interval
from tasks.commands.runtime.queue import EXAMINE, MAIN_CLUSTER, SAVE_OUTPUT, SUBMIT, nudge
from tasks.commands.submissions.scheduling import next_in_turn
from tasks.models import Credential, CredentialState, Output, OutputState, Service, Status, Submission
from tasks.models.polling import PollTarget, due_targets, probe_target, push_forward

# A nudge for a row is sent again when nobody has taken the row for this long.
_NUDGE_AGAIN_SECONDS = 15.0
# While so many messages wait, whoever has just begun takes it that each row has one among them.
LONG_QUEUE = 100
# Rows of which it is remembered that they were named; with more, all are forgotten.
_MOST_NAMED = 50_000
# Rows taken, or looked after, in one go.
BATCH = 400
# A format that a release has taken away is asked about as if its calls took so long.
_UNKNOWN_SECONDS = 120.0
_LEASE_MARGIN = timedelta(minutes=2)


def lease_due(
    now: datetime,
    *,
    room: Callable[[PollTarget], int] = lambda _target: BATCH,
    without: Collection[UUID] = (),
) -> list[PollTarget]:
    """Take what is due, of each credential as much as there is room for, of those in `without` nothing.

    Each row's next turn is pushed forward first, so that a poisoned one cannot spin.
    """
    shut, left, taken = set(without), Counter[UUID](), list[PollTarget]()
    while True:
        found = due_targets(now, without=shut, most=BATCH)
        full = set()
        chosen = []
        for target in found:
            account = target.account.pk
            if account not in left:
                left[account] = room(target)
            if left[account] > 0:
                left[account] -= 1
                chosen.append(target)
            else:
                full.add(account)
        if chosen:
            push_forward([(target.pk, now + timedelta(seconds=_seconds(target, now))) for target in chosen])
        taken += chosen
        if not full or len(found) < BATCH:
            return taken
        # Behind the rows of one that has no room, others may be due.
        shut |= full


def _seconds(target: PollTarget, now: datetime) -> float:
    """Until its next turn: by its age, and by when such calls usually end."""
    age = max(0.0, (now - target.accepted_at).total_seconds())
    if target.usual_at is not None:
        usual = max(0.0, (target.usual_at - target.accepted_at).total_seconds())
    else:
        step = kinds.find_step(target.kind, target.step)
        usual = float(step.usual_seconds) if step else _UNKNOWN_SECONDS
    return interval(age, usual)


def shut_accounts(circuits: Circuits, now: datetime) -> set[UUID]:
    """Credentials that are not asked now: TopView wants fewer calls of them, or their host is silent."""
    accounts = Credential.objects.exclude(state=CredentialState.DISABLED)
    return {
        account.pk
        for account in accounts.only("service", "slow_until")
        if account.is_slowed(now) or is_open(circuits.of(account.service))
    }


def probes(circuits: Circuits, now: datetime) -> list[PollTarget]:
    """One look at an account for each silent host that may answer again."""
    found = []
    for service in Service.values:
        circuit = circuits.of(service)
        if circuit is None or not is_ripe(circuit, now):
            continue
        account = Credential.objects.usable().filter(service=service).order_by("?").first()
        if account is not None and may_probe(circuit.host, now):
            found.append(probe_target(account))
    return found


def recover_left_behind(now: datetime) -> None:
    """Settle rows whose worker died: preparing goes back to the queue, a sent submit is unknown."""
    longest = timedelta(seconds=settings.TAKEOVER_SECONDS + settings.TOPVIEW_SUBMIT_SECONDS) + _LEASE_MARGIN
    for submission in Submission.objects.left_behind(now, longest=longest).select_related("task")[:BATCH]:
        if submission.status == Status.PREPARING:
            submission.advance(
                Status.QUEUED,
                cause="lease-expired",
                lease_until=None,
                next_at=now,
                holder=submission.lease_holder,
            )
        else:
            submission.advance(
                Status.UNKNOWN,
                cause="lease-expired",
                lease_until=None,
                reason=Cause.of(Code.WORKER_STOPPED),
                holder=submission.lease_holder,
            )


def let_go_of_unwanted(now: datetime) -> None:
    """Have outputs whose saving died, and that a person does not want saved, wait for another decision."""
    for output in Output.objects.unwanted_and_dropped(now).select_related("task")[:BATCH]:
        with transaction.atomic():
            # Who wants it after all may have been faster, and a worker may be at it again.
            still = Output.objects.unwanted_and_dropped(now).filter(pk=output.pk)
            if still.update(state=OutputState.WAITING, lease_holder="", lease_until=None):
                output.task.touch()


class Nudges:
    """Queues jobs for rows whose turn has come, in case the message about them was lost or never sent.

    Of the calls that wait for a credential, only as many are named as it has room for, in fair turns. No row
    is named again while its last message may still wait: in a long queue that would come to more and more.
    """

    def __init__(self) -> None:
        # When a row was last named, and the newest message at that time.
        self._named: dict[UUID, tuple[float, int]] = {}
        self._first, self._newest, self._is_long = 0.0, 0, False

    def send(
        self, now: datetime, *, circuits: Circuits | None = None, without: Collection[UUID] = ()
    ) -> None:
        """One turn. A row is named again only when nobody has taken it for a while."""
        self._look(now)
        left: dict[str, float] = {}
        for account, pks in next_in_turn(now, without=without).items():
            host = host_of(account.service)
            if host not in left:
                left[host] = ramp(circuits.of(account.service), now) if circuits else float("inf")
            for pk in pks:
                if left[host] >= 1 and self._once(SUBMIT, pk):
                    left[host] -= 1
        for pk in Output.objects.unsaved(now).values_list("pk", flat=True)[:BATCH]:
            self._once(SAVE_OUTPUT, pk)
        # Its job takes no id: the one whose turn it is stands for all.
        if (first := examinations.next_in_turn(now)) is not None:
            self._once(EXAMINE, first)

    def _look(self, now: datetime) -> None:
        """Where the queue stands: messages are taken in the order in which they came."""
        waiting = OrmQ.objects.filter(key=MAIN_CLUSTER, lock__lte=now)
        found = waiting.aggregate(first=Min("pk"), count=Count("pk"))
        self._first = float("inf") if found["first"] is None else found["first"]
        self._is_long = found["count"] >= LONG_QUEUE
        self._newest = OrmQ.objects.aggregate(newest=Max("pk"))["newest"] or 0
        if len(self._named) > _MOST_NAMED:
            self._named.clear()

    def _once(self, job: str, pk: UUID) -> bool:
        last = self._named.get(pk)
        if last is not None and (monotonic() - last[0] <= _NUDGE_AGAIN_SECONDS or self._first <= last[1]):
            return False
        self._named[pk] = (monotonic(), self._newest)
        if last is None and self._is_long:
            return False
        nudge(job, *(() if job == EXAMINE else (pk,)))
        return True
