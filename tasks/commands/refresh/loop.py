"""The loop that follows everything TopView works on.

Threads do the HTTP, this thread does all the writing. The loop ends after about 50 seconds and queues its
successor, so that a new release or a crash never leaves more than one behind.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from time import monotonic, sleep
from uuid import UUID

from django.conf import settings
from django.db.models import Min
from django.utils import timezone
from django_q.models import OrmQ

from tasks import kinds
from tasks.commands import stopping
from tasks.commands.checkpoint import checkpoint
from tasks.commands.clients import client_for
from tasks.commands.queue import REFRESH_CLUSTER, REFRESH_LOOP, nudge
from tasks.commands.refresh.evidence import lease_claims, settle_claim
from tasks.commands.refresh.leasing import Nudges, lease_due, recover_left_behind
from tasks.commands.refresh.pace import watch
from tasks.commands.refresh.results import ODD, write
from tasks.models import Heartbeat, Lease, Notice, Submission
from tasks.topview.client import TopViewClient
from tasks.topview.results import RemoteTask

logger = logging.getLogger(__name__)

LEASE = "refresh"
_LEASE_SECONDS = 20.0
# How long one loop goes on before its successor takes over.
LOOP_SECONDS = 50.0
# Longest sleep between turns: new rows may have come meanwhile.
_LONGEST_SLEEP = 1.0
_SHORTEST_SLEEP = 0.05
_THREADS = 8


def refresh_loop(*, seconds: float = LOOP_SECONDS) -> None:
    """Refresh until the time is over. Returns at once when another loop is active."""
    holder = secrets.token_hex(8)
    ends_at = monotonic() + seconds

    def hold() -> bool:
        return Lease.take(LEASE, holder, seconds=min(_LEASE_SECONDS, settings.TAKEOVER_SECONDS))

    if not hold():
        return
    try:
        with Asker() as asker:
            nudges = Nudges()
            while monotonic() < ends_at and not stopping.is_asked() and hold():
                refresh_once(asker, nudges, renew=hold)
                sleep(_until_next_turn())
    finally:
        Lease.give_back(LEASE, holder)
    if not stopping.is_asked():
        ensure_loop()


def ensure_loop() -> None:
    """Queue a loop unless one is active or already waiting in the queue."""
    now = timezone.now()
    # Canaries travel through the same queue: only a waiting loop counts.
    waiting = OrmQ.objects.filter(key=REFRESH_CLUSTER, lock__lte=now)
    if not Lease.held(LEASE, now) and not any(message.func() == REFRESH_LOOP for message in waiting):
        nudge(REFRESH_LOOP, cluster=REFRESH_CLUSTER)


def refresh_once(asker: Asker, nudges: Nudges, *, renew: Callable[[], object] = bool) -> None:
    """One turn: take over what was left behind, nudge what was forgotten, ask about what is due.

    `renew` is called between answers, since a turn with many of them may outlast the lease.
    """
    now = timezone.now()
    Heartbeat.beat(Heartbeat.REFRESH)
    recover_left_behind(now)
    nudges.send(now)
    watch.look(now)
    claims = lease_claims()
    for submission, answer in asker.ask([claim.submission for claim in claims.values()]):
        renew()
        _settle(claims[submission.pk], answer)
    due = lease_due(now)
    if due:
        checkpoint("refresh.leased")
    for submission, answer in asker.ask(due):
        checkpoint("refresh.answered")
        renew()
        write(submission, answer)


def _settle(claim: Notice, answer: RemoteTask | BaseException) -> None:
    """One odd claim must not keep the others, and what is due, from being looked at."""
    try:
        settle_claim(claim, answer)
    except ODD:
        logger.exception("refresh.odd-claim", extra={"submission": str(claim.submission_id)})


def _until_next_turn() -> float:
    soonest = Submission.objects.watched().aggregate(at=Min("next_at"))["at"]
    if soonest is None:
        return _LONGEST_SLEEP
    wait: float = (soonest - timezone.now()).total_seconds()
    return min(max(wait, _SHORTEST_SLEEP), _LONGEST_SLEEP)


class Asker:
    """Queries TopView over a few threads with kept connections, at a limited rate per credential."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="refresh")
        self._local = threading.local()
        self._clients: list[TopViewClient] = []
        self._next_slot: dict[UUID, float] = {}

    def __enter__(self) -> Asker:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        for client in self._clients:
            client.close()

    def ask(self, due: list[Submission]) -> Iterator[tuple[Submission, RemoteTask | BaseException]]:
        """The answers as they come; each is TopView's or the error that stood in its way."""
        waiting: dict[Future[RemoteTask], Submission] = {}
        for submission in due:
            waiting[self._pool.submit(self._query, submission, self._slot(submission))] = submission
        for future in as_completed(waiting):
            yield waiting[future], future.exception() or future.result()

    def _slot(self, submission: Submission) -> float:
        """When this credential may send its next query, on the monotonic clock."""
        credential = submission.task.credential_id
        slot = max(self._next_slot.get(credential, 0.0), monotonic())
        self._next_slot[credential] = slot + 1 / settings.REFRESH_RATE
        return slot

    def _query(self, submission: Submission, slot: float) -> RemoteTask:
        sleep(max(0.0, slot - monotonic()))
        step = kinds.kind(submission.task.kind).step(submission.step)
        return self._client(submission).query(step.query_path, submission.remote_id, also_read=step.also_read)

    def _client(self, submission: Submission) -> TopViewClient:
        mine: dict[UUID, TopViewClient] = self._local.__dict__.setdefault("clients", {})
        credential = submission.task.credential
        if credential.pk not in mine:
            mine[credential.pk] = client_for(credential, is_quick=True)
            self._clients.append(mine[credential.pk])
        return mine[credential.pk]
