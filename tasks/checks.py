"""Refuses settings under which the portal's promises would not hold. Each finding has an id and a hint."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from topview_portal.origins import is_loopback

# Variables of the environment by the names that they had, and have.
_RENAMED = {"LOOK_SECONDS": "SEARCH_SECONDS"}


def check_settings(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """What is checked of every installation."""
    return [*_database(), *_addresses(), *_sandbox(), *_queue(), *_cache(), *_files(), *_variables()]


def check_deployment(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """What is checked beside it where others can reach the portal: by `check --deploy` alone."""
    if not settings.SANDBOX_URL or is_loopback(settings.PORTAL_URL):
        return []
    finding = Warning(
        "The sandbox is on, and others can reach this portal.",
        hint="What it makes is worth nothing. Leave ALLOW_SANDBOX out where people work.",
        id="tasks.W002",
    )
    return [finding]


def _database() -> Iterator[CheckMessage]:
    row = settings.DATABASES["default"]
    options = row.get("OPTIONS", {})
    if row["ENGINE"].endswith("sqlite3"):
        pragmas = options.get("init_command", "").lower().replace(" ", "")
        safe = "journal_mode=wal" in pragmas and "synchronous=full" in pragmas
        if options.get("transaction_mode") != "IMMEDIATE" or not safe:
            yield Error(
                "SQLite must run with WAL, immediate transactions and synchronous=FULL.",
                hint="A third of concurrent writes fails otherwise, and an intent to pay may be lost.",
                id="tasks.E001",
            )
    elif "synchronous_commit=off" in str(options.get("options", "")).replace(" ", ""):
        yield Error(
            "PostgreSQL must not run with synchronous_commit off.",
            hint="An intent to pay must be on disk before the call is made.",
            id="tasks.E002",
        )


def _addresses() -> Iterator[CheckMessage]:
    if not settings.TOPVIEW_URL.startswith("https://"):
        yield Error(
            "TOPVIEW_URL must be an https address.", hint="Keys travel with every call.", id="tasks.E003"
        )
    for name in ("PORTAL_URL", "SANDBOX_URL"):
        address = getattr(settings, name)
        if address.startswith("http://") and not is_loopback(address):
            yield Error(
                f"{name} is plain http on an address that others can reach.",
                hint="Plain http is for this machine alone: use https, or localhost.",
                id="tasks.E004",
            )
    if (
        settings.NOTICE_URL
        and not settings.NOTICE_URL.startswith("https://")
        and not is_loopback(settings.NOTICE_URL)
    ):
        yield Error("NOTICE_URL must be an https address.", hint="Its path is a secret.", id="tasks.E005")


def _sandbox() -> Iterator[CheckMessage]:
    if settings.SANDBOX_IS_REFUSED:
        yield Warning(
            "SANDBOX_URL is set, but there is no sandbox where others can reach the portal.",
            hint="Leave SANDBOX_URL out, or set ALLOW_SANDBOX=yes where this is no portal for real work.",
            id="tasks.W001",
        )


def _queue() -> Iterator[CheckMessage]:
    plain: dict[str, Any] = dict(settings.Q_CLUSTER)
    others: dict[str, dict[str, Any]] = plain["ALT_CLUSTERS"]
    for name in (plain["name"], *others):
        cluster = {**plain, **others.get(name, {})}
        if not cluster["timeout"] < cluster["retry"] or not cluster["ack_failures"] or cluster["catch_up"]:
            yield Error(
                f"The queue cluster {name} would deliver jobs twice.",
                hint="timeout must be below retry, ack_failures on, catch_up off.",
                id="tasks.E006",
            )


def _cache() -> Iterator[CheckMessage]:
    if settings.CACHES["default"]["BACKEND"].endswith("LocMemCache"):
        yield Error(
            "The default cache must be shared by all processes.",
            hint="Sign-in attempts are counted there; local memory multiplies the limit by the processes.",
            id="tasks.E007",
        )


def _files() -> Iterator[CheckMessage]:
    if not settings.S3_BUCKET:
        return
    if find_spec("storages") is None or find_spec("boto3") is None:
        yield Error(
            "S3_BUCKET is set, but the library for object stores is not installed.",
            hint="Install the extra: pip install 'topview-portal[s3]'.",
            id="tasks.E008",
        )
    if settings.X_ACCEL_PREFIX:
        yield Error(
            "X_ACCEL_PREFIX and S3_BUCKET exclude each other.",
            hint="nginx cannot read the bucket as a folder: leave X_ACCEL_PREFIX empty.",
            id="tasks.E009",
        )
    address = settings.S3_ENDPOINT
    is_safe = address.startswith("https://") or (address.startswith("http://") and is_loopback(address))
    if address and not is_safe:
        yield Error(
            "S3_ENDPOINT must be an https address, or one of this machine.",
            hint="Everything that people upload and make travels there.",
            id="tasks.E010",
        )


def _variables() -> Iterator[CheckMessage]:
    for old, new in _RENAMED.items():
        if os.environ.get(old):
            yield Warning(
                f"{old} is set, and nothing reads it.", hint=f"It is called {new} now.", id="tasks.W003"
            )
