"""Tasks: what somebody asked for, summed up from the calls it is made of."""

from __future__ import annotations

import uuid
from functools import partial
from typing import NamedTuple

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tasks.causes import Cause
from tasks.kinds import KINDS
from tasks.kinds.base import Brief
from tasks.models.briefs import picture_size
from tasks.models.credentials import Credential
from tasks.models.people import Workspace
from tasks.models.transitions import (
    DEAD,
    FOR_PEOPLE,
    MOVING,
    UNSENT,
    Lateness,
    Status,
    TaskStatus,
    overall_status,
)

# Nothing more happens to such a task by itself.
_ENDED = (TaskStatus.SUCCEEDED, TaskStatus.PARTLY_FAILED, TaskStatus.FAILED, TaskStatus.CANCELLED)


class _Call(NamedTuple):
    """As much of a submission as its task's summary needs."""

    pk: uuid.UUID
    status: str
    failed_parts: int
    lateness: str
    attention: Cause | None

    @property
    def needs_attention(self) -> bool:
        """Whether it says so, or has not come to an end for too long."""
        is_overdue = self.lateness == Lateness.OVERDUE and self.status in (*UNSENT, Status.RUNNING)
        return bool(self.attention) or is_overdue


class ReviewState(models.TextChoices):
    """How the results of a task stand in review: the weightiest of the newest versions of their pieces."""

    NONE = "", _("Not sent for review")
    CHANGES = "changes", _("Changes requested")
    WITHDRAWN = "withdrawn", _("Approval withdrawn")
    REJECTED = "rejected", _("Rejected")
    OPEN = "open", _("In review")
    APPROVED = "approved", _("Approved")


class Task(models.Model):
    """What somebody asked for. `brief` holds the form's cleaned values, uploads by id.

    `status` is a stored summary of the submissions, `revision` grows with every visible change.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="tasks")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="tasks"
    )
    credential = models.ForeignKey(Credential, on_delete=models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    brief = models.JSONField(default=dict)
    brief_schema = models.PositiveSmallIntegerField(default=1)
    brief_digest = models.CharField(max_length=64)
    status = models.CharField(max_length=20, choices=TaskStatus.choices, default=TaskStatus.QUEUED)
    revision = models.PositiveIntegerField(default=1)
    # Whether a person should look at it; stored for the same reason as the status.
    needs_attention = models.BooleanField(default=False)
    version_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="versions"
    )
    uploads = models.ManyToManyField("tasks.Upload", related_name="tasks", blank=True)
    # Somebody wants nothing more of it: steps that are still open make it wait for nobody.
    choice_closed = models.BooleanField(default=False)
    # Not ordered here: made of a charge that no call of this portal claimed.
    is_adopted = models.BooleanField(default=False)
    # Stored by `models.pieces.sum_up_review`.
    review_state = models.CharField(max_length=10, choices=ReviewState.choices, default="", blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-created_at", "-id"], name="task_list"),
            models.Index(fields=["workspace", "status", "-created_at", "-id"], name="task_list_by_status"),
            models.Index(fields=["workspace", "kind", "-created_at", "-id"], name="task_list_by_kind"),
            models.Index(
                fields=["workspace", "-created_at", "-id"],
                condition=Q(needs_attention=True),
                name="task_list_of_attention",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def current_brief(self) -> Brief:
        """The brief as today's form would have stored it: whoever reads single answers reads them here.

        The same as `brief` unless its kind has changed since; then it may take a query.
        """
        kind = KINDS.get(self.kind)
        size_of = partial(picture_size, self.workspace_id, self.credential_id)
        return kind.renewed(self.brief, size_of) if kind else self.brief

    @property
    def is_moving(self) -> bool:
        """Whether it changes by itself soon."""
        return self.status in MOVING

    def touch(self) -> None:
        """Say that something visible changed, and bring the summary up to date.

        Call it after the change, as the last write of a transaction: it holds the row until the commit.
        """
        rows = Task.objects.filter(pk=self.pk)
        with transaction.atomic():
            # First, because it waits for others who change this task: the summary below then sees their work.
            rows.update(revision=F("revision") + 1)
            calls = self._newest_attempts()
            statuses = [(call.status, call.failed_parts) for call in calls]
            status = overall_status(statuses, choice_open=self._waits_for_choice())
            lost = self.outputs.lost().filter(submission__in=[call.pk for call in calls])
            is_odd = status in FOR_PEOPLE or any(call.needs_attention for call in calls)
            is_odd = is_odd or lost.exists()
            turned_down = When(review_state__in=(ReviewState.CHANGES, ReviewState.WITHDRAWN), then=True)
            wants_changes = Case(turned_down, default=False)
            rows.update(status=status, needs_attention=Value(is_odd) if is_odd else wants_changes)
            if status in _ENDED:
                rows.filter(finished_at=None).update(finished_at=timezone.now())
            else:
                rows.update(finished_at=None)

    def _waits_for_choice(self) -> bool:
        kind = KINDS.get(self.kind)
        if (
            kind is None
            or len(kind.steps) < 2
            or Task.objects.filter(pk=self.pk, choice_closed=True).exists()
        ):
            return False
        calls = list(self.submissions.values_list("step", "status"))
        done = {step for step, status in calls if status == Status.SUCCEEDED}
        return bool(kind.waiting_steps(self.brief, done=done, started={step for step, _status in calls}))

    def _newest_attempts(self) -> list[_Call]:
        rows = self.submissions.order_by("step", "item", "attempt")
        newest: dict[tuple[str, str], _Call] = {}
        others: list[_Call] = []
        for step, item, *facts in rows.values_list("step", "item", *_Call._fields):
            earlier = newest.get((step, item))
            # Late evidence may have revived an earlier attempt: paid, it counts beside the newest.
            if earlier is not None and earlier.status not in DEAD:
                others.append(earlier)
            newest[step, item] = _Call(*facts)
        return [*newest.values(), *others]
