"""People alone: no call is made here."""

from __future__ import annotations

import pytest

from tasks.models import Membership, Workspace
from tests import people


@pytest.fixture
def studio(db: None) -> Workspace:
    """The workspace of Mark and Rita."""
    return people.make_workspace()


@pytest.fixture
def mark(studio: Workspace) -> Membership:
    """The marketer."""
    return people.make_mark(studio)


@pytest.fixture
def rita(studio: Workspace) -> Membership:
    """The reviewer."""
    return people.make_rita(studio)
