"""The machine on which the page was followed, once for all tests."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts import wait_until
from tests.production.client import Visitor
from tests.production.files import shell_blocks
from tests.production.machine import NGINX, Machine
from tests.topview.conftest import certificate

__all__ = ["certificate"]

PASSWORD = "a long password of Ada's"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Elsewhere these tests are skipped, but never where CI runs them."""
    if not item.get_closest_marker("nginx") or (NGINX.exists() and os.geteuid() == 0):
        return
    if os.environ.get("CI"):
        pytest.fail("no nginx, or not root: the documents may not be left unproved in CI", pytrace=False)
    pytest.skip("no nginx found, or not root")


@pytest.fixture(scope="session")
def machine(certificate: Path) -> Iterator[Machine]:
    """The whole page has been followed, and everything runs."""
    # Its users pass through it; pytest's own folders are closed to them.
    folder = Path(tempfile.mkdtemp(prefix="portal-production-"))
    folder.chmod(0o755)
    machine = Machine(folder, certificate)
    try:
        for block in shell_blocks():
            machine.follow(block, stdin=f"{PASSWORD}\n")
        machine.start_unit("topview-web.service")
        machine.start_unit("topview-worker.service")
        machine.start_nginx()
        visitor = Visitor(machine, certificate)
        wait_until(visitor.is_served, what="the portal behind nginx")
        yield machine
    finally:
        machine.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def visitor(machine: Machine, certificate: Path) -> Visitor:
    """A stranger with a browser of their own."""
    return Visitor(machine, certificate)


@pytest.fixture(scope="session")
def ada(machine: Machine, certificate: Path) -> Visitor:
    """The first admin, signed in."""
    ada = Visitor(machine, certificate)
    ada.sign_in("ada@example.com", PASSWORD)
    return ada
