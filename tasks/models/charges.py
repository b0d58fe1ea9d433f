"""What TopView says it has charged."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from tasks.models.credentials import Credential
from tasks.models.people import Workspace
from tasks.models.tasks import Submission


class Charge(models.Model):
    """One row of an account's credit log (contract: listCreditLogs). The API key there is never kept.

    TopView gives rows no id: equal rows of one task are told apart by `number`.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="charges")
    charged_at = models.DateTimeField(null=True, blank=True)
    cost = models.DecimalField(max_digits=14, decimal_places=4)
    remote_id = models.CharField(max_length=200, blank=True)
    task_type = models.CharField(max_length=80, blank=True)
    number = models.PositiveSmallIntegerField(default=0)
    submission = models.ForeignKey(
        Submission, null=True, blank=True, on_delete=models.SET_NULL, related_name="charges"
    )
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["credential", "charged_at", "remote_id", "task_type", "cost", "number"],
                name="one_row_per_charge",
            )
        ]
        indexes = [
            models.Index(fields=["credential", "-charged_at"], name="charge_log"),
            models.Index(fields=["remote_id"], name="charge_remote"),
        ]

    def __str__(self) -> str:
        return f"{self.task_type} {self.cost}"
