"""`manage.py run` and what it stands on, with real processes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tasks.management.commands.run import CALLS, shorten
from topview_portal import log_file, processes
from topview_portal.bootstrap import close_to_others
from topview_portal.ports import answers, is_free
from topview_portal.processes import Part, PartFailed, Supervisor

ROOT = Path(__file__).resolve().parent.parent

# Starts a supervisor over two stand-in parts; each part writes its pid and that of a child of its own.
RUNNER = """
import sys
from pathlib import Path
from topview_portal.processes import Part, Supervisor

folder = Path(sys.argv[1])
part = '''
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
with open(sys.argv[1], "a") as file:
    file.write(f"{os.getpid()} {child.pid}\\\\n")
print("hello from", os.path.basename(sys.argv[1]), flush=True)
time.sleep(120)
'''
supervisor = Supervisor(folder / "log", lambda name, line: print(name, line, flush=True))
supervisor.catch_signals()
for name in ("sandbox", "web"):
    supervisor.start(Part(name, [sys.executable, "-c", part, str(folder / name)]))
print("ready", flush=True)
supervisor.watch()
supervisor.stop()
print("stopped", flush=True)
"""


class Runner:
    """The stand-in runner as a process group of its own, and what its parts have told about themselves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUNNER, str(folder)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        wait_until(lambda: len(self.pids()) == 4 and self.greeted())

    def pids(self) -> list[int]:
        """Every process the parts have written down so far: part, its child, part, its child."""
        files = [self.folder / "sandbox", self.folder / "web"]
        return [int(pid) for file in files if file.exists() for pid in file.read_text().split()]

    def greeted(self) -> bool:
        """Whether every part has said its first line whole."""
        return all(self.greetings(name) for name in ("sandbox", "web"))

    def greetings(self, name: str) -> int:
        """How many times a part has said that line."""
        log = self.folder / "log" / f"{name}.log"
        return log.read_text().count(f"from {name}\n") if log.exists() else 0

    def output(self) -> str:
        """All that the runner wrote; waits for its end."""
        return self.process.communicate(timeout=30)[0]


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    runner = Runner(tmp_path)
    yield runner
    for pid in [runner.process.pid, *runner.pids()]:
        if is_alive(pid):
            os.kill(pid, signal.SIGKILL)
    runner.process.wait()
    if runner.process.stdout:
        runner.process.stdout.close()


def wait_until(holds: Callable[[], bool], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_group_stops_every_process(runner: Runner, number: signal.Signals) -> None:
    os.killpg(runner.process.pid, number)
    assert "stopped" in runner.output()
    assert runner.process.returncode == 0
    assert not any(is_alive(pid) for pid in runner.pids())


def test_a_signal_to_the_runner_alone_stops_every_process(runner: Runner) -> None:
    runner.process.terminate()
    assert "stopped" in runner.output()
    assert not any(is_alive(pid) for pid in runner.pids())


# Stands in for a part that needs a moment to end; `sys.argv[1]` is where it says that it did.
SLOW_TO_END = """
import signal, sys, time
from pathlib import Path
from topview_portal.processes import Part, Supervisor

part = '''
import signal, sys, time
def end(number, frame):
    time.sleep(float(sys.argv[2]))
    open(sys.argv[1], "w").close()
    raise SystemExit
signal.signal(signal.SIGTERM, end)
print("up", flush=True)
time.sleep(120)
'''
folder, seconds = Path(sys.argv[1]), sys.argv[2]
supervisor = Supervisor(folder, lambda name, line: print(line, flush=True))
supervisor.catch_signals()
supervisor.start(Part("worker", [sys.executable, "-c", part, str(folder / "ended"), seconds], grace=60))
supervisor.watch()
supervisor.stop()
"""


def slow_to_end(folder: Path, seconds: float) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW_TO_END, str(folder), str(seconds)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "up\n"
    return process


def test_a_request_to_stop_that_comes_twice_at_once_is_one_request(tmp_path: Path) -> None:
    process = slow_to_end(tmp_path, 0.5)
    process.terminate()
    time.sleep(0.1)
    process.terminate()
    process.communicate(timeout=30)
    assert (tmp_path / "ended").exists()


def test_a_second_request_to_stop_does_not_wait(tmp_path: Path) -> None:
    process = slow_to_end(tmp_path, 50)
    process.terminate()
    # Again until it has ended: a busy machine may have taken up the first one late.
    for _request in range(10):
        time.sleep(processes.IMPATIENT_AFTER + 0.5)
        process.terminate()
        if process.poll() is not None:
            break
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert not (tmp_path / "ended").exists()


def test_a_killed_runner_takes_its_parts_with_it(runner: Runner) -> None:
    runner.process.kill()
    sandbox, _, web, _ = runner.pids()
    wait_until(lambda: not is_alive(sandbox) and not is_alive(web))


def test_a_part_that_is_killed_is_said_and_started_again(runner: Runner) -> None:
    web, child = runner.pids()[2:]
    os.kill(web, signal.SIGKILL)
    wait_until(lambda: runner.greetings("web") == 2)
    assert not is_alive(child)
    runner.process.terminate()
    output = runner.output()
    assert "web was ended by SIGKILL; starting it again in 1 s" in output
    assert output.count("web hello from web") == 2


def test_a_line_cut_short_by_death_is_said_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "MOST_DEATHS", 2)
    said: list[str] = []
    supervisor = Supervisor(tmp_path, lambda name, line: said.append(line))
    supervisor.start(Part("web", [sys.executable, "-c", "print('half a line', end=''); raise SystemExit(3)"]))
    with pytest.raises(PartFailed):
        supervisor.watch()
    assert said.count("half a line") == 2


def test_what_a_part_says_is_kept_in_its_log(runner: Runner) -> None:
    runner.process.terminate()
    runner.output()
    assert (runner.folder / "log" / "sandbox.log").read_text() == "hello from sandbox\n"


def test_a_part_that_ends_again_and_again_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "MOST_DEATHS", 2)
    said: list[str] = []
    supervisor = Supervisor(tmp_path, lambda name, line: said.append(f"{name}: {line}"))
    supervisor.start(Part("web", [sys.executable, "-c", "print('no database'); raise SystemExit(3)"]))
    with pytest.raises(PartFailed, match=r"web ended with code 3.*web\.log"):
        supervisor.watch()
    supervisor.stop()
    assert said.count("web: no database") == 2


def test_a_part_that_never_answers_is_given_up(tmp_path: Path) -> None:
    part = Part(
        "web", [sys.executable, "-c", "import time; time.sleep(60)"], answers=lambda: False, start_within=0.5
    )
    supervisor = Supervisor(tmp_path, lambda name, line: None)
    with pytest.raises(PartFailed, match="did not answer"):
        supervisor.start(part)
    supervisor.stop()


def test_a_large_log_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "LARGEST", 10)
    (tmp_path / "web.log").write_text("what was said yesterday\n")
    supervisor = Supervisor(tmp_path, lambda name, line: None)
    supervisor.start(Part("web", [sys.executable, "-c", "import time; time.sleep(60)"]))
    supervisor.stop()
    assert (tmp_path / "web.log.1").read_text() == "what was said yesterday\n"


def test_what_an_earlier_version_left_open_is_closed(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    for name in ("db.sqlite3", "db.sqlite3-wal", "log/web.log"):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o644)
    (tmp_path / "media").mkdir()
    for folder in (tmp_path, tmp_path / "log", tmp_path / "media"):
        folder.chmod(0o755)
    outside = tmp_path.with_name(f"{tmp_path.name}-outside")
    outside.touch()
    outside.chmod(0o644)
    (tmp_path / "link").symlink_to(outside)
    close_to_others(tmp_path)
    kept = [tmp_path, *tmp_path.rglob("*")]
    assert {path.stat().st_mode & 0o077 for path in kept if not path.is_symlink()} == {0}
    assert outside.stat().st_mode & 0o777 == 0o644


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_with_a_server_is_not_free(taken_port: int) -> None:
    assert not is_free(taken_port)


def test_a_port_is_free_again_when_its_server_has_ended(taken_port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert is_free(port)


def test_a_port_where_nothing_listens_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert not answers(port, "/")()


@pytest.mark.parametrize("variable", ["PORT", "SANDBOX_PORT"])
def test_a_taken_port_is_said_plainly_before_anything_starts(
    variable: str, taken_port: int, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        free = str(other.getsockname()[1])
    ports = {"PORT": free, "SANDBOX_PORT": free, variable: str(taken_port)}
    done = subprocess.run(
        [sys.executable, "manage.py", "run"],
        cwd=ROOT,
        env={**os.environ, **ports, "TOPVIEW_PORTAL_VAR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert f"Port {taken_port} is taken by another program" in done.stderr
    assert f"make run {variable}={taken_port + 1}" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "db.sqlite3").exists()


def line(**values: str) -> str:
    return json.dumps(
        {"at": "2026-11-22T10:00:00.000+00:00", "logger": "tasks.commands.submissions.submit", **values}
    )


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Listening at 8900", "Listening at 8900"),
        (line(level="info", event="submit.accepted", task="7a"), "submit.accepted task=7a"),
        (line(level="warning", event="media.refused"), "WARNING: media.refused"),
        (
            line(level="error", event="Internal Server Error: /", error="Traceback"),
            "ERROR: Internal Server Error: /",
        ),
        ("[1, 2]", "[1, 2]"),
        (line(level="info", event="topview.answered", logger=CALLS), None),
        (line(level="warning", event="topview.busy", logger=CALLS), "WARNING: topview.busy"),
    ],
)
def test_a_log_line_is_shown_as_a_person_reads_it(said: str, shown: str | None) -> None:
    assert shorten(said) == shown


def test_a_long_line_is_cut_to_one_row_of_the_terminal() -> None:
    shown = shorten("x" * 5000)
    assert shown is not None
    assert len(shown) == 160
