"""A studio with files of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tasks.models import Membership, Workspace
from tests.people import make_mark, make_rita, make_workspace


@pytest.fixture
def studio(settings: Any, tmp_path: Path, db: None) -> Workspace:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return make_workspace()


@pytest.fixture
def mark(studio: Workspace) -> Membership:
    return make_mark(studio)


@pytest.fixture
def rita(studio: Workspace) -> Membership:
    return make_rita(studio)
