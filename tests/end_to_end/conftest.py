"""The portals that the browser tests drive: one as a newcomer starts it, one in parts to be broken."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from tests.end_to_end.stage import Stage
from tests.newcomer import Portal, running_portal


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """`manage.py run` with its demo, kept for the whole run."""
    with running_portal(tmp_path_factory.mktemp("newcomer") / "var") as portal:
        yield portal


@pytest.fixture(scope="module")
def stage(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Stage]:
    """The web server on the test's database, and what a test starts beside it; shared by a module.

    Each test makes a workspace of its own. The rows are flushed after the last one.
    """
    call_command("collectstatic", verbosity=0, interactive=False)
    stage = Stage(tmp_path_factory.mktemp("stage"))
    with django_db_blocker.unblock(), override_settings(SANDBOX_URL=stage.sandbox_url):
        try:
            stage.start_web()
            yield stage
        finally:
            stage.end()
            call_command("flush", verbosity=0, interactive=False)
