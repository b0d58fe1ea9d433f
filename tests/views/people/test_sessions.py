"""A session that nobody uses ends, and each one some day; a page that refreshes itself is no use of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.conf import settings as portal_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tasks.models import Membership
from tests.people import PASSWORD, browser_of

pytestmark = pytest.mark.django_db

LIST, ROWS = reverse("task-list"), reverse("task-rows")
POLL = {"HX-Request": "true", "Sec-Fetch-Mode": "cors"}


def seconds_signed_in(ask: Callable[[], Any], most: float) -> float:
    """How long a session lives while it is asked for something often, on a clock that we move."""
    passed = 0.0
    with time_machine.travel(timezone.now(), tick=False) as clock:
        while passed < most and ask().status_code == 200:
            clock.shift(0.5)
            passed += 0.5
    return passed


def test_a_page_that_refreshes_itself_does_not_keep_a_session_alive(mark: Membership, settings: Any) -> None:
    settings.SESSION_COOKIE_AGE = 2
    client = browser_of(mark)
    assert 1 < seconds_signed_in(lambda: client.get(ROWS, headers=POLL), 8) < 6
    assert client.get(LIST).status_code == 302


def test_pages_and_forms_keep_it_alive_but_not_for_ever(mark: Membership, settings: Any) -> None:
    settings.SESSION_COOKIE_AGE, settings.SESSION_MAX_SECONDS = 2, 5
    client = browser_of(mark)
    assert 4 < seconds_signed_in(lambda: client.get(LIST), 12) < 10


def test_the_same_holds_after_a_sign_in_by_the_form(mark: Membership, settings: Any) -> None:
    settings.SESSION_COOKIE_AGE = 2
    client = Client()
    form = {"login": mark.user.email, "password": PASSWORD}
    assert client.post(reverse("account_login"), form).status_code == 302
    assert 1 < seconds_signed_in(lambda: client.get(ROWS, headers=POLL), 8) < 6


def test_a_visit_is_written_down_now_and_then_only(mark: Membership) -> None:
    client, page = browser_of(mark), reverse("email-change")
    with CaptureQueriesContext(connection) as queries:
        for _time in range(5):
            client.get(page)
    written = [query for query in queries if query["sql"].startswith(("UPDATE", "INSERT"))]
    # The workspace that the person works in, once.
    assert len(written) <= 1


PROGRAM = """
import django, json
django.setup()
from django.conf import settings as s
from django.contrib.messages import get_messages
from topview_portal.messages import NamedCookie
names = [s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.LANGUAGE_COOKIE_NAME, s.KNOWN_BROWSER_COOKIE_NAME]
secure = [s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.LANGUAGE_COOKIE_SECURE]
print(json.dumps({"names": [*names, NamedCookie.cookie_name], "secure": secure}))
"""


@pytest.mark.parametrize(
    ("url", "prefix"), [("https://portal.example.test", "__Host-"), ("http://localhost:8000", "")]
)
def test_under_https_every_cookie_is_bound_to_the_host(url: str, prefix: str) -> None:
    environment = {**os.environ, "PORTAL_URL": url, "DJANGO_SETTINGS_MODULE": "topview_portal.settings"}
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=portal_settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(answer.stdout)
    plain = ("sessionid", "csrftoken", "language", "known", "messages")
    assert found["names"] == [f"{prefix}{name}" for name in plain]
    assert set(found["secure"]) == {bool(prefix)}


def test_such_cookies_have_a_root_path_no_domain_and_are_secure(mark: Membership, settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client = Client()
    form = {"login": mark.user.email, "password": PASSWORD}
    client.get(reverse("account_login"))
    client.post(reverse("account_login"), form)
    assert set(client.cookies) >= {"sessionid", "csrftoken", "known"}
    for cookie in client.cookies.values():
        assert (cookie["path"], cookie["domain"], cookie["secure"]) == ("/", "", True), cookie.key
