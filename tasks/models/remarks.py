"""What the history of a call tells beside its transitions."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from tasks.models.causes import CauseField
from tasks.models.people import Workspace
from tasks.models.submissions import Submission


class Remark(models.Model):
    """What the history of a submission tells beside its transitions: a copy that failed, a choice.

    `cause` is a word that the page turns into a sentence. Never changed afterwards.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="remarks")
    cause = models.CharField(max_length=40)
    # What a person typed, or an id; and why, where it happened by itself.
    detail = models.CharField(max_length=500, blank=True)
    reason = CauseField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.cause
