"""A portal in parts for the browser tests, with its rows at hand."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from tasks.commands.catalogs.media import fetch_some
from tasks.models import CatalogEntry, Credential, Heartbeat, Membership, Workspace
from tests.parts import Parts, end_group, wait_until
from tests.people import (
    browser_of,
    make_alice,
    make_credential,
    make_mark,
    make_rita,
    make_workspace,
    ready_catalogs,
)

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext


@dataclass(frozen=True)
class Team:
    """A workspace and one person of each role."""

    workspace: Workspace
    alice: Membership
    mark: Membership
    rita: Membership


# An entry of a catalog counts as tried in vain for its media once it is written, whoever writes it. There are
# hundreds, a process decodes each, and whether one was there yet would be left to chance: `fetch_media` asks.
_LEAVE_MEDIA = """
CREATE TRIGGER leave_media_of_{event} AFTER {event} ON tasks_catalogentry WHEN NEW.media_attempts = 0
BEGIN UPDATE tasks_catalogentry SET media_attempts = 100 WHERE id = NEW.id; END
"""
# What a worker that goes on running has written of itself.
_OF_WORKER = {"django_q_schedule", "tasks_heartbeat", "tasks_lease"}


def _holds_rows(database: sqlite3.Connection, table: str) -> bool:
    return database.execute(f"SELECT 1 FROM {table}").fetchone() is not None


class Stage(Parts):
    """The web server on a database of its own; sandbox and worker when a test needs them."""

    def __init__(self, folder: Path, migrated: Path) -> None:
        """`migrated` is a database with every table, to copy."""
        super().__init__(folder)
        self.database = Path(shutil.copy(migrated, folder / "portal.sqlite3"))
        with closing(sqlite3.connect(self.database)) as database:
            for event in ("INSERT", "UPDATE"):
                database.execute(_LEAVE_MEDIA.format(event=event))
            names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            self._tables = [name for (name,) in names if not _holds_rows(database, name)]

    def be_as_new(self) -> None:
        """Start the web server, or empty database and sandbox; what runs goes on running."""
        if "web" not in self.processes:
            self.start_web()
            return
        kept = _OF_WORKER if "worker" in self.processes else set()
        with transaction.atomic(), connection.cursor() as cursor:
            for table in self._tables:
                if table not in kept:
                    cursor.execute(f"DELETE FROM {table}")
        if "sandbox" in self.processes:
            self.sandbox.reset()
            self.sandbox.speed(1)

    def environment(self, **more: str) -> dict[str, str]:
        """No test waits here until somebody is taken for dead: a slow answer of a busy machine counts."""
        patience = {"TOPVIEW_SUBMIT_SECONDS": "60", "TOPVIEW_READ_SECONDS": "20", "TAKEOVER_SECONDS": "60"}
        return super().environment(**{**patience, **more})

    def need_sandbox(self) -> None:
        """Start the sandbox, unless it runs. Its films are real, but made once and short."""
        if "sandbox" not in self.processes:
            self.start_sandbox()

    def need_worker(self) -> None:
        """Start the worker, unless it runs, and wait for its first sign of life."""
        if "worker" not in self.processes:
            self.start_worker()
            wait_until(lambda: Heartbeat.objects.nodes().exists(), what="the worker")

    def end_worker(self) -> None:
        """End the worker, where one runs, and let nobody know of it."""
        if worker := self.processes.pop("worker", None):
            worker.terminate()
            worker.wait(timeout=60)
            end_group(worker.pid)
        Heartbeat.objects.all().delete()

    def make_team(self) -> Team:
        """A workspace without a credential."""
        workspace = make_workspace()
        return Team(workspace, make_alice(workspace), make_mark(workspace), make_rita(workspace))

    def ready_team(self) -> tuple[Team, Credential]:
        """A workspace that can make videos: sandbox, worker, credential and catalogs without their media."""
        self.need_sandbox()
        self.need_worker()
        team = self.make_team()
        return team, ready_catalogs(make_credential(team.workspace))

    def fetch_media(self, credential: Credential, entries: Iterable[CatalogEntry]) -> None:
        """Fetch what belongs to these entries of the credential's catalogs."""
        wanted = CatalogEntry.objects.filter(pk__in=[entry.pk for entry in entries])
        wanted.update(media_attempts=1)

        def are_there() -> bool:
            fetch_some(credential=credential)  # or a worker does, which it leaves in peace
            return not wanted.without_media().exists()

        wait_until(are_there, what="the media of catalog entries")

    def sign_in(self, context: BrowserContext, member: Membership) -> None:
        """Give the browser the member's session; the form is tried in `test_main_job`."""
        client: Client = browser_of(member)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.web_url}])
