"""The page with TopView's own words: for admins alone, loaded only when asked for."""

from __future__ import annotations

import html

from django.urls import reverse

from tasks.models import ApiLogEntry, ApiOperation, Membership, Task
from tests.people import browser_of
from tests.views.rows import make_task


def keep(task: Task, body: object, *, operation: ApiOperation = ApiOperation.QUERY) -> None:
    ApiLogEntry.objects.create(
        workspace=task.workspace,
        submission=task.submissions.get(),
        operation=operation,
        http_status=200,
        code="200",
        body=body,
    )


def show(member: Membership, task: Task, query: str = "") -> str:
    answer = browser_of(member).get(reverse("task-api-log", args=[task.pk]) + query)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def test_an_admin_reads_what_topview_said(alice: Membership, mark: Membership) -> None:
    task = make_task(mark)
    keep(task, {"result": {"taskId": "<b>42</b>"}}, operation=ApiOperation.SUBMIT)
    page = browser_of(alice).get(reverse("task-api-log", args=[task.pk])).content.decode()
    assert "&lt;b&gt;42&lt;/b&gt;" in page
    assert "HTTP 200" in page and "Submit" in page


def test_only_admins_are_led_there(alice: Membership, mark: Membership) -> None:
    task = make_task(mark)
    there = reverse("task-api-log", args=[task.pk])
    led = [
        there in browser_of(member).get(reverse("task-page", args=[task.pk])).content.decode()
        for member in (alice, mark)
    ]
    assert led == [True, False]


def test_many_answers_come_in_pages(alice: Membership, mark: Membership) -> None:
    task = make_task(mark)
    for number in range(25):
        keep(task, {"number": number})
    first = show(alice, task)
    assert '"number": 24' in first and '"number": 4\n' not in first
    older = first.partition('rel="next" href="')[2].partition('"')[0]
    assert '"number": 4\n' in show(alice, task, older.partition("?")[2] and "?" + older.partition("?")[2])


def test_a_task_without_answers_says_so(alice: Membership, mark: Membership) -> None:
    assert "Nothing is kept" in show(alice, make_task(mark))
