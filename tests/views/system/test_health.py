"""The addresses that watchdogs ask, and the alerts that people read: each part that is out is noticed."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tasks.commands.operations.static_files import are_collected
from tasks.commands.runtime.clock_offset import seconds_ahead
from tasks.models import Circuit, Heartbeat, Membership
from tasks.views.frame.health_state import JOBS, SILENT_SECONDS
from tasks.views.frame.status_cache import KEPT_SECONDS, forget
from tests.people import browser_of
from tests.views.rows import make_account, signs_of_life, worker_is_alive

HEALTH, LIVE, READY = reverse("health"), reverse("health-live"), reverse("health-ready")
WELL = {
    "status": "ok",
    "database": "ok",
    "worker": "ok",
    "jobs": "ok",
    "refresh": "ok",
    "scheduler": "ok",
    "disk": "ok",
    "topview": "ok",
    "mail": "ok",
    "clocks": "ok",
    "static": "ok",
}


def ask(url: str = HEALTH) -> tuple[int, dict[str, Any]]:
    answer = Client().get(url)
    return answer.status_code, json.loads(answer.content)


def alerts(member: Membership) -> str:
    """The page an alert stands on."""
    forget(member.workspace_id)
    return browser_of(member).get(reverse("profile")).content.decode()


def test_what_is_silent_is_noticed_within_a_minute() -> None:
    assert SILENT_SECONDS + KEPT_SECONDS < 60


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_portal_whose_parts_all_live_is_well() -> None:
    worker_is_alive(seconds_ago=10)
    assert ask() == (200, WELL)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("silent", "part", "words", "for_all"),
    [
        (JOBS, "jobs", "takes no jobs", True),
        (Heartbeat.REFRESH, "refresh", "not followed just now", True),
        (Heartbeat.SCHEDULER, "scheduler", "The scheduler gives no sign of life", False),
    ],
)
def test_each_silent_part_is_told(
    silent: str, part: str, words: str, for_all: bool, alice: Membership, mark: Membership
) -> None:
    worker_is_alive()
    assert words not in alerts(alice)
    signs_of_life(silent, seconds_ago=51)
    assert ask() == (503, {**WELL, "status": "down", part: "silent"})
    assert words in alerts(alice)
    assert (words in alerts(mark)) is for_all


@pytest.mark.django_db
def test_a_dead_worker_is_told_with_the_time_of_its_last_sign(mark: Membership) -> None:
    worker_is_alive(seconds_ago=51)
    status, said = ask()
    assert (status, said["worker"]) == (503, "silent")
    assert "No worker is running since" in alerts(mark)


@pytest.mark.django_db
def test_a_dead_worker_does_not_hide_behind_a_living_one(alice: Membership, mark: Membership) -> None:
    worker_is_alive(seconds_ago=400, machine="first")
    worker_is_alive(machine="second")
    assert ask() == (200, {**WELL, "status": "degraded"})
    assert "“first”" in alerts(alice) and "“second”" not in alerts(alice)
    assert "“first”" not in alerts(mark)


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_dead_worker_that_is_gone_for_good_can_be_forgotten_but_no_living_one(alice: Membership) -> None:
    worker_is_alive(seconds_ago=400, machine="first")
    worker_is_alive(machine="second")
    for is_owner, left in ((False, 2), (True, 1)):
        alice.user.is_staff = is_owner
        alice.user.save()
        for row in Heartbeat.objects.nodes():
            browser_of(alice).post(reverse("node-forget", args=[row.name]))
        assert Heartbeat.objects.nodes().count() == left
    assert [row.facts["machine"] for row in Heartbeat.objects.nodes()] == ["second"]
    assert ask() == (200, WELL)


@pytest.mark.django_db
def test_long_jobs_in_every_process_are_no_failure(alice: Membership, mark: Membership) -> None:
    worker_is_alive(busy=2)
    signs_of_life(JOBS, seconds_ago=300)
    assert ask() == (200, {**WELL, "status": "degraded", "jobs": "busy"})
    assert "has a long job" in alerts(alice)
    assert "has a long job" not in alerts(mark)


@pytest.mark.django_db
def test_a_worker_that_has_just_started_gets_its_time() -> None:
    worker_is_alive()
    signs_of_life(Heartbeat.SCHEDULER, Heartbeat.REFRESH, JOBS, seconds_ago=3600)
    for row in Heartbeat.objects.nodes():
        row.facts["since"] = (timezone.now() - timedelta(seconds=20)).isoformat()
        row.save()
    assert ask() == (200, WELL)


@pytest.mark.django_db
def test_a_disk_that_fills_up_is_told_first_to_admins_and_then_to_all(
    alice: Membership, mark: Membership, settings: Any
) -> None:
    worker_is_alive()
    settings.DISK_LOW_BYTES = 2**62
    assert ask() == (200, {**WELL, "status": "degraded", "disk": "low"})
    assert "left on the disk of" in alerts(alice)
    assert "disk" not in alerts(mark)
    settings.DISK_FULL_BYTES = 2**62
    assert ask() == (503, {**WELL, "status": "down", "disk": "full"})
    assert "no file is taken and nothing is sent" in alerts(alice)
    assert "nearly full" in alerts(mark)


@pytest.mark.django_db
def test_the_disk_of_another_machine_is_told_by_its_worker(alice: Membership, settings: Any) -> None:
    worker_is_alive(machine="far")
    row = Heartbeat.objects.nodes().get()
    row.facts["disks"] = [{"folder": "media", "free": 1000, "total": 10**9}]
    row.save()
    settings.DISK_FULL_BYTES = 1001
    assert ask()[1]["disk"] == "full"
    assert "uploads and results (far)" in alerts(alice)


@pytest.mark.django_db
def test_a_host_that_does_not_answer_is_named_to_people_and_not_to_strangers(mark: Membership) -> None:
    worker_is_alive()
    make_account(mark.workspace)
    until = timezone.now() + timedelta(seconds=30)
    Circuit.objects.create(host="api.example.test", open_until=until)
    assert ask() == (200, {**WELL, "status": "degraded", "topview": "not-answering"})
    assert "api.example.test does not answer" in alerts(mark)
    Circuit.objects.update(open_until=timezone.now() - timedelta(seconds=1))
    assert ask()[1]["topview"] == "not-answering", "one call finds out"
    Circuit.objects.update(open_until=timezone.now() - timedelta(minutes=1))
    assert ask() == (200, WELL)


def set_clock(machine: str, *, seconds: float) -> None:
    """As a worker on a machine whose clock is so far ahead writes its sign of life."""
    row = Heartbeat.objects.get(name=f"{Heartbeat.NODE}{machine}:1")
    told = {"clock_ahead": seconds} if connection.vendor == "postgresql" else {}
    row.at, row.facts = row.at + timedelta(seconds=seconds), {**row.facts, **told}
    row.save()


@pytest.mark.django_db
def test_a_worker_whose_clock_is_a_day_ahead_is_told_to_admins(alice: Membership, mark: Membership) -> None:
    worker_is_alive(machine="far")
    set_clock("far", seconds=86_400)
    assert ask() == (200, {**WELL, "status": "degraded", "clocks": "differ"})
    words = "The clock of “far” is 24 hr ahead: times of tasks are wrong until it is set."
    assert words in alerts(alice) and words not in alerts(mark)
    alice.user.is_staff = True
    alice.user.save()
    page = browser_of(alice).get(reverse("portal-status")).content.decode()
    assert page.count(words) == 2, "owners: at the top, and beside the worker"


@pytest.mark.django_db
def test_a_clock_that_differs_by_a_moment_is_none_of_anybodys_business() -> None:
    worker_is_alive(machine="far")
    set_clock("far", seconds=3)
    assert ask() == (200, WELL)


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_clocks_of_worker_and_web_server_are_held_against_the_databases(
    alice: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker_is_alive(machine="far")
    if connection.vendor == "postgresql":
        set_clock("far", seconds=-86_400)
        assert ask() == (200, {**WELL, "status": "degraded", "clocks": "differ"})
        assert "The clock of “far” is 24 hr behind" in alerts(alice)
        worker_is_alive(machine="far")
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(days=1))
    if connection.vendor == "postgresql":
        assert ask()[1]["clocks"] == "differ"
        assert "The clock of the web server is 24 hr ahead" in alerts(alice)
        assert seconds_ahead() == pytest.approx(86_400, abs=5)
    else:
        assert seconds_ahead() == 0.0


@pytest.mark.django_db
def test_every_alert_leads_admins_to_the_status_page(alice: Membership, settings: Any) -> None:
    worker_is_alive()
    make_account(alice.workspace)
    signs_of_life(Heartbeat.SCHEDULER, seconds_ago=60)
    settings.DISK_LOW_BYTES = 2**62
    page = alerts(alice)
    assert page.count("See the status") == page.count('class="alert ') >= 2


def gone(*_arguments: Any, **_options: Any) -> None:
    raise DatabaseError("no such host")


def test_without_a_database_it_is_down_but_the_process_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    # Taking the test's own database away is not possible: every read that is made fails instead.
    monkeypatch.setattr(QuerySet, "_fetch_all", gone)
    monkeypatch.setattr(QuerySet, "exists", gone)
    status, said = ask()
    assert (status, said["status"], said["database"]) == (503, "down", "unreachable")
    assert set(said) == set(WELL)
    assert ask(READY) == (503, {"status": "down", "database": "unreachable"})
    assert ask(LIVE) == (200, {"status": "ok"})


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize(("url", "queries"), [(HEALTH, 3), (READY, 1), (LIVE, 0)])
def test_it_costs_little_and_sets_no_cookie(url: str, queries: int, django_assert_num_queries: Any) -> None:
    worker_is_alive()
    with django_assert_num_queries(queries):
        answer = Client().get(url)
    assert answer.status_code == 200
    assert not answer.cookies
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize("url", [HEALTH, LIVE, READY])
@pytest.mark.parametrize("host", ["10.1.2.3:8000", "[fd00::1]", "portal.example.com", "a name of no host"])
def test_watchdogs_ask_by_plain_http_and_by_any_name(settings: Any, url: str, host: str) -> None:
    settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, ["portal.example.com", "localhost"]
    worker_is_alive()
    assert Client().get(url, headers={"Host": host}).status_code == 200


@pytest.mark.django_db
def test_nothing_else_is_answered_so(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, ["portal.example.com", "localhost"]
    assert Client().get(reverse("account_login"), headers={"Host": "10.1.2.3"}).status_code == 400
    assert Client().get(reverse("account_login"), headers={"Host": "localhost"}).status_code == 301


@pytest.mark.django_db
@pytest.mark.parametrize("url", [HEALTH, READY])
def test_static_files_that_nobody_collected_are_told(settings: Any, url: str, tmp_path: Path) -> None:
    worker_is_alive()
    storage = "whitenoise.storage.CompressedManifestStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": storage}}
    settings.STATIC_ROOT = tmp_path
    are_collected.cache_clear()
    try:
        status, told = ask(url)
    finally:
        are_collected.cache_clear()
    assert (status, told["status"], told["static"]) == (503, "down", "not-collected")
    assert ask(LIVE)[0] == 200
