"""One run: people order while everything breaks; then nothing does, and all must come to its end."""

from __future__ import annotations

import itertools
import random
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connections

from tasks.kinds import KINDS
from tasks.management.preparation import prepare_database
from tests.judging import Judgement, is_asking, judge, under_way
from tests.killing import ONE, SANDBOX, SORTS, WEB, WORKER, Killer
from tests.marketer import Browser, Marketer
from tests.parts import Parts
from tests.people import (
    leave_pictures,
    make_alice,
    make_credential,
    make_mark,
    make_workspace,
    ready_catalogs,
)
from tests.sandbox_fixture import SandboxDriver
from tests.soak.diary import Diary
from tests.soak.people import Chooser, Helper
from tests.soak.report import report
from tests.soak.trouble import Breaker
from tests.upstream import Upstream

MARKETERS = 4
# Share of the orders that are sent a second time at once, as by a double click.
DOUBLE_CLICKS = 0.1
# Orders are spread over this part of the time, so that the last ones meet faults and kills too.
ORDERING = 0.9
# Fewer of the orders that were asked for are no soak.
ENOUGH = 0.95
# A machine that is too slow may take so many times as long for them.
LONGER = 2
# Seconds between two faults, and between two kills, drawn between these. A worker of which one process was
# killed may need a quarter of a minute to be itself again, and the tasks have to be done between.
FAULT_PAUSE, KILL_PAUSE = (0.5, 2.5), (5.0, 25.0)
# Drawn from, after one of each.
SORTS_OF_KILLS = [*SORTS, ONE, ONE]
# How long a task takes at the sandbox, in seconds.
TASK_SECONDS = 1.0
# Seconds in which what was found of lost calls is asked about.
ASKING = 30.0
# Enough for every task at once.
CREDITS, IN_FLIGHT = 10_000_000, 100_000
VARIABLES = {"WORKERS": "6", "REFRESH_RATE": "500", "SEARCH_SECONDS": "5"}


class Soak:
    """What one run is made of."""

    def __init__(self, folder: Path, *, minutes: float, tasks: int, seed: int) -> None:
        self.folder, self.minutes, self.tasks, self.seed = folder, minutes, tasks, seed
        self.diary = Diary()
        self.parts = Parts(folder / "parts")
        settings.SANDBOX_URL = self.parts.sandbox_url
        self.upstream = Upstream(self.parts.store)
        self.chance = random.Random(seed)
        variables = {**VARIABLES, "NOTICE_URL": self.parts.web_url}
        self.killer = Killer(self.parts, self.chance, seconds=TASK_SECONDS, **variables)
        self.breaker = Breaker(self.parts.sandbox, self.chance, self.diary.faults)
        self._numbers = itertools.count()
        self._over, self._quiet = threading.Event(), threading.Event()

    def prepare(self) -> None:
        """Tables, a sandbox, people and an account that can pay for everything; then the portal."""
        prepare_database()
        self.killer.start(SANDBOX)
        self.parts.sandbox.account(SandboxDriver.uid, SandboxDriver.key, CREDITS)
        workspace = make_workspace()
        members = [make_mark(workspace) for _marketer in range(MARKETERS)]
        self.credential = ready_catalogs(make_credential(workspace, max_in_flight=IN_FLIGHT))
        leave_pictures()
        self.killer.start(WORKER, WEB)
        url = self.parts.web_url
        self.marketers = [Marketer(url, member, self.credential, self.diary.orders) for member in members]
        alice = Browser(url, make_alice(workspace))
        self.helper = Helper(alice, self.credential, self.diary.helped)
        chance = random.Random(self.seed - 1)
        self.chooser = Chooser(members[0], self.credential, chance, self.diary.went_on)

    def run(self, patience: float) -> float:
        """Order and break, then wait until nothing moves: the seconds that took."""
        self.started = time.monotonic()
        with ThreadPoolExecutor(MARKETERS + 2) as pool:
            people = [pool.submit(self._order_on, place) for place in range(MARKETERS)]
            people += [pool.submit(self._choose_on), pool.submit(self._help_on)]
            try:
                self._trouble(people)
                self._over.set()
                return self._drain(patience)
            finally:
                self._over.set()
                self._quiet.set()
                for person in people:
                    person.result()

    def judge(self) -> Judgement:
        """What is left, once TopView has been asked about what was found of lost calls."""
        ends_at = time.monotonic() + ASKING
        while is_asking(self.credential, self.upstream) and time.monotonic() < ends_at:
            time.sleep(1.0)
        found = judge(self.diary.orders, self.parts.store, self.credential)
        found.others["Tried as hard as was asked"] = list(self._shortcomings())
        return found

    def _shortcomings(self) -> Iterator[str]:
        ordered = len(self.diary.orders.answered)
        if ordered < self.tasks * ENOUGH:
            yield f"only {ordered:,} of {self.tasks:,} orders were answered"
        yield from (f"{sort} was never killed" for sort in SORTS if not self.killer.kills[sort])
        yield from (f"{name} has ended by itself" for name in self.killer.gone())

    def _drain(self, patience: float) -> float:
        """A slow machine needs longer; but when nothing has happened for so many seconds, nothing will."""
        self.parts.sandbox.clear()
        started = changed = time.monotonic()
        seen: tuple[int, ...] = ()
        while any(left := under_way(self.upstream)) and time.monotonic() < changed + patience:
            if left != seen:
                seen, changed = left, time.monotonic()
            time.sleep(0.5)
        return time.monotonic() - started

    def _is_time(self) -> bool:
        """Whether there is still to be broken: for as long as was asked, and until all is ordered."""
        minutes = (time.monotonic() - self.started) / 60
        ordered = sum(self.diary.orders.kinds.values())
        return minutes < self.minutes or (ordered < self.tasks and minutes < self.minutes * LONGER)

    def _trouble(self, people: list[Future[None]]) -> None:
        deck = self.chance.sample(SORTS, len(SORTS))
        next_kill = self.started + self.chance.uniform(*KILL_PAUSE)
        while self._is_time():
            for person in people:
                if person.done():
                    # Whoever has failed ends the run at once.
                    person.result()
            if time.monotonic() >= next_kill:
                sort = deck.pop() if deck else self.chance.choice(SORTS_OF_KILLS)
                self.killer.wait_for(sort)
                self.killer.kill(sort)
                next_kill = time.monotonic() + self.chance.uniform(*KILL_PAUSE)
                self.parts.wait_for(SANDBOX)
            self.breaker.break_something()
            time.sleep(self.chance.uniform(*FAULT_PAUSE))
        self.diary.minutes = (time.monotonic() - self.started) / 60

    def _order_on(self, place: int) -> None:
        chance = random.Random(self.seed + 1 + place)
        kinds = list(KINDS.values())
        pause = self.minutes * 60 * ORDERING / self.tasks
        with own_connections():
            while (number := next(self._numbers)) < self.tasks:
                wait = self.started + number * pause - time.monotonic()
                if self._over.wait(max(0.0, wait)):
                    return
                twice = chance.random() < DOUBLE_CLICKS
                self.marketers[place].order(kinds[number % len(kinds)], self.folder, twice=twice)

    def _choose_on(self) -> None:
        with own_connections():
            while not self._over.wait(1.0):
                self.chooser.go_on()

    def _help_on(self) -> None:
        with own_connections():
            while not self._quiet.wait(1.0):
                self.helper.help()


def run(folder: Path, *, minutes: float, tasks: int, seed: int, patience: float) -> bool:
    """Run, print the report, and say whether every promise was kept."""
    soak = Soak(folder, minutes=minutes, tasks=tasks, seed=seed)
    _say(f"Seed {seed}: {tasks:,} tasks in {minutes:g} minutes, then until all is quiet.")
    try:
        soak.prepare()
        drained = soak.run(patience)
        judgement = soak.judge()
    finally:
        soak.parts.end()
    size = f"{tasks:,} tasks asked for in {minutes:g} minutes, seed {seed}, SQLite"
    soak.diary.kills = soak.killer.kills
    sys.stdout.write(report(size, soak.diary, judgement, drained=drained))
    sys.stdout.flush()
    return judgement.holds


@contextmanager
def own_connections() -> Iterator[None]:
    """A thread's own connections, closed with it."""
    try:
        yield
    finally:
        connections.close_all()


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
