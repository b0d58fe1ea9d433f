"""Which task at TopView is whose: what names one for a call, and which call follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tasks.models.people import Workspace

if TYPE_CHECKING:
    from tasks.models.credentials import Credential


class ClaimSource(models.TextChoices):
    """Who or what names the task."""

    ANSWER = "answer", _("TopView's answer")
    CALLBACK = "callback", _("A callback")
    OWN_TASK = "own-task", _("The task that the call works on")
    TRACE = "trace", _("The only thing that fits")
    PERSON = "person", _("A person")
    CHARGE = "charge", _("An adopted charge")


class ClaimOutcome(models.TextChoices):
    OPEN = "", _("TopView is asked about it")
    FOLLOWED = "followed", _("The call follows it")
    DROPPED = "dropped", _("It is not this call's")
    # TopView itself says that it is this call's, while another follows it: people must compare the two.
    SECOND = "second", _("Another call follows it")


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Who follows a task at TopView, and which claims TopView is still to be asked about."""

    def open(self) -> ClaimQuerySet:
        """Those of which nobody knows yet what becomes of them."""
        return self.filter(outcome=ClaimOutcome.OPEN)

    def follower(self, account: Credential, remote_id: str) -> Claim | None:
        """The claim of the call, in whichever workspace, that follows a task of an account."""
        rows = self.filter(service=account.service, uid=account.uid, remote_id=remote_id, joins=None)
        return rows.filter(outcome=ClaimOutcome.FOLLOWED).select_related("submission__task").first()


class Claim(models.Model):
    """That a task at TopView is the one of a call. Before it is followed, TopView is asked about it.

    A task of an account is followed by one call in all workspaces. Calls that work on an earlier call's task,
    and get its id from TopView, join the claim of that call.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    submission = models.ForeignKey("tasks.Submission", on_delete=models.CASCADE, related_name="claims")
    # Of the account: it may stand in several workspaces.
    service = models.CharField(max_length=10)
    uid = models.CharField(max_length=80)
    remote_id = models.CharField(max_length=200)
    source = models.CharField(max_length=10, choices=ClaimSource.choices)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=timezone.now)
    # When TopView was last asked about it, and when that was settled.
    asked_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=ClaimOutcome.choices, blank=True)
    joins = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="joined")

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service", "uid", "remote_id"],
                condition=Q(outcome=ClaimOutcome.FOLLOWED, joins=None),
                name="one_follower_per_remote_task",
            ),
            models.UniqueConstraint(
                fields=["submission"],
                condition=Q(outcome=ClaimOutcome.FOLLOWED),
                name="one_followed_task_per_call",
            ),
            models.UniqueConstraint(fields=["submission", "source", "remote_id"], name="claims_once"),
            models.CheckConstraint(
                condition=Q(outcome=ClaimOutcome.OPEN, settled_at=None)
                | (~Q(outcome=ClaimOutcome.OPEN) & Q(settled_at__isnull=False)),
                name="settled_claims_have_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(joins=None) | Q(outcome=ClaimOutcome.FOLLOWED), name="only_followers_join"
            ),
        ]
        indexes = [
            # The few that TopView is to be asked about.
            models.Index(fields=["id"], condition=Q(outcome=ClaimOutcome.OPEN), name="claim_open"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.remote_id}"
