"""Whoever stops the worker waits longer than the worker itself waits for a paid call."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings as portal_settings

from tasks.commands.runtime.shutdown import grace_seconds
from tasks.management.commands.run import worker_part


def test_each_waits_longer_than_what_it_stops(settings: Any) -> None:
    for submit in (5.0, 60.0, 300.0):
        settings.TOPVIEW_SUBMIT_SECONDS = submit
        assert submit < grace_seconds() < worker_part().grace


def test_the_time_for_systemd_is_thirty_seconds_longer() -> None:
    docs = portal_settings.BASE_DIR / "docs"
    page, unit = (docs / "production.md").read_text(), (docs / "production-worker.service").read_text()
    found = re.search(r"TimeoutStopSec=(\d+)", unit)
    assert found
    assert int(found[1]) == grace_seconds() + 30
    assert "`TOPVIEW_SUBMIT_SECONDS` + 70" in page
