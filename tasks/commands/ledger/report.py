"""What the two sides do not agree on: charged but unknown to us, and ours but never charged.

Read from what the schedule has brought in, so it is as new as the last reading of each account's log.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from tasks.kinds import KINDS
from tasks.models import Candidate, Charge, Status, Submission
from tasks.models.charges import followed
from tasks.models.credentials import read_since

# A charge may be that of a call whose id is being written down at this moment.
_YOUNG = timedelta(minutes=5)
# What ended longer ago is no news any more.
_SHOWN = timedelta(days=90)


def unclaimed(workspace_id: UUID) -> QuerySet[Charge]:
    """Charges that no call of the portal has, and none of unknown outcome may still be, newest first.

    Those from before the account was added here are nobody's surprise.
    """
    now = timezone.now()
    rows = Charge.objects.filter(
        workspace=workspace_id,
        submission=None,
        set_aside_at=None,
        charged_at__range=(now - _SHOWN, now - _YOUNG),
        charged_at__gte=F("credential__created_at"),
    )
    # One within the other, not a join: SQLite would walk through all lost calls for each charge.
    lost = Submission.objects.filter(pk=OuterRef("submission"), status=Status.UNKNOWN)
    awaited = Candidate.objects.filter(
        Exists(lost), workspace=workspace_id, remote_id=OuterRef("remote_id"), dismissed_at=None
    )
    named = rows.filter(Q(remote_id="") | ~followed()).exclude(Exists(awaited))
    return named.select_related("credential").order_by("-charged_at", "-id")


def set_aside(workspace_id: UUID) -> QuerySet[Charge]:
    """Charges of which a person has said that they are nothing of the portal's, newest first."""
    rows = Charge.objects.filter(workspace=workspace_id, set_aside_at__isnull=False)
    return rows.filter(charged_at__isnull=False).select_related("credential").order_by("-charged_at", "-id")


def never_charged(workspace_id: UUID) -> QuerySet[Submission]:
    """Calls that cost something, as TopView itself said, while all that was read long after has no charge."""
    grace = timedelta(hours=settings.UNCHARGED_HOURS)
    now = timezone.now()
    rows = Submission.objects.filter(
        _is_logged(),
        read_since("task__credential", F("finished_at") + grace),
        workspace=workspace_id,
        status=Status.SUCCEEDED,
        finished_at__range=(now - _SHOWN, now - grace),
    )
    rows = rows.exclude(Exists(Charge.objects.filter(submission=OuterRef("pk"))))
    return rows.select_related("task__credential").order_by("-finished_at", "-id")


def _is_logged() -> Q:
    """Calls that the log names and that TopView said to cost something."""
    named = Q(pk=None)
    for kind in KINDS.values():
        for step in kind.steps:
            if step.pricing.credit_log_type:
                named |= Q(task__kind=kind.slug, step=step.slug)
    return named & Q(cost__gt=0)
