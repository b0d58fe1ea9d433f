"""What TopView sent to the portal's address."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from tasks.models.people import Workspace
from tasks.models.submissions import Submission


class Callback(models.Model):
    """A callback that TopView sent, kept as it came. It is a hint: the truth is what the query call says.

    Where nobody knows yet what became of its call, the task that it names is a claim.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="callbacks")
    uuid = models.CharField(max_length=120, blank=True)
    remote_id = models.CharField(max_length=120, blank=True)
    body = models.JSONField(default=dict)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "uuid", "remote_id"], name="callbacks_once")
        ]

    def __str__(self) -> str:
        return self.uuid
