"""Following many tasks, beside a bare loop of as many GETs: same client, same threads, kept connections."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

from django.utils import timezone

from tasks.commands.accounts.clients import client_for
from tasks.commands.refresh.leasing import Nudges
from tasks.commands.refresh.loop import Turns
from tasks.commands.refresh.poller import MOST_OF_ONE, Asker
from tasks.models import Credential, Submission
from tests.benchmarks.interval import of_median
from tests.benchmarks.upstream import KIND, Upstream, at_work, followed, spread, studio, upstream

_QUERY = "queryCommonImage2Video"


@dataclass(frozen=True)
class Took:
    """Seconds by the clock on the wall, and of this process' CPU."""

    wall: float
    cpu: float


def measure_ratio(folder: Path, tasks: int, rounds: int) -> str:
    """The report: the median of interleaved rounds."""
    with upstream(folder) as there:
        member, account = studio()
        works = spread(tasks, 600)
        ids = at_work(there, account, works)
        followed(member, account, works, ids, usual=3600)
        # The first poll has something to write down for each.
        _all_turns()
        pairs = [(_timed(lambda: _bare(account, ids)), _refresh(there, tasks)) for _round in range(rounds)]
    wall = of_median([bare.wall / whole.wall for bare, whole in pairs])
    cpu = of_median([bare.cpu / whole.cpu for bare, whole in pairs])
    bare, whole = (median(took.wall for took in side) for side in zip(*pairs, strict=True))
    return (
        f"{tasks:,} running tasks, {MOST_OF_ONE} connections, {rounds} interleaved rounds: "
        f"bare GETs {bare:.1f} s ({tasks / bare:.0f}/s), refresh {whole:.1f} s ({tasks / whole:.0f}/s); "
        f"ratio {wall}, by CPU time {cpu}, aim >= 0.85 for both"
    )


def _timed(work: Callable[[], object]) -> Took:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - wall, time.process_time() - cpu)


def _bare(account: Credential, ids: list[str]) -> None:
    path = KIND.steps[0].wire.query_path
    clients = [client_for(account, is_quick=True) for _thread in range(MOST_OF_ONE)]

    def ask(number: int) -> None:
        for remote_id in ids[number::MOST_OF_ONE]:
            clients[number].query(path, remote_id)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(MOST_OF_ONE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for client in clients:
        client.close()


def _refresh(there: Upstream, tasks: int) -> Took:
    Submission.objects.update(next_at=timezone.now() - timedelta(seconds=5))
    before = _asked(there)
    took = _timed(_all_turns)
    assert _asked(there) - before == tasks, "each was asked about once"
    return took


def _all_turns() -> None:
    with Asker() as asker:
        turns = Turns(asker, Nudges(), bool)
        turns.go_on()
        while asker.is_busy:
            turns.go_on()


def _asked(there: Upstream) -> int:
    return int(there.driver.state()["calls"].get(_QUERY, 0))
