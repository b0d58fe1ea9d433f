"""A portal in parts for the browser tests, with its rows at hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.test import Client

from tasks.models import Credential, Heartbeat, Membership, Workspace
from tests.parts import Parts, wait_until
from tests.people import (
    browser_of,
    leave_pictures,
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


class Stage(Parts):
    """The web server; sandbox and worker when a test needs them."""

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

    def make_team(self) -> Team:
        """A workspace without a credential. Nothing more is fetched for the teams before it."""
        leave_pictures()
        workspace = make_workspace()
        return Team(workspace, make_alice(workspace), make_mark(workspace), make_rita(workspace))

    def ready_team(self) -> tuple[Team, Credential]:
        """A workspace that can make videos: sandbox, worker, credential and catalogs."""
        self.need_sandbox()
        self.need_worker()
        team = self.make_team()
        return team, ready_catalogs(make_credential(team.workspace))

    def plain_team(self) -> tuple[Team, Credential]:
        """The same, but the pictures and samples of the catalogs stay at TopView."""
        team, credential = self.ready_team()
        leave_pictures()
        return team, credential

    def sign_in(self, context: BrowserContext, member: Membership) -> None:
        """Give the browser the member's session; the form is tried in `test_main_job`."""
        client: Client = browser_of(member)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.web_url}])
