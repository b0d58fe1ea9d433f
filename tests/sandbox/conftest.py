"""Fixtures of the sandbox's own tests: a renderer without encoding, and one account's files."""

import pytest

from tests.sandbox.examples import Ids
from tests.sandbox.sketch import Sketch, png
from tests.sandbox_fixture import SandboxDriver, sandbox

__all__ = ["sandbox"]


@pytest.fixture
def sandbox_renderer() -> Sketch:
    """Put in the place of the real renderer."""
    return Sketch()


@pytest.fixture
def ids(sandbox: SandboxDriver) -> Ids:
    """One uploaded file of each role, and ids from the catalogs."""
    return Ids(
        image=sandbox.upload(png(), "png"),
        video=sandbox.upload(b"video" * 100, "mp4"),
        audio=sandbox.upload(b"audio" * 100, "mp3"),
    )
