"""A supervisor whose logs and terminal take nothing, as on a full disk, keeps its parts and says so later."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.parts import ROOT, is_alive, wait_until
from topview_portal import processes
from topview_portal.log_file import LogFile
from topview_portal.processes import Part, PartFailed, Supervisor

FULL = Path("/dev/full")
# Two parts that talk all the time; where their processes are stands in a file of each.
RUNNER = """
import sys
from pathlib import Path
from topview_portal.processes import Part, Supervisor

folder = Path(sys.argv[1])
part = '''
import os, sys, time
with open(sys.argv[1], "a") as file:
    file.write(f"{os.getpid()}\\\\n")
for number in range(1200):
    print("line", number, "of", os.getpid(), flush=True)
    time.sleep(0.1)
'''
supervisor = Supervisor(folder / "log", lambda name, line: print(name, line, flush=True))
supervisor.catch_signals()
for name in ("worker", "web"):
    supervisor.start(Part(name, [sys.executable, "-c", part, str(folder / name)]))
supervisor.watch()
supervisor.stop()
(folder / "stopped").touch()
"""


def pids(folder: Path, name: str) -> list[int]:
    """Every process that the part has had so far."""
    file = folder / name
    return [int(pid) for pid in file.read_text().split()] if file.exists() else []


@pytest.fixture
def full(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A supervisor whose logs and whose own output are full from the start."""
    (tmp_path / "log").mkdir()
    for name in ("worker", "web"):
        (tmp_path / "log" / f"{name}.log").symlink_to(FULL)
    with FULL.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", RUNNER, str(tmp_path)],
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    wait_until(lambda: pids(tmp_path, "worker") and pids(tmp_path, "web"), what="both parts")
    yield process
    for pid in [process.pid, *pids(tmp_path, "worker"), *pids(tmp_path, "web")]:
        if is_alive(pid):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def test_lines_that_cannot_be_written_end_nothing(full: subprocess.Popen[bytes], tmp_path: Path) -> None:
    (worker,), (web,) = pids(tmp_path, "worker"), pids(tmp_path, "web")
    os.kill(web, signal.SIGKILL)
    wait_until(lambda: len(pids(tmp_path, "web")) == 2, what="the part to be started again")
    assert full.poll() is None
    assert is_alive(worker)

    # There is room again.
    for name in ("worker", "web"):
        (tmp_path / "log" / f"{name}.log").unlink()
    log = tmp_path / "log" / "worker.log"
    wait_until(lambda: log.exists() and log.read_text().count(f"of {worker}") > 3, what="the log to go on")
    assert "bytes could not be written here" in log.read_text().splitlines()[1]
    full.terminate()
    wait_until(lambda: (tmp_path / "stopped").exists(), what="an end in order")
    full.wait(timeout=30)
    assert not any(is_alive(pid) for name in ("worker", "web") for pid in pids(tmp_path, name))


@pytest.mark.parametrize("error", [OSError(28, "No space left"), ValueError("closed"), BrokenPipeError()])
def test_a_terminal_that_takes_no_line_stops_nothing(tmp_path: Path, error: Exception) -> None:
    said: list[str] = []

    def say(name: str, line: str) -> None:
        said.append(line)
        raise error

    supervisor = Supervisor(tmp_path, say)
    supervisor.start(Part("web", [sys.executable, "-c", "print('one'); print('two', end='')"]))
    turn_until(supervisor, lambda: "two" in said)
    supervisor.stop()
    assert said[:2] == ["one", "two"]


def test_what_was_lost_is_counted_once(tmp_path: Path) -> None:
    path = tmp_path / "web.log"
    path.symlink_to(FULL)
    log = LogFile(path)
    log.write(b"x" * 100)
    log.write(b"y" * 50)
    path.unlink()
    log.write(b"after\n")
    log.write(b"more\n")
    assert path.read_text() == "\n... 150 bytes could not be written here ...\nafter\nmore\n"


def turn_until(supervisor: Supervisor, holds: Callable[[], bool]) -> None:
    """Let it look at its parts until something holds; bounded."""

    def look() -> bool:
        supervisor._turn()
        return holds()

    wait_until(look, seconds=30)


def short_lived(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, healthy_after: float) -> Supervisor:
    monkeypatch.setattr(processes, "MOST_DEATHS", 2)
    monkeypatch.setattr(processes, "LONGEST_WAIT", 0.05)
    monkeypatch.setattr(processes, "HEALTHY_AFTER", healthy_after)
    (tmp_path / "begun").touch()
    return Supervisor(tmp_path / "log", lambda name, line: None)


# Lives for three seconds the first time, and then dies at once for as long as the disk is full.
DIES = """
import sys, time
from pathlib import Path
folder = Path(sys.argv[1])
begun = folder / "begun"
with begun.open("a") as file:
    file.write("x")
if len(begun.read_text()) == 1:
    time.sleep(3)
elif not (folder / "room").exists():
    sys.exit(1)
else:
    (folder / "works").touch()
    time.sleep(60)
"""


def test_a_part_that_was_healthy_before_is_never_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor = short_lived(monkeypatch, tmp_path, healthy_after=2.5)
    supervisor.start(Part("worker", [sys.executable, "-c", DIES, str(tmp_path)]))
    turn_until(supervisor, lambda: len((tmp_path / "begun").read_text()) > 5)
    (tmp_path / "room").touch()
    turn_until(supervisor, lambda: (tmp_path / "works").exists())
    supervisor.stop()


def test_a_part_that_never_was_healthy_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    supervisor = short_lived(monkeypatch, tmp_path, healthy_after=30)
    supervisor.start(Part("worker", [sys.executable, "-c", DIES, str(tmp_path)]))
    with pytest.raises(PartFailed):
        supervisor.watch()
    supervisor.stop()


def test_a_machine_that_starts_no_process_now_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor = short_lived(monkeypatch, tmp_path, healthy_after=2.5)
    (tmp_path / "room").touch()
    supervisor.start(Part("worker", [sys.executable, "-c", DIES, str(tmp_path)]))
    plain, refused = subprocess.Popen, list[int]()

    def popen(*arguments: object, **options: object) -> object:
        if len(refused) < 3:
            refused.append(1)
            raise OSError(11, "Resource temporarily unavailable")
        return plain(*arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", popen)
    turn_until(supervisor, lambda: (tmp_path / "works").exists())
    assert len(refused) == 3
    supervisor.stop()
