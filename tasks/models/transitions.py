"""The states of a submission, which transitions exist, and how a task is summed up.

The table is the one in docs/architecture.md; a test compares them.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tasks.models.causes import CauseField
from tasks.models.people import Workspace


class Status(models.TextChoices):
    """Where one paid call stands."""

    QUEUED = "queued", _("Queued")
    PREPARING = "preparing", _("Preparing")
    SUBMITTING = "submitting", _("Submitting")
    RUNNING = "running", _("Running")
    STOPPED = "stopped", _("Not watched")
    SUCCEEDED = "succeeded", _("Finished")
    FAILED = "failed", _("Failed")
    REFUSED = "refused", _("Refused")
    CANCELLED = "cancelled", _("Cancelled")
    UNKNOWN = "unknown", _("Outcome unknown")
    ABANDONED = "abandoned", _("Given up")


class Lateness(models.TextChoices):
    """How a call that TopView works on compares with what such calls usually take."""

    USUAL = "", _("As usual")
    SLOW = "slow", _("Slower than usual")
    OVERDUE = "overdue", _("Past its deadline")


class TaskStatus(models.TextChoices):
    """Where a task stands: the weightiest of its submissions."""

    UNKNOWN = "unknown", _("Outcome unknown")
    SUBMITTING = "submitting", _("Submitting")
    PREPARING = "preparing", _("Preparing")
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    STOPPED = "stopped", _("Not watched")
    CHOOSING = "choosing", _("Waiting for your choice")
    PARTLY_FAILED = "partly_failed", _("Partly failed")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    SUCCEEDED = "succeeded", _("Finished")


ALLOWED: dict[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset({Status.PREPARING, Status.CANCELLED}),
    Status.PREPARING: frozenset({Status.QUEUED, Status.CANCELLED, Status.FAILED, Status.SUBMITTING}),
    Status.SUBMITTING: frozenset({Status.RUNNING, Status.QUEUED, Status.REFUSED, Status.UNKNOWN}),
    Status.RUNNING: frozenset({Status.SUCCEEDED, Status.FAILED, Status.STOPPED}),
    Status.STOPPED: frozenset({Status.SUCCEEDED, Status.FAILED}),
    Status.UNKNOWN: frozenset({Status.RUNNING, Status.ABANDONED}),
    Status.ABANDONED: frozenset({Status.RUNNING}),
    Status.SUCCEEDED: frozenset(),
    Status.FAILED: frozenset(),
    Status.REFUSED: frozenset(),
    Status.CANCELLED: frozenset(),
}

# After these a new attempt at the same step may be made.
DEAD = (Status.REFUSED, Status.FAILED, Status.CANCELLED, Status.ABANDONED)
# Nothing of it was sent or paid yet.
UNSENT = (Status.QUEUED, Status.PREPARING)
# TopView is at work, or may be.
IN_FLIGHT = (Status.SUBMITTING, Status.RUNNING, Status.STOPPED, Status.UNKNOWN)
# These may still follow a task at TopView that is claimed for them.
CLAIMABLE = (Status.UNKNOWN, Status.ABANDONED)
# The refresh asks TopView about these.
WATCHED = (Status.RUNNING, Status.STOPPED)

# These wait for a person, or for what a person should know.
FOR_PEOPLE = (TaskStatus.UNKNOWN, TaskStatus.CHOOSING, TaskStatus.STOPPED)

# A list page with none of these asks seldom.
MOVING = (TaskStatus.SUBMITTING, TaskStatus.PREPARING, TaskStatus.QUEUED, TaskStatus.RUNNING)

_WEIGHT = (
    Status.UNKNOWN,
    Status.SUBMITTING,
    Status.PREPARING,
    Status.QUEUED,
    Status.RUNNING,
    Status.STOPPED,
)


def overall_status(statuses: Iterable[tuple[str, int]], *, choice_open: bool = False) -> TaskStatus:
    """One word for a task, from the (status, failed parts) of the newest attempt of each of its steps."""
    seen = list(statuses)
    words = {status for status, _failed in seen}
    for status in _WEIGHT:
        if status in words:
            return TaskStatus(status)
    if choice_open:
        return TaskStatus.CHOOSING
    if words == {Status.CANCELLED}:
        return TaskStatus.CANCELLED
    if Status.SUCCEEDED not in words:
        return TaskStatus.FAILED
    if any(failed for _status, failed in seen) or words - {Status.SUCCEEDED, Status.CANCELLED}:
        return TaskStatus.PARTLY_FAILED
    return TaskStatus.SUCCEEDED


class Transition(models.Model):
    """One change of a submission's status: what, when, why and by whom. Never changed afterwards."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    submission = models.ForeignKey("tasks.Submission", on_delete=models.CASCADE, related_name="transitions")
    from_status = models.CharField(max_length=12, blank=True)
    to_status = models.CharField(max_length=12, choices=Status.choices)
    cause = models.CharField(max_length=40)
    # What a person typed, or an id; and why, where it happened by itself.
    detail = models.CharField(max_length=500, blank=True)
    reason = CauseField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"
