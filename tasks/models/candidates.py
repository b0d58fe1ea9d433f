"""What might be the call whose outcome nobody knows."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tasks.models.charges import Charge
from tasks.models.people import Workspace
from tasks.models.submissions import Submission


class EvidenceKind(models.TextChoices):
    """Where a candidate was seen."""

    CHARGE = "charge", _("Credit log")
    BOARD = "board", _("Board")


class Candidate(models.Model):
    """A task at TopView, claimed by no call of ours, that fits one of unknown outcome.

    One alone is followed by itself; of several a person chooses.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="candidates")
    evidence = models.CharField(max_length=10, choices=EvidenceKind.choices)
    remote_id = models.CharField(max_length=200)
    charge = models.ForeignKey(Charge, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    # What is shown of it beside the others: time, state, cost, a line of its input.
    facts = models.JSONField(default=dict, blank=True)
    seen_at = models.DateTimeField(default=timezone.now)
    dismissed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "remote_id"], name="one_candidate_per_task")
        ]
        indexes = [
            models.Index(
                fields=["remote_id"], name="candidate_open", condition=models.Q(dismissed_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.evidence} {self.remote_id}"
