"""What TopView answered, as it came: kept for a while, and longer where nobody could make sense of it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tasks.models.people import Workspace
from tasks.models.submissions import Submission


class ApiOperation(models.TextChoices):
    """What an answer was the answer to."""

    SUBMIT = "submit", _("Submit")
    QUERY = "query", _("Query")
    CALLBACK = "callback", _("Callback")


class ApiLogEntry(models.Model):
    """One answer of TopView's about a call, as it came but without keys and signatures.

    A query that answers as it did before adds no row. Kept for ANSWERS_KEPT_DAYS.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="api_log")
    operation = models.CharField(max_length=10, choices=ApiOperation.choices)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    code = models.CharField(max_length=20, blank=True)
    body = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.operation} {self.code}"


class UnexpectedAnswer(models.Model):
    """An answer of an unknown shape, kept without addresses' queries and keys, so that nothing paid is lost.

    The newest alone is kept of each submission.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    submission = models.OneToOneField(Submission, on_delete=models.CASCADE, related_name="unexpected_answer")
    body = models.JSONField(default=dict)
    what = models.CharField(max_length=300)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.what
