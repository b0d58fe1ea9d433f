"""A sandbox that lasts, and a world around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasks.models import Credential, Membership
from tests import people
from tests.commands.conftest import Worker
from tests.commands.interleavings.world import Clock, Moment, World
from tests.commands.lasting import running_sandbox, sandbox
from tests.sandbox_fixture import SandboxDriver

__all__ = ["running_sandbox", "sandbox"]


@pytest.fixture
def world(
    portal: SandboxDriver,
    worker: Worker,
    mark: Membership,
    alice: Membership,
    credential: Credential,
    tmp_path: Path,
    impatient: None,
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    """Everything in its place. Callbacks are the machine's to make: TopView is given no address."""
    people.ready_catalogs(credential)
    made = World(portal, worker, mark, alice, credential, tmp_path, Clock(), Moment())
    made.install(monkeypatch)
    return made
