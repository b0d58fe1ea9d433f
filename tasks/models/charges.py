"""What TopView says it has charged."""

from __future__ import annotations

from datetime import datetime, tzinfo
from decimal import Decimal

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from tasks.models.credentials import Credential
from tasks.models.people import Workspace
from tasks.models.submissions import Submission


def followed() -> Q:
    """Whether a call of the portal has the charge's task, as its own or as a second one.

    Two conditions, not one with "or", and second ids that are not empty, as nearly all are: PostgreSQL
    would expect a match in the first row it sees, and walk through all calls for each charge.
    """
    first = Submission.objects.filter(remote_id=OuterRef("remote_id")).exclude(remote_id="")
    second = Submission.objects.filter(second_remote_id=OuterRef("remote_id")).exclude(second_remote_id="")
    return Q(Exists(first)) | Q(Exists(second))


class ChargeQuerySet(models.QuerySet["Charge"]):
    def for_log(self, credential: Credential) -> ChargeQuerySet:
        """The account's charges, newest first. Those without a time have no place among them."""
        rows = self.filter(credential=credential, charged_at__isnull=False)
        return rows.order_by("-charged_at", "-id")

    def timeless(self, credential: Credential) -> ChargeQuerySet:
        """The account's charges of which TopView gave no time that could be read."""
        return self.filter(credential=credential, charged_at=None).order_by("-id")

    def with_tasks(self) -> ChargeQuerySet:
        """The same with what the log shows beside each."""
        return self.select_related("submission__task")

    def months(self, zone: tzinfo) -> list[tuple[datetime, Decimal, int]]:
        """Each month in a zone with its sum and its number of charges, newest first."""
        months = self.order_by().annotate(month=TruncMonth("charged_at", tzinfo=zone)).values("month")
        sums = months.annotate(total=Sum("cost"), count=Count("id")).order_by("-month")
        return list(sums.values_list("month", "total", "count"))


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
    # A person says that this charge is nothing of this portal's, and why: no call is looked for any more.
    set_aside_at = models.DateTimeField(null=True, blank=True)
    set_aside_reason = models.CharField(max_length=300, blank=True)

    objects = ChargeQuerySet.as_manager()

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
            # Those that a person may have to look at, which are few.
            models.Index(
                fields=["workspace", "-charged_at", "-id"],
                condition=models.Q(submission=None),
                name="charge_unclaimed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task_type} {self.cost}"
