"""What was decided about versions."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tasks.models.people import Workspace
from tasks.models.pieces import Version

LONGEST_REASON = 2_000


class Verdict(models.TextChoices):
    APPROVED = "approved", _("Approved")
    CHANGES = "changes", _("Changes requested")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Approval withdrawn")


class DecisionQuerySet(models.QuerySet["Decision"]):
    def approving(self) -> DecisionQuerySet:
        """Approvals that count: of the very bytes that their version has, since it was sent last."""
        return self.filter(
            verdict=Verdict.APPROVED,
            sha256=F("version__blob__sha256"),
            revision__gt=F("version__sent_revision"),
        )


class Decision(models.Model):
    """One person's word on one version: what was seen, by which rule, and when.

    Written once: the database refuses to change anything but `person`, which goes with the account.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="decisions")
    sha256 = models.CharField(max_length=64)
    brief_digest = models.CharField(max_length=64)
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    reason = models.TextField(max_length=LONGEST_REASON, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="decisions"
    )
    # Whoever came by a link, and proved that mail address, instead of a person.
    guest = models.ForeignKey(
        "tasks.Guest", null=True, blank=True, on_delete=models.PROTECT, related_name="decisions"
    )
    person_name = models.CharField(max_length=254)
    # The stage in which it was decided, and that stage's rule as it was then.
    stage = models.PositiveSmallIntegerField(default=0)
    rule = models.JSONField(default=dict)
    # The version's revision that it made.
    revision = models.PositiveIntegerField(default=0)
    is_own_work = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verdict=Verdict.APPROVED) | ~models.Q(reason=""),
                name="all_but_approval_has_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(person=None) | models.Q(guest=None), name="a_decision_is_of_one_person"
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "sha256"], name="decision_by_bytes"),
            models.Index(fields=["version", "person"], name="decision_of_person"),
        ]
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.verdict

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises TypeError for a decision that stands already."""
        if not self._state.adding:
            raise TypeError("a decision is never edited")
        super().save(*args, **kwargs)
