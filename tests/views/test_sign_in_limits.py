"""Failed sign-ins are counted by visitor, also behind a proxy, and nobody talks their way round it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings as portal_settings
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db

# allauth lets one address fail ten times a minute.
LIMIT = 10


def is_turned_away(attempt: int, visitor: str) -> bool:
    """Whether a wrong password, for an account of its own, is not even looked at any more."""
    values = {"login": f"person-{attempt}@example.test", "password": "wrong"}
    answer = Client().post(reverse("account_login"), values, headers={"X-Forwarded-For": visitor})
    return "Too many failed login attempts" in answer.content.decode()


def test_two_visitors_behind_a_proxy_are_counted_apart(settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    first = [is_turned_away(attempt, "203.0.113.1") for attempt in range(LIMIT + 1)]
    assert (first[0], first[-1]) == (False, True)
    assert not is_turned_away(LIMIT + 1, "203.0.113.2")


def test_a_visitor_behind_a_proxy_cannot_pretend_to_be_another(settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    seen = [is_turned_away(attempt, f"198.51.100.{attempt}, 203.0.113.1") for attempt in range(LIMIT + 1)]
    assert (seen[0], seen[-1]) == (False, True)


def test_without_a_proxy_the_header_changes_nothing() -> None:
    seen = [is_turned_away(attempt, f"203.0.113.{attempt}") for attempt in range(LIMIT + 1)]
    assert (seen[0], seen[-1]) == (False, True)


@pytest.mark.parametrize(("value", "trusted"), [("yes", "1"), ("no", "0")])
def test_one_proxy_is_trusted_only_where_the_portal_is_behind_one(value: str, trusted: str) -> None:
    program = "from topview_portal import settings; print(settings.ALLAUTH_TRUSTED_PROXY_COUNT)"
    answer = subprocess.run(
        [sys.executable, "-c", program],
        cwd=portal_settings.BASE_DIR,
        env={**os.environ, "BEHIND_PROXY": value},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == trusted
