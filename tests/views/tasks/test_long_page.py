"""The page of a task with very many results, or a very long history: it begins short, and says how many."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tasks.models import Membership, Output, OutputState, Status, Task, Transition
from tests.people import browser_of
from tests.views.rows import make_output, make_task, worker_is_alive

pytestmark = pytest.mark.postgres

MANY_RESULTS, MANY_MOVES = 200, 2_000


def with_results(member: Membership, count: int, **facts: object) -> Task:
    """A task whose one call made so many films, all of the same bytes."""
    task = make_task(member)
    first = make_output(task)
    columns = {
        "role": "video",
        "state": OutputState.SAVED,
        "blob": first.blob,
        "poster": first.poster,
        **facts,
    }
    Output.objects.bulk_create(
        Output(
            workspace_id=task.workspace_id,
            task=task,
            submission_id=first.submission_id,
            identity=str(number),
            position=number,
            created_at=first.created_at,
            **columns,
        )
        for number in range(1, count)
    )
    return task


def with_moves(member: Membership, count: int, status: Status = Status.SUCCEEDED) -> Task:
    """A task whose one call has changed so often."""
    task = make_task(member, status=status)
    call = task.submissions.get()
    Transition.objects.bulk_create(
        Transition(
            workspace_id=task.workspace_id,
            submission=call,
            from_status=Status.PREPARING,
            to_status=Status.QUEUED,
            cause="busy",
            detail=f"move {number}",
            at=timezone.now() + timedelta(milliseconds=number),
        )
        for number in range(1, count)
    )
    return task


def page_of(member: Membership, task: Task, query: str = "") -> str:
    answer = browser_of(member).get(reverse("task-page", args=[task.pk]) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def results_on(page: str) -> list[str]:
    return re.findall(r'<article class="card result" id="output-([^"]+)"', page)


def events_on(page: str) -> list[str]:
    timeline = page[page.index('<ol class="timeline">') :]
    return re.findall("move [0-9]+", timeline[: timeline.index("</ol>")])


def test_of_very_many_results_the_first_fifty_are_shown_and_all_of_them_when_asked(mark: Membership) -> None:
    task = with_results(mark, MANY_RESULTS)
    page = page_of(mark, task)
    assert len(results_on(page)) == 50
    assert "The first 50 of 200 results." in page
    assert f'href="{reverse("task-page", args=[task.pk])}?all=results#results-title"' in page
    assert "<strong>Video 1</strong>" in page and "<strong>Video 50</strong>" in page
    whole = page_of(mark, task, "?all=results")
    assert len(results_on(whole)) == MANY_RESULTS
    assert results_on(whole)[:50] == results_on(page)
    assert "of 200 results" not in whole


def test_of_a_very_long_history_the_last_fifty_events_are_shown_and_all_of_them_when_asked(
    mark: Membership,
) -> None:
    task = with_moves(mark, MANY_MOVES)
    page = page_of(mark, task)
    assert events_on(page) == [f"move {number}" for number in range(MANY_MOVES - 50, MANY_MOVES)]
    assert "The last 50 of 2000 events." in page
    assert f'href="{reverse("task-page", args=[task.pk])}?all=activity#activity-title"' in page
    whole = page_of(mark, task, "?all=activity")
    assert events_on(whole) == [f"move {number}" for number in range(1, MANY_MOVES)]
    assert "of 2000 events" not in whole


def test_fifty_of_each_are_shown_without_a_word_about_it(mark: Membership) -> None:
    task = with_results(mark, 50)
    page = page_of(mark, task)
    assert len(results_on(page)) == 50
    assert "Show all" not in page


def test_what_is_shown_whole_stays_whole_when_the_page_asks_for_news(mark: Membership) -> None:
    task = with_moves(mark, 60, status=Status.RUNNING)
    page = page_of(mark, task, "?all=activity&all=nonsense")
    url = re.search(r'id="task-live" hx-get="([^"]+)"', page)
    assert url is not None
    asked = url[1].replace("&amp;", "&")
    client = browser_of(mark)
    assert client.get(asked).status_code == 204
    assert asked.endswith("&all=activity")
    task.touch()
    assert len(events_on(client.get(asked).content.decode())) == 59


def test_a_result_that_is_not_shown_still_counts_for_how_its_call_stands(mark: Membership) -> None:
    task = with_results(mark, 60)
    last = task.outputs.get(position=59)
    Output.objects.filter(pk=last.pk).update(state=OutputState.WAITING)
    assert 'id="task-live" hx-get=' in page_of(mark, task)


def test_a_page_asks_the_database_no_more_often_for_many_results_and_moves(mark: Membership) -> None:
    worker_is_alive()

    def queries(task: Task) -> int:
        client = browser_of(mark)
        client.get(reverse("task-list"))
        with CaptureQueriesContext(connection) as seen:
            client.get(reverse("task-page", args=[task.pk]))
        return len(seen)

    usual = queries(with_results(mark, 1))
    # What is not shown is counted: two queries for results, one for moves.
    assert queries(with_results(mark, MANY_RESULTS)) <= usual + 2 + 1
    assert queries(with_moves(mark, MANY_MOVES)) <= usual + 1
    assert usual <= 10
