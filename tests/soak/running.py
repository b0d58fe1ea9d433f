"""One run: people order while everything breaks; then nothing does, and all must come to its end."""

from __future__ import annotations

import itertools
import random
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections, connections

from tasks.commands.charges import read_account
from tasks.kinds import KINDS
from tasks.management.preparation import prepare_database
from tasks.models import Output, OutputState, Submission
from tests.parts import Parts
from tests.people import make_credential, make_mark, make_workspace, ready_catalogs
from tests.sandbox_fixture import SandboxDriver
from tests.soak.diary import Diary
from tests.soak.judging import MOVING, Judgement, judge
from tests.soak.people import Chooser, Marketer
from tests.soak.report import report
from tests.soak.trouble import Breaker

MARKETERS = 4
# Orders are spread over this part of the time, so that the last ones meet faults and kills too.
ORDERING = 0.9
# Seconds between two faults, and between two kills, drawn between these.
FAULT_PAUSE, KILL_PAUSE = (0.5, 2.5), (3.0, 9.0)
# Enough for every task at once.
CREDITS, IN_FLIGHT = 10_000_000, 100_000
VARIABLES = {"WORKERS": "4", "REFRESH_RATE": "500", "LOOK_SECONDS": "5"}


class Soak:
    """What one run is made of."""

    def __init__(self, folder: Path, *, minutes: float, tasks: int, seed: int) -> None:
        self.folder, self.minutes, self.tasks, self.seed = folder, minutes, tasks, seed
        self.diary = Diary()
        self.parts = Parts(folder / "parts")
        settings.SANDBOX_URL = self.parts.sandbox_url
        variables = {**VARIABLES, "NOTICE_URL": self.parts.web_url}
        self.portal = Breaker(self.parts, self.diary, random.Random(seed), **variables)
        self._numbers = itertools.count()
        self._over = threading.Event()

    def prepare(self) -> None:
        """Tables, a sandbox, people and an account that can pay for everything; then the portal."""
        prepare_database()
        self.portal.start_sandbox()
        self.parts.sandbox.account(SandboxDriver.uid, SandboxDriver.key, CREDITS)
        workspace = make_workspace()
        members = [make_mark(workspace) for _marketer in range(MARKETERS)]
        self.credential = ready_catalogs(make_credential(workspace, max_in_flight=IN_FLIGHT))
        self.portal.start()
        self.marketers = [
            Marketer(self.parts.web_url, member, self.credential, self.diary) for member in members
        ]
        chance = random.Random(self.seed - 1)
        self.chooser = Chooser(members[0], self.credential, self.diary, chance)

    def break_everything(self) -> None:
        """Order for as long as is given, and break meanwhile."""
        self.started = time.monotonic()
        with ThreadPoolExecutor(MARKETERS + 1) as pool:
            people = [pool.submit(self._order_on, place) for place in range(MARKETERS)]
            people.append(pool.submit(self._choose_on))
            try:
                self._trouble()
            finally:
                self._over.set()
            for person in people:
                person.result()

    def drain(self, seconds: float) -> float:
        """Nothing breaks any more: wait until nothing moves; the seconds it took, at most those."""
        self.portal.sandbox.clear()
        started = time.monotonic()
        while time.monotonic() < started + seconds and is_moving():
            time.sleep(0.5)
        return time.monotonic() - started

    def _trouble(self) -> None:
        chance = self.portal.chance
        next_kill = self.started + chance.uniform(*KILL_PAUSE)
        while (now := time.monotonic()) < self.started + self.minutes * 60:
            if now >= next_kill:
                self.portal.kill_something()
                next_kill = time.monotonic() + chance.uniform(*KILL_PAUSE)
            self.portal.break_something()
            time.sleep(chance.uniform(*FAULT_PAUSE))

    def _order_on(self, place: int) -> None:
        chance = random.Random(self.seed + 1 + place)
        kinds = list(KINDS.values())
        pause = self.minutes * 60 * ORDERING / self.tasks
        with own_connections():
            while (number := next(self._numbers)) < self.tasks:
                wait = self.started + number * pause - time.monotonic()
                if self._over.wait(max(0.0, wait)):
                    return
                self.marketers[place].order(kinds[number % len(kinds)], self.folder, chance)

    def _choose_on(self) -> None:
        with own_connections():
            while not self._over.wait(1.0):
                self.chooser.go_on()


def run(folder: Path, *, minutes: float, tasks: int, seed: int, drain: float) -> bool:
    """Run, print the report, and say whether every promise was kept."""
    soak = Soak(folder, minutes=minutes, tasks=tasks, seed=seed)
    _say(f"Seed {seed}: {tasks:,} tasks in {minutes:g} minutes, then up to {drain:g} s until all is quiet.")
    try:
        soak.prepare()
        soak.break_everything()
        drained = soak.drain(drain)
        # Charges that came after the worker's last reading.
        read_account(credential=soak.credential)
        judgement: Judgement = judge(soak.diary, soak.parts.store, soak.credential)
    finally:
        soak.parts.end()
    size = f"{tasks:,} tasks asked for in {minutes:g} minutes, seed {seed}, SQLite"
    sys.stdout.write(report(size, soak.diary, judgement, drained=drained))
    sys.stdout.flush()
    return judgement.holds


def is_moving() -> bool:
    """Whether anything will still happen by itself."""
    close_old_connections()
    unsaved = Output.objects.filter(state__in=(OutputState.WAITING, OutputState.SAVING))
    return Submission.objects.filter(status__in=MOVING).exists() or unsaved.exists()


@contextmanager
def own_connections() -> Iterator[None]:
    """A thread's own connections, closed with it."""
    try:
        yield
    finally:
        connections.close_all()


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
