"""The loop that follows everything TopView works on.

Threads do the HTTP, this thread does all the writing. The loop ends after about 50 seconds and queues its
successor, so that a new release or a crash never leaves more than one behind.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from time import monotonic

from django.conf import settings
from django.utils import timezone
from django_q.models import OrmQ

from tasks.commands.accounts.account_state import note_answer
from tasks.commands.evidence.settling import lease_claims, settle_claim
from tasks.commands.refresh.clock_skew import mind_the_clock
from tasks.commands.refresh.lateness import watch
from tasks.commands.refresh.leasing import (
    Nudges,
    lease_due,
    let_go_of_unwanted,
    probes,
    recover_left_behind,
    shut_accounts,
)
from tasks.commands.refresh.poller import Asker
from tasks.commands.refresh.results import write_result
from tasks.commands.runtime import shutdown
from tasks.commands.runtime.failpoints import checkpoint
from tasks.commands.runtime.queue import REFRESH_CLUSTER, REFRESH_LOOP, nudge
from tasks.models import Heartbeat, Lease, Submission
from tasks.models.polling import PollTarget, claim_target
from tasks.topview.results import RemoteTask

__all__ = ["Asker", "ensure_loop", "Turns", "refresh_loop", "refresh_once"]

logger = logging.getLogger(__name__)

# One loop after the other in the same process goes on with what was named.
_nudges = Nudges()

LEASE = "refresh"
_LEASE_SECONDS = 20.0
# How long one loop goes on before its successor takes over.
LOOP_SECONDS = 50.0
# The longest wait for an answer before it is looked what else is due: a callback makes a row due at once.
_PATIENCE = 0.25
# How often the loop looks after everything else: nudges, claims, rows whose worker died.
_TIDY_SECONDS = 1.0
# The same while TopView is asked about nothing.
_QUIET_TIDY_SECONDS = 3.0
# How often it is looked what else is due while the threads have enough to do.
_LEASE_AGAIN_SECONDS = 0.2
# How long the last answers are waited for when the loop ends.
_LAST_SECONDS = 3.0


def refresh_loop(*, seconds: float = LOOP_SECONDS) -> None:
    """Refresh until the time is over. Returns at once when another loop is active."""
    hold = Hold(min(_LEASE_SECONDS, settings.TAKEOVER_SECONDS))
    ends_at = monotonic() + seconds
    if not hold():
        return
    try:
        with Asker() as asker:
            turns = Turns(asker, _nudges, hold)
            while monotonic() < ends_at and not shutdown.is_asked() and hold():
                turns.go_on()
            turns.end()
    finally:
        Lease.give_back(LEASE, hold.holder)
    if not shutdown.is_asked():
        ensure_loop()


def ensure_loop() -> None:
    """Queue a loop unless one is active or already waiting in the queue."""
    now = timezone.now()
    # Canaries travel through the same queue: only a waiting loop counts.
    waiting = OrmQ.objects.filter(key=REFRESH_CLUSTER, lock__lte=now)
    if not Lease.held(LEASE, now, longest=_LEASE_SECONDS) and not any(
        message.func() == REFRESH_LOOP for message in waiting
    ):
        nudge(REFRESH_LOOP, cluster=REFRESH_CLUSTER)


def refresh_once(asker: Asker, nudges: Nudges, *, renew: Callable[[], object] = bool) -> None:
    """One turn to its end: take over what was left behind, nudge what was forgotten, ask about what is due.

    `renew` is called between answers, since a turn with many of them may outlast the lease.
    """
    turns = Turns(asker, nudges, renew)
    turns.tidy()
    turns.lease()
    while asker.is_busy:
        turns.write(_PATIENCE)


class Hold:
    """The right to be the only loop, renewed when a good part of its time has passed."""

    def __init__(self, seconds: float) -> None:
        self.holder = secrets.token_hex(8)
        self._seconds = seconds
        self._renewed_at: float | None = None

    def __call__(self) -> bool:
        now = monotonic()
        if self._renewed_at is not None and now - self._renewed_at < self._seconds / 5:
            return True
        if not Lease.take(LEASE, self.holder, seconds=self._seconds):
            return False
        self._renewed_at = now
        return True


class Turns:
    """What the loop does again and again, in small pieces: nothing waits for the slowest answer."""

    def __init__(self, asker: Asker, nudges: Nudges, renew: Callable[[], object]) -> None:
        self._asker = asker
        self._nudges = nudges
        self._renew = renew
        self._tidied_at: float | None = None
        self._leased_at = 0.0
        # Whether nothing was due, or is being asked, since the last tidying.
        self._is_quiet = False

    def go_on(self) -> None:
        pause = _QUIET_TIDY_SECONDS if self._is_quiet else _TIDY_SECONDS
        if self._tidied_at is None or monotonic() - self._tidied_at >= pause:
            self.tidy()
        if not self._asker.is_well_fed or monotonic() - self._leased_at >= _LEASE_AGAIN_SECONDS:
            self.lease()
        self.write(_PATIENCE)

    def tidy(self) -> None:
        """Whatever is no poll of something due."""
        self._tidied_at = monotonic()
        now = timezone.now()
        Heartbeat.beat(Heartbeat.REFRESH)
        mind_the_clock(now)
        recover_left_behind(now)
        let_go_of_unwanted(now)
        shut = shut_accounts(self._asker.circuits, now)
        self._asker.put(probes(self._asker.circuits, now))
        self._nudges.send(now, circuits=self._asker.circuits, without=shut)
        watch.look(now)
        self._asker.put(claim_target(claim) for claim in lease_claims().values())
        self._is_quiet = not self._asker.is_busy

    def lease(self) -> None:
        """Take what is due. While nothing is, this looks at one index, and at nothing else."""
        self._leased_at = monotonic()
        now = timezone.now()
        if not Submission.objects.due(now).exists():
            return
        self._is_quiet = False
        shut = shut_accounts(self._asker.circuits, now)
        due = lease_due(now, room=self._asker.room, without=shut | self._asker.full())
        if due:
            checkpoint("refresh.leased", *due)
            self._asker.put(due)

    def write(self, patience: float) -> None:
        for target, heard in self._asker.answers(patience):
            self._asker.circuits.note(target.account.service, heard, is_probe=target.is_probe)
            checkpoint("refresh.answered" if target.claim is None else "settle.answered", target)
            self._renew()
            if not isinstance(heard, BaseException):
                note_answer(target.account)
            if heard is not None:
                _write_down(target, heard)

    def end(self) -> None:
        """Hear what is on its way; what was not asked is due again at once."""
        left = [
            target.pk for target in self._asker.drop_waiting() if target.claim is None and not target.is_probe
        ]
        Submission.objects.filter(pk__in=left).update(next_at=timezone.now())
        ends_at = monotonic() + _LAST_SECONDS
        while self._asker.is_busy and monotonic() < ends_at:
            self.write(_PATIENCE)


def _write_down(target: PollTarget, answer: RemoteTask | BaseException) -> None:
    """An answer about a claim is evidence first; it is the call's own once the call follows the task.

    One odd claim must not keep the others, and what is due, from being looked at.
    """
    try:
        is_its_own = target.claim is None or settle_claim(target.claim, answer)
    except Exception:
        logger.exception("refresh.odd-claim", extra={"submission": str(target.pk)})
        return
    if is_its_own:
        write_result(target, answer)
