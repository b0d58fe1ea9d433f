"""The portal as a newcomer starts it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.newcomer import Portal, running_portal


@pytest.fixture(scope="package")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """`manage.py run` with its demo, shared by the files of this folder."""
    with running_portal(tmp_path_factory.mktemp("newcomer") / "var") as portal:
        portal.leave_media(but=("voices", "avatars"))
        yield portal
