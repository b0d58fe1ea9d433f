"""The address that watchdogs ask."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from tests.views.rows import worker_is_alive

HEALTH = reverse("health")


def ask() -> tuple[int, dict[str, Any]]:
    answer = Client().get(HEALTH)
    return answer.status_code, json.loads(answer.content)


@pytest.mark.django_db
def test_a_portal_with_a_worker_is_well() -> None:
    worker_is_alive(seconds_ago=10)
    status, said = ask()
    assert status == 200
    assert said["status"] == "ok"
    assert 10 <= said["worker_seconds"] < 60


@pytest.mark.django_db
def test_a_silent_worker_is_said_but_is_no_reason_to_restart_the_web() -> None:
    assert ask() == (200, {"status": "degraded", "database": "ok", "worker_seconds": None})
    worker_is_alive(seconds_ago=100)
    assert ask()[1]["status"] == "degraded"


def test_without_a_database_it_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    # Taking the test's own database away is not possible: the one read that is made fails instead.
    def gone(name: str) -> None:
        raise DatabaseError("no such host")

    monkeypatch.setattr("tasks.models.Heartbeat.age", gone)
    assert ask() == (503, {"status": "down", "database": "unreachable", "worker_seconds": None})


@pytest.mark.django_db
def test_it_costs_one_query_and_sets_no_cookie(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        answer = Client().get(HEALTH)
    assert not answer.cookies
    assert "no-store" in answer.headers["Cache-Control"]
