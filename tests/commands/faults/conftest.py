"""One sandbox for all rows, emptied before each, and a portal that does not wait between attempts."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from functools import partial

import pytest

from tasks.commands import clients
from tasks.sandbox.rendering import Renderer
from tasks.sandbox.sandbox import Sandbox
from tasks.topview.endpoint import Endpoint
from tests.sandbox_fixture import SandboxDriver
from tests.topview.server import Request, ScriptedServer, says


@pytest.fixture(scope="module")
def running_sandbox(
    tmp_path_factory: pytest.TempPathFactory, sandbox_renderer: Renderer
) -> Iterator[SandboxDriver]:
    """Started once: a row takes less time than a start."""
    store = tmp_path_factory.mktemp("faults") / "sandbox"
    with Sandbox(store, seconds=0, renderer=sandbox_renderer, notice_pause=0.01) as running:
        yield SandboxDriver(running.base_url, running)


@pytest.fixture
def sandbox(running_sandbox: SandboxDriver) -> SandboxDriver:
    """The sandbox as after a start."""
    running_sandbox.reset()
    running_sandbox.speed(0)
    return running_sandbox


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reads are repeated at once, and a time that TopView names is not waited for by the client."""
    endpoint = partial(Endpoint, retry_pause=0.001, longest_pause=0.01)
    monkeypatch.setattr(clients, "Endpoint", endpoint)


def _acknowledge(connection: socket.socket, request: Request) -> bool:
    return says({"uuid": json.loads(request.body)["uuid"]})(connection, request)


@pytest.fixture
def catcher() -> Iterator[ScriptedServer]:
    """Takes callbacks, and acknowledges them as TopView wants it."""
    with ScriptedServer(script=[_acknowledge]) as server:
        yield server
