"""The sandbox as a process: it starts, says so, stops when told, and says plainly why it can't start."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.sandbox.examples import SUBMITS, image_to_video
from tests.sandbox.examples import Ids as Files
from tests.sandbox.sketch import png
from tests.sandbox_fixture import SandboxDriver

ROOT = Path(__file__).parents[2]
PATHS = SUBMITS["submitCommonImage2Video"]
COMMANDS = {"module": ["-m", "tasks.sandbox"], "manage": ["manage.py", "sandbox"]}


@contextmanager
def process(store: Path, *options: str, command: str = "module") -> Iterator[subprocess.Popen[str]]:
    arguments = [sys.executable, *COMMANDS[command], "--port", "0", "--store", str(store), *options]
    running = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def address(running: subprocess.Popen[str]) -> SandboxDriver:
    assert running.stdout is not None
    line = running.stdout.readline().strip()
    assert line.startswith("TopView sandbox at http://127.0.0.1:"), line
    return SandboxDriver(line.split(" at ")[1])


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_stop(command: str, number: int, tmp_path: Path):
    with process(tmp_path, command=command) as running:
        sandbox = address(running)
        assert sandbox.call("GET", "/v1/caption/list")[0] == 200
        running.send_signal(number)
        assert running.wait(60) == 0
        assert running.communicate()[1] == ""


def test_a_killed_process_forgets_nothing_that_it_answered(tmp_path: Path):
    options = ("--seconds", "0.5", "--render", "thread")
    with process(tmp_path, *options) as running:
        sandbox = address(running)
        image = sandbox.upload(png(64), "png")
        body = image_to_video(Files(image, image, image)) | {"generatingCount": 1}
        number = sandbox.result("POST", PATHS.submit, body)["taskId"]
        running.send_signal(signal.SIGKILL)
        running.wait(60)
    with process(tmp_path, *options) as running:
        sandbox = address(running)
        assert sandbox.accepted() == 1
        assert sandbox.wait(PATHS.query, number, seconds=60)["status"] == "success"


def test_a_child_renders_and_goes_with_its_parent(tmp_path: Path):
    with process(tmp_path, "--seconds", "0.1") as running:
        sandbox = address(running)
        image = sandbox.upload(png(64), "png")
        body = image_to_video(Files(image, image, image)) | {"generatingCount": 1}
        number = sandbox.result("POST", PATHS.submit, body)["taskId"]
        assert sandbox.wait(PATHS.query, number, seconds=60)["status"] == "success"
        children = children_of(running.pid)
        assert children
        running.send_signal(signal.SIGKILL)
        running.wait(60)
        deadline = time.monotonic() + 60
        while any(is_running(child) for child in children) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not any(is_running(child) for child in children)


def test_faults_can_be_set_from_the_start(tmp_path: Path):
    with process(tmp_path, "--fault", "code=5003@queryVoices:2", "--fault", "stuck") as running:
        sandbox = address(running)
        codes = [sandbox.call("GET", "/v1/voice/query")[1]["code"] for _time in range(3)]
        assert codes == ["5003", "5003", "200"]
        assert [fault["fault"] for fault in sandbox.state()["faults"]] == ["stuck"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_taken_port_is_said_plainly(command: str, tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with process(tmp_path, "--port", port, command=command) as running:
            assert running.wait(60) == 1
            assert f"can't listen at 127.0.0.1:{port}" in running.communicate()[1]


def test_a_store_in_use_and_an_unknown_fault_are_said_plainly(tmp_path: Path):
    with process(tmp_path / "a") as running:
        address(running)
        with process(tmp_path / "a") as second:
            assert second.wait(60) == 1
            assert "another sandbox works with" in second.communicate()[1]
    with process(tmp_path / "b", "--fault", "no-such") as running:
        assert running.wait(60) == 1
        assert "unknown fault 'no-such'" in running.communicate()[1]


def test_it_stops_when_its_parent_is_gone(tmp_path: Path):
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with process(tmp_path, "--parent-pid", str(parent.pid)) as running:
        address(running)
        parent.kill()
        parent.communicate()
        assert running.wait(60) == 0


def children_of(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        # Some of these processes end while we look.
        with suppress(FileNotFoundError, ProcessLookupError):
            if entry.name.isdigit() and stat_of(int(entry.name))[1] == str(pid):
                found.append(int(entry.name))
    return found


def stat_of(pid: int) -> list[str]:
    """State, parent and more, as `man 5 proc` lists them after the name."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()


def is_running(pid: int) -> bool:
    # A zombie whose new parent hasn't looked yet isn't running.
    try:
        return stat_of(pid)[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
