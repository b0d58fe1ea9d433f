"""Misconfiguration is refused at the start, with an id and a hint."""

import copy
import gc
from typing import Any

import pytest
from django.conf import settings
from django.core.checks import run_checks

from topview_portal.origins import is_loopback


def findings() -> set[str]:
    """The ids of our own findings."""
    return {found.id for found in run_checks() if found.id and found.id.startswith("tasks.")}


def findings_of_a_deployment() -> set[str]:
    """The ids of our own findings that `check --deploy` tells."""
    found = run_checks(include_deployment_checks=True)
    return {one.id for one in found if one.id and one.id.startswith("tasks.")}


def test_garbage_is_collected_once_all_is_loaded_and_not_looked_for_in_that():
    assert gc.isenabled()
    assert gc.get_freeze_count() > 50_000


def test_the_settings_as_they_come_pass():
    assert findings() == set()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {"tasks.E001"}),
        ({"transaction_mode": "IMMEDIATE"}, {"tasks.E001"}),
        (
            {
                "transaction_mode": "DEFERRED",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
            {"tasks.E001"},
        ),
        (
            {
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
            set(),
        ),
    ],
)
def test_sqlite_must_be_safe_for_money(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, str], expected: set[str]
):
    row = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": options}
    monkeypatch.setitem(settings.DATABASES, "default", row)
    assert findings() == expected


def test_postgresql_must_wait_for_its_disk(monkeypatch: pytest.MonkeyPatch):
    options = {"options": "-c synchronous_commit=off"}
    row = {"ENGINE": "django.db.backends.postgresql", "OPTIONS": options}
    monkeypatch.setitem(settings.DATABASES, "default", row)
    assert findings() == {"tasks.E002"}


@pytest.mark.parametrize(
    ("name", "address", "expected"),
    [
        ("TOPVIEW_URL", "http://api.topview.ai", "tasks.E003"),
        ("PORTAL_URL", "http://portal.example.com", "tasks.E004"),
        ("SANDBOX_URL", "http://10.0.0.5:8900", "tasks.E004"),
        ("NOTICE_URL", "http://portal.example.com", "tasks.E005"),
    ],
)
def test_plain_http_is_for_this_machine_alone(settings: Any, name: str, address: str, expected: str):
    setattr(settings, name, address)
    assert findings() == {expected}


@pytest.mark.parametrize("change", [{"retry": 60}, {"ack_failures": False}, {"catch_up": True}])
def test_a_queue_that_delivers_twice_is_refused(settings: Any, change: dict[str, Any]):
    settings.Q_CLUSTER = {**copy.deepcopy(settings.Q_CLUSTER), **change}
    assert findings() == {"tasks.E006"}


def test_a_cache_of_one_process_is_refused(settings: Any):
    local = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    settings.CACHES = {**settings.CACHES, "default": local}
    assert findings() == {"tasks.E007"}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://localhost:8000", True),
        ("http://127.0.0.1:1", True),
        ("http://[::1]:1", True),
        ("http://localhost.example.com", False),
        ("http://192.168.1.4", False),
        ("nonsense", False),
    ],
)
def test_loopback_is_known_by_its_name(address: str, expected: bool):
    assert is_loopback(address) is expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"S3_BUCKET": "files"}, set()),
        ({"S3_BUCKET": "files", "S3_ENDPOINT": "https://minio.example.com"}, set()),
        ({"S3_BUCKET": "files", "S3_ENDPOINT": "http://127.0.0.1:9000"}, set()),
        ({"S3_BUCKET": "files", "S3_ENDPOINT": "http://minio:9000"}, {"tasks.E010"}),
        ({"S3_BUCKET": "files", "S3_ENDPOINT": "minio:9000"}, {"tasks.E010"}),
        ({"S3_BUCKET": "files", "X_ACCEL_PREFIX": "/protected/"}, {"tasks.E009"}),
        ({"X_ACCEL_PREFIX": "/protected/"}, set()),
    ],
)
def test_an_object_store_is_reached_safely_and_alone(
    values: dict[str, str], expected: set[str], settings: Any
):
    for name, value in values.items():
        setattr(settings, name, value)
    assert findings() == expected


def test_a_bucket_without_the_library_is_refused(settings: Any, monkeypatch: pytest.MonkeyPatch):
    settings.S3_BUCKET = "files"
    monkeypatch.setattr("tasks.checks.find_spec", lambda _name: None)
    assert findings() == {"tasks.E008"}


def test_a_sandbox_that_others_can_reach_is_told_of_a_deployment(settings: Any):
    settings.SANDBOX_URL = "http://127.0.0.1:8900"
    assert findings_of_a_deployment() == set()
    settings.PORTAL_URL = "https://portal.example.com"
    assert findings_of_a_deployment() == {"tasks.W002"}
    settings.SANDBOX_URL = ""
    assert findings_of_a_deployment() == set()


def test_a_sandbox_that_was_asked_for_and_refused_is_told(settings: Any):
    settings.SANDBOX_URL, settings.SANDBOX_IS_REFUSED = "", True
    assert findings() == {"tasks.W001"}


def test_a_variable_by_the_name_that_it_had_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LOOK_SECONDS", "60")
    [told] = [one for one in run_checks() if one.id == "tasks.W003"]
    assert "SEARCH_SECONDS" in str(told.hint)
