"""While TopView does not answer, every page says so, and each task that cannot be followed."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tasks.commands.accounts.circuit_breaker import host_of
from tasks.models import Circuit, Membership, Service, Status
from tasks.views.frame.status_cache import forget
from tests.people import browser_of
from tests.views.rows import make_task

pytestmark = pytest.mark.django_db


class Page:
    """A page that somebody keeps open: what it shows, and what its next question brings."""

    def __init__(self, member: Membership, url: str) -> None:
        self.browser, self.text = browser_of(member), ""
        self.workspace_id = member.workspace_id
        self._read(url)

    def _read(self, url: str) -> int:
        forget(self.workspace_id)
        answer: Any = self.browser.get(url)
        self.text = answer.content.decode() or self.text
        return int(answer.status_code)

    def asks(self) -> int:
        """The status of the next answer; the page shows what came."""
        found = re.search(r'hx-get="([^"]*seen=[^"]*)"', self.text)
        assert found, "it does not ask"
        return self._read(found[1].replace("&amp;", "&"))


def fall_silent() -> None:
    now = timezone.now()
    Circuit.objects.create(
        host=host_of(Service.SANDBOX), open_until=now + timedelta(seconds=30), changed_at=now
    )


@pytest.mark.parametrize("is_list", [False, True])
def test_an_open_page_says_that_a_running_task_cannot_be_followed_and_takes_it_back(
    mark: Membership, is_list: bool
) -> None:
    running = make_task(mark, status=Status.RUNNING, reason="" if is_list else "TopView did not answer.")
    words = "TopView has not answered since" if is_list else "TopView does not answer at the moment"
    page = Page(mark, reverse("task-list") if is_list else reverse("task-page", args=[running.pk]))
    assert words not in page.text and page.asks() == 204

    fall_silent()
    assert page.asks() == 200
    assert page.text.count(words) == 1
    assert "TopView did not answer." not in page.text
    assert page.asks() == 204

    Circuit.objects.update(open_until=None)
    assert page.asks() == 200
    assert words not in page.text


def test_what_does_not_wait_for_topview_has_no_such_words(mark: Membership) -> None:
    fall_silent()
    done = make_task(mark, status=Status.SUCCEEDED)
    waiting = make_task(mark, status=Status.QUEUED, reason="Waiting for its turn.")
    for url in (reverse("task-list"), *(reverse("task-page", args=[task.pk]) for task in (done, waiting))):
        page = Page(mark, url).text
        assert "does not answer at the moment" not in page and "has not answered since" not in page
