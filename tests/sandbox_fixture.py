"""The `sandbox` fixture: a local TopView on a free port, in threads of the test's own process.

Use it by `from tests.sandbox_fixture import sandbox` in a conftest, or `pytest_plugins`.
Results are real, tiny files: one per product and aspect, rendered once for the test session.
"""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tasks.sandbox.options import DEFAULT_ACCOUNTS
from tasks.sandbox.rendering import InProcess, Renderer, Tiny
from tasks.sandbox.sandbox import Sandbox

DEMO, EMPTY = DEFAULT_ACCOUNTS


class SandboxDriver:
    """A running sandbox and its switches. `uid` and `key` are those of the account with 1000 credits."""

    uid, key = DEMO.uid, DEMO.key
    empty_uid, empty_key = EMPTY.uid, EMPTY.key

    def __init__(self, base_url: str, sandbox: Sandbox | None = None) -> None:
        self.base_url = base_url
        self.sandbox = sandbox

    def fault(self, name: str, *, scope: str = "global", next: int | None = None, value: Any = None) -> Any:
        """Set a fault; `scope` is global, submits, an operation id or a task id, `next` how many calls."""
        return self.admin("POST", "faults", {"fault": name, "scope": scope, "next": next, "value": value})

    def clear(self, name: str | None = None, *, scope: str | None = None) -> Any:
        """Clear one fault, or all."""
        return self.admin("DELETE", "faults", {"fault": name, "scope": scope})

    def state(self) -> Any:
        """Accounts, tasks, faults, accepted, calls, violations, callbacks."""
        return self.admin("GET", "state")

    def accepted(self, operation: str | None = None) -> int:
        """How many submits were accepted, of all operations or of one."""
        counted = self.state()["accepted"]
        return int(counted["operations"].get(operation, 0) if operation else counted["total"])

    def violations(self) -> Any:
        """What was sent that the contract doesn't know; a good client leaves this empty."""
        return self.state()["violations"]

    def account(self, uid: str, key: str, credit: float | str = 1000) -> Any:
        """Add an account, or put it in the place of the one with this uid."""
        return self.admin("POST", "accounts", {"uid": uid, "key": key, "credit": str(credit)})

    def speed(self, seconds: float, operation: str | None = None) -> Any:
        """How long tasks that are submitted from now on take."""
        return self.admin("POST", "speed", {"seconds": seconds, "operation": operation})

    def finish(self, task_id: str) -> Any:
        """Let a task's time be over; it still waits for its render."""
        return self.admin("POST", "finish", {"taskId": task_id})

    def reset(self) -> Any:
        """Forget everything."""
        return self.admin("POST", "reset", {})

    def admin(self, method: str, name: str, body: Any = None) -> Any:
        """Call one of the sandbox's own addresses."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.base_url}/sandbox/{name}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.loads(response.read())

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Call the API as the demo account; the HTTP status and the envelope."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Topview-Uid": self.uid, "Authorization": f"Bearer {self.key}", **headers}
        request = urllib.request.Request(f"{self.base_url}{path}", data, sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read() or b"null")

    def result(self, method: str, path: str, body: Any = None) -> Any:
        """The result of a call that succeeds."""
        status, envelope = self.call(method, path, body)
        assert (status, envelope["code"]) == (200, "200"), envelope
        return envelope["result"]

    def upload(self, content: bytes, file_format: str) -> str:
        """Upload a file in its three steps; the fileId."""
        ticket = self.result("GET", f"/v1/upload/credential?format={file_format}")
        request = urllib.request.Request(ticket["uploadUrl"], content, method="PUT")
        with urllib.request.urlopen(request, timeout=30):
            pass
        assert self.result("GET", f"/v1/upload/check?fileId={ticket['fileId']}") is True
        return str(ticket["fileId"])

    def wait(self, query_path: str, task_id: str, *, seconds: float = 60) -> Any:
        """The query's result once the task has ended."""
        deadline, pause = time.monotonic() + seconds, 0.02
        while time.monotonic() < deadline:
            result = self.result("GET", f"{query_path}?taskId={task_id}")
            if result.get("status", result.get("taskStatus")) not in ("init", "running"):
                return result
            time.sleep(pause)
            # A render of seconds would be asked after a hundred times.
            pause = min(0.2, pause * 1.2)
        raise AssertionError(f"task {task_id} is unfinished after {seconds} s: {result}")


@pytest.fixture(scope="session")
def sandbox_renderer(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    """Renders each product once a session. Override it to render something else."""
    return Tiny(InProcess(), tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def sandbox(tmp_path: Path, sandbox_renderer: Renderer) -> Iterator[SandboxDriver]:
    """A fresh sandbox whose tasks take 0.2 s."""
    running = Sandbox(
        tmp_path / "sandbox", seconds=0.2, renderer=sandbox_renderer, callback_pause=0.05
    ).start()
    try:
        yield SandboxDriver(running.base_url, running)
    finally:
        running.stop()
