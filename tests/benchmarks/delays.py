"""How long after a task has ended at TopView an open page shows it, while many others run."""

from __future__ import annotations

import random
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles

from django.urls import reverse

from tasks.models import Submission, Task
from tests.benchmarks.server import serving
from tests.benchmarks.upstream import Work, at_work, followed, studio, upstream
from tests.benchmarks.visitor import Visitor
from tests.people import PASSWORD
from topview_portal.parent_death import bound_to_parent
from topview_portal.processes import ROOT

# How long such a task usually takes, and by which share one may differ from that.
USUAL, DIFFERS = 300.0, 0.15
# The tasks whose pages are open end within these seconds from the beginning, after some to warm up in.
WARM_UP, WINDOW = 25.0, 60.0
PAGES = 60
# At the slowest, an open page is watched for so long after the last end.
PATIENCE = 240.0
_POLL = re.compile(r'hx-get="([^"]+)" hx-trigger="every ([\d.]+)s"')


@dataclass
class Page:
    """An open page of a task that ends at that moment."""

    task: Task
    ends_at: float
    seen_at: float | None = None


def measure_delays(folder: Path, running: int, way: str) -> str:
    """The report of one way to hear of an end."""
    # The web server calls itself well only beside a worker.
    with upstream(folder) as there, _worker(folder), serving(folder) as server:
        member, account = studio()
        works = [_one_of(running, place) for place in range(running)]
        ids = at_work(there, account, works)
        tasks = followed(member, account, works, ids, usual=USUAL)
        if way == "with callbacks":
            _call_back(there.store, f"http://127.0.0.1:{server.port}", ids)
        pages = _pages(tasks, works)
        _watch(pages, server.port, Visitor.who_signs_in(server.port, member.user.email, PASSWORD).cookie)
    return f"{running:,} running tasks, {way}: {_summary(pages)}"


def _one_of(running: int, place: int) -> Work:
    """One of many that are taken one after the other; none has ended yet."""
    seconds = USUAL * random.uniform(1 - DIFFERS, 1 + DIFFERS)
    since = (seconds - WARM_UP) * place / running
    return Work(time.time() - since, seconds)


def _pages(tasks: Sequence[Task], works: Sequence[Work]) -> list[Page]:
    begins = time.time() + WARM_UP
    ending = [
        Page(task, work.ends_at)
        for task, work in zip(tasks, works, strict=True)
        if begins <= work.ends_at <= begins + WINDOW
    ]
    return random.sample(ending, min(PAGES, len(ending)))


def _call_back(store: Path, portal: str, ids: Sequence[str]) -> None:
    """As if each had been submitted with an address to call back."""
    tokens = dict(Submission.objects.values_list("remote_id", "token"))
    addresses = [
        (portal + reverse("callback", args=[tokens[one]]), f"notice-{one}", "common_task_image2video", one)
        for one in ids
    ]
    with sqlite3.connect(store / "sandbox.sqlite3", timeout=30) as rows:
        rows.executemany(
            "UPDATE accepted SET notice_url = ?, notice_uuid = ?, biz_type = ? WHERE task_id = ?", addresses
        )
    rows.close()


@contextmanager
def _worker(folder: Path) -> Iterator[None]:
    """The worker with all its clusters."""
    with (folder / "worker.log").open("ab") as log:
        command = bound_to_parent([sys.executable, str(ROOT / "manage.py"), "worker"])
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def _watch(pages: list[Page], port: int, cookie: str) -> None:
    """Let every page be open at once, in a browser of its own."""
    threads = [threading.Thread(target=_open, args=(page, port, cookie)) for page in pages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _open(page: Page, port: int, cookie: str) -> None:
    """Ask as the page does: by its own address, as often as it says, and by what an answer says instead."""
    time.sleep(random.uniform(0, 3))
    body = _get(port, reverse("task-page", args=[page.task.pk]), cookie)
    while page.seen_at is None and time.time() < page.ends_at + PATIENCE:
        poll = _POLL.search(body)
        if poll is None:
            return
        time.sleep(float(poll[2]))
        answer = _get(port, poll[1].replace("&amp;", "&"), cookie)
        body = answer or body
        if answer and not _is_running(answer):
            page.seen_at = time.time()


def _get(port: int, url: str, cookie: str) -> str:
    """The body; empty when nothing has changed."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", url, headers={"Cookie": cookie, "HX-Request": "true"})
        response = connection.getresponse()
        body = response.read().decode()
        assert response.status in (200, 204), (url, response.status)
        return body if response.status == 200 else ""
    finally:
        connection.close()


def _is_running(body: str) -> bool:
    state = body.partition('id="task-state"')[2].partition("</p>")[0]
    return "Running" in state


def _summary(pages: Sequence[Page]) -> str:
    written = dict(Submission.objects.values_list("task", "finished_at"))
    known = [moment.timestamp() - page.ends_at for page in pages if (moment := written[page.task.pk])]
    shown = [page.seen_at - page.ends_at for page in pages if page.seen_at]
    words = f"{len(pages)} ends were written down after {_spread(known)}, shown after {_spread(shown)}"
    missing = len(pages) - len(shown)
    return f"{words}; {missing} not within {PATIENCE:.0f} s" if missing else words


def _spread(delays: Sequence[float]) -> str:
    cuts = quantiles(delays, n=20, method="inclusive")
    return f"{cuts[9]:.1f} s (median), {cuts[18]:.1f} s (p95)"
