"""Writes into a submission's history what is no move of it."""

from __future__ import annotations

from tasks.causes import Cause
from tasks.models import Remark, Submission, User
from tasks.models.submissions import told


def remark(
    *, submission: Submission, cause: str, detail: str | Cause = "", actor: User | None = None
) -> None:
    """Tell it on the task's page. `cause` needs its words in `views/timeline`; a test looks for them."""
    Remark.objects.create(
        workspace_id=submission.workspace_id,
        submission=submission,
        cause=cause,
        **told(detail),
        actor=actor,
    )
