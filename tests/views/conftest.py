"""The people of the view tests."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.models import Membership, Workspace
from tests import people


@pytest.fixture(autouse=True)
def hurry(settings: Any) -> None:
    """No worker runs here: nobody waits for its examinations."""
    settings.EXAMINATION_WAIT_SECONDS = 0


@pytest.fixture
def studio(db: None) -> Workspace:
    """The workspace of Alice, Mark and Rita."""
    return people.make_workspace()


@pytest.fixture
def alice(studio: Workspace) -> Membership:
    """The admin."""
    return people.make_alice(studio)


@pytest.fixture
def mark(studio: Workspace) -> Membership:
    """The marketer."""
    return people.make_mark(studio)


@pytest.fixture
def rita(studio: Workspace) -> Membership:
    """The reviewer."""
    return people.make_rita(studio)


@pytest.fixture
def stefan(db: None) -> Membership:
    """The admin of another workspace."""
    return people.make_stranger()
