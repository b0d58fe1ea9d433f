"""A queued task says its place and when it may start, on the list and on its page, as the queue moves."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from tasks.causes import Cause
from tasks.models import Credential, Membership, Status, Submission, Task
from tasks.views.tasks.parts import queue_position
from tests.people import browser_of
from tests.views.rows import make_task, worker_is_alive

pytestmark = pytest.mark.postgres

LIST, ROWS = reverse("task-list"), reverse("task-rows")


@pytest.fixture
def queue(mark: Membership) -> list[Task]:
    """An account at work on one task, with room for no more, and three that wait."""
    worker_is_alive()
    make_task(mark, status=Status.RUNNING, title="Being made")
    Credential.objects.update(max_in_flight=1)
    return [make_task(mark, status=Status.QUEUED, title=f"Waiting {number}") for number in range(3)]


def forget() -> None:
    queue_position.queue_places.cache_clear()


def note_of(page: str, title: str) -> str:
    row = page[page.index(f">{title}</a>") :]
    found = re.search(r'class="task__note">(.*?)</span>', row, re.S)
    assert found
    return found[1]


def read(client: Client, url: str) -> str:
    forget()
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_queued_rows_say_their_place_and_a_time(queue: list[Task], mark: Membership) -> None:
    page = read(browser_of(mark), LIST)
    assert [note_of(page, task.title)[:21] for task in queue] == [
        "Number 1 in the queue",
        "Number 2 in the queue",
        "Number 3 in the queue",
    ]
    times = [re.search(r"starts in about (\d+)", note_of(page, task.title)) for task in queue]
    minutes = [int(found[1]) for found in times if found]
    assert minutes == sorted(set(minutes)), "whoever waits longer is told a longer time"
    assert len(minutes) == 3


def test_the_list_is_drawn_anew_when_the_queue_moves(queue: list[Task], mark: Membership) -> None:
    client = browser_of(mark)
    found = re.search(r'id="task-rows" hx-get="([^"]+)"', read(client, LIST))
    assert found
    poll = found[1].replace("&amp;", "&")
    forget()
    assert client.get(poll).status_code == 204
    # Nothing of the others' rows is written when the first of them goes.
    Submission.objects.filter(task=queue[0]).update(status=Status.PREPARING)
    assert note_of(read(client, poll), queue[1].title).startswith("Number 1 in the queue")


def test_a_task_page_says_its_place_and_follows_it(queue: list[Task], mark: Membership) -> None:
    client = browser_of(mark)
    page = read(client, reverse("task-page", args=[queue[1].pk]))
    assert "Number 2 in the queue" in page
    found = re.search(r'id="task-live" hx-get="([^"]+)"', page)
    assert found
    poll = found[1].replace("&amp;", "&")
    forget()
    assert client.get(poll).status_code == 204
    Submission.objects.filter(task=queue[0]).update(status=Status.PREPARING)
    assert "Number 1 in the queue" in read(client, poll)


def test_what_waits_for_something_else_is_told_no_place(queue: list[Task], mark: Membership) -> None:
    Credential.objects.update(state="paused", state_reason=Cause.earlier("No credits are left."))
    assert "in the queue" not in read(browser_of(mark), LIST)


def test_where_there_is_room_the_first_starts_in_a_moment(queue: list[Task], mark: Membership) -> None:
    Credential.objects.update(max_in_flight=2)
    page = read(browser_of(mark), LIST)
    assert note_of(page, queue[0].title) == "Next in the queue · starts in a moment"
    assert note_of(page, queue[1].title).startswith("Number 2 in the queue")
