"""Asks TopView over a few threads with kept connections. Who has to wait keeps nobody else from a turn."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil
from queue import Empty, SimpleQueue
from time import sleep
from typing import TypeAlias
from uuid import UUID

from tasks import kinds
from tasks.commands.accounts.circuit_breaker import Circuits, is_open, is_outage
from tasks.commands.accounts.clients import client_for
from tasks.commands.outputs import listing
from tasks.commands.refresh.rate_limit import Slots
from tasks.models.polling import PollTarget
from tasks.topview.client import TopViewClient
from tasks.topview.results import RemoteTask

THREADS = 8
# Threads that one credential may have at a time: a slow host leaves some to the others.
MOST_OF_ONE = 6
# Questions that a thread takes along at once, when no rate holds them back.
_BUNDLE = 16
# Questions of one credential that wait here, at most: as many as are asked in about a second.
_MOST_WAITING = 400
# With so many waiting, nobody need look for more at once.
_ENOUGH_WAITING = 100
# While answers keep coming they are fetched together, so often.
_PAUSE = 0.01

# TopView's answer, the error that stood in its way, or None for a probe that was answered.
Heard: TypeAlias = RemoteTask | BaseException | None


@dataclass(frozen=True, slots=True)
class _Over:
    """A thread is free again, and brings back what it did not ask."""

    credential: UUID
    rest: list[PollTarget]


class Asker:
    """Takes questions, and hands out the answers as they come. Threads do the HTTP and nothing else."""

    def __init__(self) -> None:
        self.circuits = Circuits()
        self.slots = Slots(self.circuits)
        self._pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="refresh")
        self._local = threading.local()
        self._clients: list[TopViewClient] = []
        self._waiting: dict[UUID, deque[PollTarget]] = {}
        self._busy: Counter[UUID] = Counter()
        self._is_closing = False
        self._done: SimpleQueue[tuple[PollTarget, Heard] | _Over] = SimpleQueue()

    def __enter__(self) -> Asker:
        return self

    def __exit__(self, *error: object) -> None:
        self._is_closing = True
        self._pool.shutdown(wait=True, cancel_futures=True)
        for client in self._clients:
            client.close()

    @property
    def is_busy(self) -> bool:
        """Whether an answer, or a turn, is still awaited."""
        return bool(self._busy) or any(self._waiting.values())

    @property
    def is_well_fed(self) -> bool:
        """Whether the threads have enough to ask for a while."""
        return sum(map(len, self._waiting.values())) >= _ENOUGH_WAITING

    def full(self) -> set[UUID]:
        """Credentials with as many questions here as may be asked soon."""
        return {one for one, waiting in self._waiting.items() if waiting and self.room(waiting[0]) <= 0}

    def room(self, target: PollTarget) -> int:
        """How many more questions of its credential may come: none while half of the most still wait."""
        most = int(min(float(_MOST_WAITING), max(2.0, self.slots.room(target))))
        left = most - len(self._waiting.get(target.account.pk, ()))
        return left if left * 2 >= most else 0

    def put(self, targets: Iterable[PollTarget]) -> None:
        """Questions to ask as soon as their turn comes."""
        for target in targets:
            self._waiting.setdefault(target.account.pk, deque()).append(target)

    def answers(self, patience: float) -> list[tuple[PollTarget, Heard]]:
        """What has been heard; waits for the first at most so long."""
        wait = min(patience, self._hand_out())
        heard: list[tuple[PollTarget, Heard]] = []
        try:
            self._hear(self._done.get(timeout=max(wait, 0.001)), heard)
        except Empty:
            return heard
        if self._busy:
            sleep(_PAUSE)
        while True:
            try:
                self._hear(self._done.get_nowait(), heard)
            except Empty:
                return heard

    def ask(self, targets: Iterable[PollTarget]) -> Iterator[tuple[PollTarget, Heard]]:
        """All answers to these questions, as they come."""
        self.put(targets)
        while self.is_busy:
            yield from self.answers(1.0)

    def _hear(self, news: tuple[PollTarget, Heard] | _Over, heard: list[tuple[PollTarget, Heard]]) -> None:
        if not isinstance(news, _Over):
            heard.append(news)
            return
        self._busy[news.credential] -= 1
        # Whatever is at nothing leaves the count.
        self._busy += Counter()
        if news.rest:
            self._waiting.setdefault(news.credential, deque()).extendleft(reversed(news.rest))

    def drop_waiting(self) -> list[PollTarget]:
        """What has not been asked, and will not be."""
        waiting, self._waiting = self._waiting, {}
        return [target for targets in waiting.values() for target in targets]

    def _hand_out(self) -> float:
        """Give threads what may leave now; the seconds until something more may."""
        soonest = 1.0
        for credential in list(self._waiting):
            waiting = self._waiting[credential]
            while waiting and (free := self._free_threads(credential)):
                wait = self._next_bundle(credential, waiting, free)
                if wait:
                    soonest = min(soonest, wait)
                    break
            if not waiting:
                del self._waiting[credential]
            else:
                # Whoever got a turn comes last in the next round.
                self._waiting[credential] = self._waiting.pop(credential)
        return soonest

    def _free_threads(self, credential: UUID) -> int:
        return min(THREADS - self._busy.total(), MOST_OF_ONE - self._busy[credential])

    def _next_bundle(self, credential: UUID, waiting: deque[PollTarget], free: int) -> float:
        first = waiting[0]
        if not first.is_probe and is_open(self.circuits.of(first.account.service)):
            # Its turn comes again by itself: everything that waits here has a next one in the database.
            waiting.clear()
            return 0.0
        wait = self.slots.take(first)
        if wait:
            return wait
        size = min(_BUNDLE, ceil(len(waiting) / free)) if self.slots.is_free(first) else 1
        bundle = [waiting.popleft() for _number in range(size)]
        self._busy[credential] += 1
        self._pool.submit(self._ask_bundle, credential, bundle)
        return 0.0

    def _ask_bundle(self, credential: UUID, bundle: list[PollTarget]) -> None:
        """One question after the other. Where nobody answers, the rest of them comes back."""
        rest = deque(bundle)
        try:
            while rest and not self._is_closing:
                target = rest.popleft()
                answer = self._ask(target)
                self._done.put((target, answer))
                if is_outage(answer):
                    return
        finally:
            self._done.put(_Over(credential, list(rest)))

    def _ask(self, target: PollTarget) -> Heard:
        account = target.account
        mine: dict[tuple[UUID, bytes], TopViewClient] = self._local.__dict__.setdefault("clients", {})
        try:
            key = (account.pk, bytes(account.encrypted_key))
            if key not in mine:
                mine[key] = client_for(account, is_quick=True)
                self._clients.append(mine[key])
            if target.is_probe:
                mine[key].credit()
                return None
            step = kinds.step(target.kind, target.step)
            return listing.ask(mine[key], step, target.remote_id)
        except Exception as error:
            # Whoever asked is told in their own thread.
            return error
