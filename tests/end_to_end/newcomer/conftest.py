"""The portal as a newcomer starts it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.newcomer import Portal, running_portal


@pytest.fixture(scope="package")
def portal(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[Portal]:
    """`manage.py run` with its demo, shared by the files of this folder."""
    var = tmp_path_factory.mktemp("newcomer") / "var"
    with running_portal(var, migrated=migrated_sqlite) as portal:
        portal.leave_media(but=("voices", "avatars"))
        yield portal
