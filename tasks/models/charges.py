"""What TopView says it has charged."""

from __future__ import annotations

from datetime import datetime, tzinfo
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db import connection, models
from django.db.models import Count, Exists, OuterRef, Q, Sum, Value
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

    def months(self, zone: tzinfo, now: datetime) -> list[tuple[datetime, Decimal, int]]:
        """This month in a zone and the twelve before it with their sums and numbers of charges, newest first.

        Each is summed between its ends, so that an index is walked instead of a function called for each row.
        """
        ends = [_month_begin(now.astimezone(zone), back) for back in range(-1, _MONTHS)]
        sums = [self._sum_of(begin, end) for end, begin in pairwise(ends)]
        rows = sums[0].union(*sums[1:], all=True)
        found = [(row["begins"].astimezone(zone), row["total"], row["count"]) for row in rows if row["count"]]
        return sorted(found, reverse=True)

    def _sum_of(self, begin: datetime, end: datetime) -> models.QuerySet[Any, Any]:
        rows = self.order_by().filter(charged_at__gte=begin, charged_at__lt=end)
        month = rows.values(begins=Value(begin, models.DateTimeField()))
        return month.annotate(total=Sum("cost"), count=Count("id"))

    def task_types(self, credential: Credential) -> list[str]:
        """TopView's words for what an account was charged for, sorted; an index is entered once for each."""
        field = self.model._meta.get_field("credential")
        account = field.get_db_prep_value(credential.pk, connection)
        with connection.cursor() as cursor:
            cursor.execute(_NEXT_TASK_TYPE, [account, account])
            return [name for (name,) in cursor.fetchall()]


# The current month, and twelve whole ones.
_MONTHS = 13
_NEXT_TASK_TYPE = """
    WITH RECURSIVE known (name) AS (
        SELECT MIN(task_type) FROM tasks_charge WHERE credential_id = %s AND task_type > ''
        UNION ALL
        SELECT (SELECT MIN(task_type) FROM tasks_charge WHERE credential_id = %s AND task_type > known.name)
        FROM known WHERE known.name IS NOT NULL
    )
    SELECT name FROM known WHERE name IS NOT NULL
"""


def _month_begin(local: datetime, back: int) -> datetime:
    """Midnight of the first day of the month that lies so many months back."""
    years, month = divmod(local.month - 1 - back, 12)
    return local.replace(
        year=local.year + years, month=month + 1, day=1, hour=0, minute=0, second=0, microsecond=0, fold=0
    )


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
            models.Index(fields=["credential", "task_type", "-charged_at", "-id"], name="charge_log_of_type"),
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
