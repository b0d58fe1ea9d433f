"""Rows without any TopView: a task and its submissions, made by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tasks.models import Credential, Membership, Service, Submission, Task
from tests.people import make_mark, make_workspace

Make = Callable[..., Submission]


@pytest.fixture
def mark(db: None) -> Membership:
    """The marketer."""
    return make_mark(make_workspace())


def make_task(member: Membership, **facts: Any) -> Task:
    """A task that nobody has ordered."""
    credential, _is_new = Credential.objects.get_or_create(
        workspace=member.workspace, name="Main", service=Service.TOPVIEW, uid="uid", encrypted_key=b"locked"
    )
    return Task.objects.create(
        workspace=member.workspace,
        owner=member.user,
        credential=credential,
        kind="any",
        title="A film",
        **facts,
    )


@pytest.fixture
def make(mark: Membership) -> Make:
    """Makes a submission, of a new task unless one is given; keywords are its columns."""

    def make_submission(task: Task | None = None, **facts: Any) -> Submission:
        task = task or make_task(mark)
        return Submission.objects.create(workspace=task.workspace, task=task, step="video", **facts)

    return make_submission
