"""Words about the call that follows a task at TopView already, with the way to it where there is one."""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from tasks.commands.refusals import FollowedElsewhere, NotPossible
from tasks.models import Claim, ClaimOutcome, ClaimSource, Submission
from tasks.views.tasks.parts.alerts import Action


def words_of(refused: NotPossible) -> str:
    """What a person is told, as HTML that is safe."""
    task = refused.task if isinstance(refused, FollowedElsewhere) else None
    if task is None:
        return str(refused)
    url = reverse("task-page", args=[task.pk])
    return format_html('{} <a href="{}">{}</a>', str(refused), url, _("Open it"))


def way_to_follower(submission: Submission) -> Action | None:
    """The page of the task that follows what was claimed for this call, if it is of the same workspace."""
    named = submission.claims.filter(outcome=ClaimOutcome.SECOND) | submission.claims.filter(
        outcome=ClaimOutcome.DROPPED, source=ClaimSource.PERSON
    )
    claim = named.order_by("-settled_at").first() if submission.attention or submission.reason else None
    account = submission.task.credential
    follower = Claim.objects.follower(account, claim.remote_id) if claim else None
    if follower is None or follower.workspace_id != submission.workspace_id:
        return None
    if follower.submission.task_id == submission.task_id:
        return None
    url = reverse("task-page", args=[follower.submission.task_id])
    return Action(url, _("Open the task that follows it"), "arrow-right", is_link=True)
