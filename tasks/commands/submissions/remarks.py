"""Writes into a submission's history what is no transition of it."""

from __future__ import annotations

from tasks.causes import Cause
from tasks.models import Remark, Submission, User
from tasks.models.submissions import told


def remark(
    *, submission: Submission, cause: str, detail: str | Cause = "", actor: User | None = None
) -> None:
    """Tell it on the task's page; `views/tasks/parts/activity` has words for each `cause`: a test looks."""
    Remark.objects.create(
        workspace_id=submission.workspace_id,
        submission=submission,
        cause=cause,
        **told(detail),
        actor=actor,
    )
