"""A sandbox that is started once for a file of tests and emptied before each. Import both into a conftest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tasks.sandbox.rendering import Renderer
from tasks.sandbox.sandbox import Sandbox
from tests.sandbox_fixture import SandboxDriver


@pytest.fixture(scope="module")
def running_sandbox(
    tmp_path_factory: pytest.TempPathFactory, sandbox_renderer: Renderer
) -> Iterator[SandboxDriver]:
    """Started once: many tests here take less time than a start."""
    store = tmp_path_factory.mktemp("lasting") / "sandbox"
    with Sandbox(store, seconds=0, renderer=sandbox_renderer, callback_pause=0.01) as running:
        yield SandboxDriver(running.base_url, running)


@pytest.fixture
def sandbox(running_sandbox: SandboxDriver) -> SandboxDriver:
    """The sandbox as after a start."""
    running_sandbox.reset()
    running_sandbox.speed(0)
    return running_sandbox
