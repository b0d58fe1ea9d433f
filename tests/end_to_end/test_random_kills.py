"""kill -9 at random moments, with real processes: paid once and saved, or a plain *unknown*; never two."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import sleep

import pytest
from django.db import connection, connections

from tasks.kinds import KINDS
from tasks.models import Output, OutputState, Status, Submission
from tests.judging import is_asking, is_moving, judge
from tests.killing import ONE, SANDBOX, WEB, WORKER, Killer
from tests.marketer import Marketer, OrderBook
from tests.parts import Parts, wait_until
from tests.people import leave_pictures, make_credential, make_mark, make_workspace, ready_catalogs
from tests.upstream import Upstream

pytestmark = [pytest.mark.proof, pytest.mark.django_db(transaction=True)]

# Of ten kills in a row, in an order that is drawn.
TEN = [ONE] * 5 + [WORKER] + [SANDBOX] * 2 + [WEB] * 2
TENS = {"sqlite": 5, "postgresql": 2}[connection.vendor]
SEED = 20261122
# Seconds between an order and the kill, drawn between these; the web server dies while it takes the order.
PAUSE, PAUSES = (0.05, 0.6), {WEB: (0.0, 0.06)}
# A paid call takes so long that many a kill meets one.
ANSWER_SECONDS = 0.3
VARIABLES = {"WORKERS": "3", "TAKEOVER_SECONDS": "2", "SEARCH_SECONDS": "2"}


def standing() -> str:
    """Where everything stands that is not saved, for the message of a test that waited in vain."""
    rows = Submission.objects.exclude(status=Status.SUCCEEDED)
    lines = [f"{row.status} next {row.next_at} {row.reason} {row.attention}" for row in rows]
    unsaved = Output.objects.exclude(state=OutputState.SAVED)
    return "; ".join(lines + [f"output {row.state} {row.error}" for row in unsaved])


@contextmanager
def ordering(marketer: Marketer, folder: Path) -> Iterator[Callable[[int], object]]:
    """A way to let the marketer order a numbered film meanwhile. All have been answered afterwards."""

    def order(number: int) -> None:
        try:
            marketer.order(next(iter(KINDS.values())), folder, {"script": f"Sentence number {number}."})
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        yield lambda number: pool.submit(order, number)


@pytest.mark.parametrize("tens", [1, pytest.param(TENS, marks=pytest.mark.long)])
def test_random_kills_never_pay_twice_and_lose_nothing(parts: Parts, tmp_path: Path, tens: int) -> None:
    chance, book, upstream = random.Random(SEED), OrderBook(), Upstream(parts.store)
    killer = Killer(parts, chance, seconds=1.0, **VARIABLES)
    killer.start(SANDBOX)
    parts.sandbox.fault("latency", scope="submits", value=ANSWER_SECONDS)
    member = make_mark(make_workspace())
    credential = ready_catalogs(make_credential(member.workspace, max_in_flight=1000))
    leave_pictures()
    killer.start(WORKER, WEB)
    kills = [sort for _ten in range(tens) for sort in chance.sample(TEN, len(TEN))]
    with ordering(Marketer(parts.web_url, member, credential, book), tmp_path) as order:
        for number, sort in enumerate(kills):
            killer.wait_for(sort)
            order(number)
            sleep(chance.uniform(*PAUSES.get(sort, PAUSE)))
            killer.kill(sort)
    wait_until(lambda: not is_moving(upstream), seconds=180, what=standing)
    wait_until(lambda: not is_asking(credential, upstream), seconds=60, what=standing)

    judgement = judge(book, parts.store, credential)
    assert judgement.holds, judgement.verdicts
    assert set(judgement.ends) <= {Status.SUCCEEDED, Status.UNKNOWN}
    assert len(book.answered) == len(kills)
    assert not killer.gone()
    assert not parts.sandbox.violations()
