"""`manage.py run` on a disk that fills up, and gets room again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.newcomer import Portal, running_portal
from tests.parts import wait_until

# Bytes.
BLOCK = 4096

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with room for little more than the portal."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "portal-test", folder], check=False)
    if mounted.returncode:
        pytest.skip("nothing can be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def portal(disk: Path, migrated_sqlite: Path) -> Iterator[Portal]:
    """The whole portal on that disk; how full it is does not count as trouble by itself."""
    variables = {"DISK_LOW_BYTES": "0", "DISK_FULL_BYTES": "0"}
    with running_portal(disk / "var", migrated=migrated_sqlite, **variables) as portal:
        yield portal


def health(portal: Portal) -> dict[str, str]:
    """What it says of its parts; empty while it does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{portal.port}/health/", timeout=10) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        return dict(json.load(error))
    except OSError:
        return {}


def fill(disk: Path) -> None:
    """Leave not one byte."""
    with (disk / "filler").open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            while True:
                try:
                    file.write(b"x" * size)
                except OSError:
                    break


def make_it_log(portal: Portal) -> None:
    """The web server says lines about a page that does not exist: more than fill up a file's last block.

    That is the file's already, however full the disk is.
    """
    before, said = time.monotonic(), 0
    while said < 2 * BLOCK:
        assert time.monotonic() < before + 60
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"http://127.0.0.1:{portal.port}/nowhere/", timeout=20)
        # What a line holds at least.
        said += len('{"at": "", "level": "warning", "event": "Not Found: /nowhere/", "status_code": 404}')


def part(portal: Portal, command: str) -> int:
    """The process right below the runner whose command line holds this; 0 while there is none."""
    found = [
        pid
        for pid, line in portal.processes().items()
        if command in line and parent(pid) == portal.process.pid
    ]
    return found[0] if found else 0


def parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def test_a_full_disk_stops_no_part_for_good(portal: Portal, disk: Path) -> None:
    portal.leave_media()
    worker, web = part(portal, "manage.py worker"), part(portal, "gunicorn")
    fill(disk)
    # Each part has to start on the full disk too.
    for pid in (worker, web):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: part(portal, "gunicorn") not in (0, web), what="a web server on a full disk")
    wait_until(lambda: part(portal, "manage.py worker") not in (0, worker), what="a worker on a full disk")
    waiting = part(portal, "manage.py worker")
    wait_until(lambda: "worker.database-unreachable" in portal.output(), what="the worker to wait")
    wait_until(lambda: health(portal), what="the web server to answer")
    make_it_log(portal)
    assert portal.process.poll() is None

    (disk / "filler").unlink()
    wait_until(lambda: health(portal).get("jobs") == "ok", seconds=120, what="jobs to be done again")
    assert part(portal, "manage.py worker") == waiting
    make_it_log(portal)
    log = portal.var / "log" / "web.log"
    wait_until(lambda: "bytes could not be written here" in log.read_text(), what="the log to go on")
    assert log.read_text().endswith("}\n")
    portal.process.terminate()
    portal.end()
    assert portal.process.returncode == 0
    assert portal.processes() == {}
