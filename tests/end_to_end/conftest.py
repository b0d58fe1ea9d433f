"""The portals that the browser tests drive: one as a newcomer starts it, one in parts to be broken."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from tasks.commands.operations.backup.load import pointed_at
from tests.end_to_end.stage import Stage
from tests.newcomer import Portal, running_portal


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """`manage.py run` with its demo, kept for the whole run."""
    with running_portal(tmp_path_factory.mktemp("newcomer") / "var") as portal:
        portal.leave_media(but=("voices", "avatars"))
        yield portal


@pytest.fixture(scope="module")
def stage(
    tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path, django_db_blocker: DjangoDbBlocker
) -> Iterator[Stage]:
    """The web server with a database of its own, and what a test starts beside it; shared by a module.

    Each test makes a workspace of its own.
    """
    folder = tmp_path_factory.mktemp("stage")
    path = Path(shutil.copy(migrated_sqlite, folder / "portal.sqlite3"))
    call_command("collectstatic", verbosity=0, interactive=False)
    stage = Stage(folder)
    with django_db_blocker.unblock(), pointed_at(path), override_settings(SANDBOX_URL=stage.sandbox_url):
        try:
            stage.start_web()
            yield stage
        finally:
            stage.end()
