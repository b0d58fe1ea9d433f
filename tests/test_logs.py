"""The log tells what failed and keeps to itself what would let a stranger in."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tasks.logs import JsonFormatter, SecretPaths


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is written while the test runs, by a handler like the portal's own."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(SecretPaths())
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def test_the_portals_own_handler_hides_secret_paths() -> None:
    logging_settings: Any = settings.LOGGING
    assert logging_settings["handlers"]["stderr"]["filters"] == ["paths"]
    assert logging_settings["filters"]["paths"] == {"()": "tasks.logs.SecretPaths"}


@pytest.mark.django_db
@pytest.mark.parametrize("rest", ["", "/more", "?a=b"])
def test_a_callback_that_fails_is_logged_without_its_secret_path(log: io.StringIO, rest: str) -> None:
    answer = Client().post("/notices/secret-word-1234/" + rest.lstrip("/"), b"", content_type="text/plain")
    assert answer.status_code in (404, 415)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert any("/notices/..." in line["event"] for line in lines)
    assert "secret-word" not in log.getvalue()


@pytest.mark.django_db
def test_other_paths_are_logged_as_they_are(log: io.StringIO) -> None:
    Client().get("/no-such-page/")
    assert "/no-such-page/" in log.getvalue()
