"""What TopView answered, where nobody could make sense of it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from tasks.models.people import Workspace
from tasks.models.tasks import Submission


class OddAnswer(models.Model):
    """An answer of an unknown shape, kept without addresses' queries and keys, so that nothing paid is lost.

    The newest alone is kept of each submission.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    submission = models.OneToOneField(Submission, on_delete=models.CASCADE, related_name="odd_answer")
    body = models.JSONField(default=dict)
    what = models.CharField(max_length=300)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.what
