"""A studio with files of its own, which tests take away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tasks.models import Workspace
from tests.people import make_workspace
from tests.views.conftest import mark, rita

__all__ = ["mark", "rita"]


@pytest.fixture
def studio(settings: Any, tmp_path: Path, db: None) -> Workspace:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return make_workspace()
