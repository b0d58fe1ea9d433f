"""How SQLite finds the rows of the busy pages: never by walking through all that was ever made.

Without statistics its plans depend on the tables alone, so a handful of rows shows what a million would meet.
PostgreSQL plans by what is in the tables; `make bench --db postgres` measures it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tasks.commands.submissions.scheduling import what_stands_in_the_way
from tasks.models import Charge, Membership, Status, Task, estimates
from tasks.views.frame import status_cache
from tasks.views.tasks import rows
from tests.people import browser_of
from tests.views.rows import COUNTING, PICKING, make_file, make_output, make_task, worker_is_alive

pytestmark = pytest.mark.postgres

GROWING = (
    "task|task_uploads|submission|transition|output|blob|upload|callback|remotefile"
    "|auditevent|charge|candidate"
)
# Whole tables, and indexes under which a large part of a table stands: of a workspace, of an account, of
# everything that has succeeded.
WALKS = re.compile(
    rf"SCAN tasks_({GROWING})\b"
    rf"|INDEX tasks_({GROWING})_(workspace|credential|owner|actor)_id_"
    r"|INDEX (output_unsaved|submission_due) \((state|status)=\?\)"
)
# Of these, and of outputs without a copy, there are only ever a few: a person settles each unknown one.
FEW = re.compile(r"status\W+(=|IN) .*'(queued|running|unknown)'|state\W+IN .*'(waiting|saving)'")


@contextmanager
def plans() -> Iterator[Callable[[], list[str]]]:
    """A function that tells, for each step of every query so far that walks, the step and the query."""
    asked: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield lambda: [f"{step}: {sql}" for sql, params in list(asked) for step in _walks(sql, params)]


def _walks(sql: str, params: Any) -> list[str]:
    if not sql.lstrip().startswith("SELECT"):
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        steps = [row[3] for row in cursor.fetchall()]
    words = sql % tuple(f"'{value}'" for value in params or ())
    return [step for step in steps if WALKS.search(step) and not FEW.search(words)]


@pytest.fixture
def full(mark: Membership, alice: Membership) -> Task:
    """A workspace with something of everything; nothing of it is kept in memory."""
    worker_is_alive()
    for kept in (status_cache.condition_of.cache, estimates._past.cache, rows._drawn):
        kept.clear()
    task = make_task(mark)
    task.uploads.add(make_file(mark))
    make_output(task)
    for status in (Status.RUNNING, Status.FAILED, Status.UNKNOWN):
        make_task(mark, status=status, kind=PICKING, brief={"schema": 1, "avatar": "a"})
    return task


NEWEST, OLDEST = f"21000101T000000.0_{'f' * 32}", f"20000101T000000.0_{'0' * 32}"
LIST, ROWS = reverse("task-list"), reverse("task-rows")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what the tables hold")
@pytest.mark.parametrize(
    "url",
    [
        LIST,
        f"{LIST}?status=failed",
        f"{LIST}?status=moving",
        f"{LIST}?status=attention",
        f"{LIST}?kind={COUNTING.slug}",
        f"{LIST}?kind={COUNTING.slug}&status=finished",
        f"{LIST}?before={NEWEST}",
        f"{LIST}?after={OLDEST}",
        ROWS,
        f"{ROWS}?status=failed",
        f"{ROWS}?status=attention",
        f"{ROWS}?kind={COUNTING.slug}",
        "the task's page",
        "the task's live part",
        reverse("library"),
        f"{reverse('library')}?role=image",
        reverse("task-formats"),
        reverse("task-new", args=[COUNTING.slug]),
        reverse("task-new", args=[PICKING.slug]),
        reverse("upload-picker", args=["image"]),
        reverse("credential-list"),
        reverse("health"),
        reverse("account"),
        "the ledger",
        reverse("reconciliation"),
        f"{reverse('reconciliation')}?show=uncharged",
    ],
)
def test_a_page_finds_its_rows_without_walking_through_everything(
    full: Task, alice: Membership, url: str
) -> None:
    named = {
        "the task's page": reverse("task-page", args=[full.pk]),
        "the task's live part": reverse("task-live", args=[full.pk]),
        "the ledger": reverse("account-log", args=[full.credential_id]),
    }
    client = browser_of(alice)
    with plans() as walks:
        answer = client.get(named.get(url, url))
    assert answer.status_code == 200
    assert walks() == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what the tables hold")
@pytest.mark.parametrize("url", [LIST, ROWS])
@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ("status=failed", "task_list_by_status (workspace_id=? AND status=?)"),
        ("status=moving", "task_list_by_status (workspace_id=? AND status=?)"),
        ("status=attention", "task_list_of_attention (workspace_id=?)"),
        (f"kind={COUNTING.slug}", "task_list_by_kind (workspace_id=? AND kind=?)"),
    ],
)
def test_a_filtered_list_and_its_poll_look_their_rows_up_by_what_they_filter(
    full: Task, alice: Membership, url: str, filters: str, index: str
) -> None:
    client = browser_of(alice)
    # What is kept in memory afterwards is asked here: the usual times of products.
    client.get(f"{url}?{filters}")
    steps = lookups_of_the_list(lambda: client.get(f"{url}?{filters}"))
    assert steps
    assert {step for step in steps if index not in step} == set()


def lookups_of_the_list(act: Callable[[], Any]) -> list[str]:
    """How SQLite looks up the tasks of a page, for each query that asks for the first of them in an order."""
    with CaptureQueriesContext(connection) as seen:
        act()
    found: list[str] = []
    for sql in [query["sql"] for query in seen.captured_queries]:
        if sql.startswith("SELECT") and "tasks_task" in sql and "LIMIT" in sql:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}".replace("%", "%%"))
                found += [row[3] for row in cursor.fetchall() if " tasks_task " in row[3]]
    return found


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what the tables hold")
@pytest.mark.parametrize("query", ["", "?type=m2v"])
def test_months_of_a_credit_log_are_summed_and_its_sorts_told_from_an_index_alone(
    full: Task, alice: Membership, query: str
) -> None:
    of_it = {"workspace": full.workspace, "credential": full.credential}
    Charge.objects.create(**of_it, charged_at=timezone.now(), cost=1, task_type="m2v")
    with CaptureQueriesContext(connection) as seen:
        page = browser_of(alice).get(reverse("account-log", args=[full.credential_id]) + query)
    assert "1 credit" in page.content.decode()
    asked = [one["sql"] for one in seen.captured_queries if "SUM(" in one["sql"] or "RECURSIVE" in one["sql"]]
    assert len(asked) == 2
    with connection.cursor() as cursor:
        for sql in asked:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}".replace("%", "%%"))
            steps = [row[3] for row in cursor.fetchall() if "tasks_charge" in row[3]]
            assert steps
            assert [step for step in steps if "USING COVERING INDEX" not in step] == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what the tables hold")
def test_room_for_another_call_is_found_without_walking_through_everything(full: Task) -> None:
    with plans() as walks:
        what_stands_in_the_way(full.credential)
    assert walks() == []
