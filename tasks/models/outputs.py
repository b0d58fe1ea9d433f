"""What came out of a submission."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tasks.models.causes import CauseField
from tasks.models.files import AssetRole, Blob
from tasks.models.people import Workspace
from tasks.models.submissions import Submission
from tasks.models.tasks import Task
from tasks.topview.expiry import LIFETIME


class OutputState(models.TextChoices):
    WAITING = "waiting", _("Waiting to be saved")
    SAVING = "saving", _("Being saved")
    SAVED = "saved", _("Saved")
    LOST = "lost", _("Could not be saved")


def _of_calls(*, keeps_outputs: bool) -> models.Exists:
    # A condition of its own, not a join: who claims a row by an update must see that row's columns.
    return models.Exists(
        Submission.objects.filter(pk=models.OuterRef("submission_id"), keeps_outputs=keeps_outputs)
    )


class OutputQuerySet(models.QuerySet["Output"]):
    def unsaved(self, now: datetime) -> OutputQuerySet:
        """Those whose saving is due: new ones, ones to try again, and ones whose worker died."""
        waiting = models.Q(state=OutputState.WAITING, next_at__lte=now)
        dropped = models.Q(state=OutputState.SAVING, lease_until__lt=now)
        return self.filter(waiting | dropped, _of_calls(keeps_outputs=True)).order_by("next_at")

    def unwanted_and_dropped(self, now: datetime) -> OutputQuerySet:
        """Those whose worker died while saving them, and that nobody wants saved any more."""
        return self.filter(
            _of_calls(keeps_outputs=False), state=OutputState.SAVING, lease_until__lt=now
        ).order_by("next_at")

    def checked(self) -> OutputQuerySet:
        """Those whose copy is here and of which the examiner knows what it is."""
        return self.filter(state=OutputState.SAVED, unchecked_cause="")

    def lost(self) -> OutputQuerySet:
        """Those of which no copy can be made any more."""
        return self.filter(state=OutputState.LOST)

    def at_risk(self, now: datetime) -> OutputQuerySet:
        """Wanted ones without a copy here that TopView will soon have deleted."""
        late = now - LIFETIME + timedelta(hours=settings.LOSS_WARNING_HOURS)
        waiting = self.filter(state__in=(OutputState.WAITING, OutputState.SAVING), created_at__lt=late)
        return waiting.filter(submission__keeps_outputs=True)

    def tasks_at_risk(self, now: datetime) -> dict[uuid.UUID, uuid.UUID]:
        """A task with such an output, by workspace.

        All workspaces at once: asked for one, SQLite would walk through all outputs it ever had.
        """
        return dict(self.at_risk(now).order_by("next_at").values_list("workspace_id", "task_id")[:500])


class Output(models.Model):
    """One result. TopView's address dies within days, so only a saved copy counts.

    Its identity is (submission, role, identity), where `identity` is TopView's key or the place in its list.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="outputs")
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="outputs")
    role = models.CharField(max_length=10, choices=AssetRole.choices)
    identity = models.CharField(max_length=120)
    position = models.PositiveIntegerField(default=0)
    # What people call it, and what its kind must know of it later; both as TopView told.
    name = models.CharField(max_length=200, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    source_url = models.TextField(blank=True)
    # When a fresh address must be asked for.
    source_expires_at = models.DateTimeField(null=True, blank=True)
    # When people were told that TopView's copy will die before ours is made.
    warned_at = models.DateTimeField(null=True, blank=True)
    remote_file_id = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=OutputState.choices, default=OutputState.WAITING)
    # Why the last try to make a copy failed.
    error = CauseField()
    # Why the bytes, which are whole, could not be checked: a value of media's Cause. Empty when they were.
    unchecked_cause = models.CharField(max_length=20, blank=True)
    tries = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    lease_holder = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    blob = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="outputs")
    poster = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    format = models.CharField(max_length=10, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    saved_at = models.DateTimeField(null=True, blank=True)

    objects = OutputQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "role", "identity"], name="one_row_per_output"),
            models.CheckConstraint(
                condition=models.Q(unchecked_cause="") | models.Q(state=OutputState.SAVED),
                name="unchecked_only_when_saved",
            ),
        ]
        indexes = [models.Index(fields=["state", "next_at"], name="output_unsaved")]
        ordering = ["position", "created_at"]

    def __str__(self) -> str:
        return f"{self.role} {self.identity}"

    @property
    def kept_until(self) -> datetime:
        """How long TopView keeps the file, by its documents; of its address a fresh one can be had."""
        return self.created_at + LIFETIME

    @property
    def is_unwanted(self) -> bool:
        """Whether a person said that it need not be saved; while TopView has it, that can be taken back."""
        return self.state == OutputState.WAITING and not self.submission.keeps_outputs

    @property
    def is_on_its_way(self) -> bool:
        """Whether a copy is being made, or will be."""
        return will_be_saved(self.state, keeps_outputs=self.submission.keeps_outputs)


def will_be_saved(state: str, *, keeps_outputs: bool) -> bool:
    """Whether a copy of a result in this state is being made, or will be: `keeps_outputs` is its call's."""
    return state == OutputState.SAVING or (state == OutputState.WAITING and keeps_outputs)
