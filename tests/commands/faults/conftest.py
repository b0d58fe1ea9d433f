"""One sandbox for all rows, and somebody who takes its callbacks."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from tests.commands.lasting import running_sandbox, sandbox
from tests.topview.server import Request, ScriptedServer, says

__all__ = ["running_sandbox", "sandbox"]


def _acknowledge(connection: socket.socket, request: Request) -> bool:
    return says({"uuid": json.loads(request.body)["uuid"]})(connection, request)


@pytest.fixture
def catcher() -> Iterator[ScriptedServer]:
    """Takes callbacks, and acknowledges them as TopView wants it."""
    with ScriptedServer(script=[_acknowledge]) as server:
        yield server
