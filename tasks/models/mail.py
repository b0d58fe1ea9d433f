"""Mail that is to leave: whom, why and about which rows. The words are made when it is sent."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tasks.models.people import Workspace


class MailCause(models.TextChoices):
    """Why a mail is sent; `tasks.commands.notifications.letters` has the words of each."""

    PASSWORD_RESET = "password-reset", _("Password forgotten")  # noqa: S105 - a name
    PASSWORD_CHANGED = "password-changed", _("Password changed")  # noqa: S105 - a name
    ADDRESS_CONFIRM = "address-confirm", _("Confirm a new address")
    ADDRESS_ASKED = "address-asked", _("Another address was asked for")
    ADDRESS_CHANGED = "address-changed", _("Address changed")
    CREDENTIAL = "credential", _("Credential out of use")
    LOSS = "loss", _("Result may be lost")
    REVIEW_ASKED = "review-asked", _("Review asked for")
    REVIEW_DECIDED = "review-decided", _("Decision about own work")
    VERSION_REPLACED = "version-replaced", _("File in review replaced")
    MENTIONED = "mentioned", _("Mentioned in a comment")
    REPLIED = "replied", _("Reply to an own comment")
    GUEST_CODE = "guest-code", _("Code of a guest")
    TEST = "test", _("Test")


class MailState(models.TextChoices):
    """How far a mail is. One that has nothing to tell any more is deleted instead."""

    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    GIVEN_UP = "given-up", _("Could not be sent")


class MailTrouble(models.TextChoices):
    TIMEOUT = "timeout", _("The mail server did not answer in time.")
    UNREACHABLE = "unreachable", _("The mail server cannot be reached.")
    INSECURE = "insecure", _("No safe connection to the mail server could be made.")
    SIGN_IN = "sign-in", _("The mail server does not accept the portal's name or password.")
    SENDER = "sender", _("The mail server does not accept the portal as a sender.")
    RECIPIENT = "recipient", _("The mail server does not accept the recipient.")
    CONTENT = "content", _("The mail server did not take the message.")
    OTHER = "other", _("The mail server answered something unexpected.")
    TOO_OLD = "too-old", _("It could not be sent in time.")


class MailQuerySet(models.QuerySet["Mail"]):
    def waiting(self) -> MailQuerySet:
        """What has not left yet, the oldest first."""
        return self.filter(state=MailState.WAITING).order_by("created_at")

    def due(self, now: datetime) -> MailQuerySet:
        """What may be sent now and that nobody is sending, longest due first."""
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        return self.filter(free, state=MailState.WAITING, next_at__lte=now).order_by("next_at")


class Mail(models.Model):
    """One message to one person. Never holds words, nor a link that lets somebody in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, null=True, on_delete=models.CASCADE)
    # The recipient; `address` where it goes to another address than the person's present one.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE)
    address = models.EmailField(blank=True)
    cause = models.CharField(max_length=24, choices=MailCause.choices)
    # Ids of the rows that it is about, and codes.
    facts = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=MailState.choices, default=MailState.WAITING)
    tries = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=20, blank=True, choices=MailTrouble.choices)
    created_at = models.DateTimeField(default=timezone.now)
    next_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    lease_holder = models.CharField(max_length=60, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="mail_due", condition=Q(state="waiting")),
            models.Index(fields=["created_at"], name="mail_waiting", condition=Q(state="waiting")),
            models.Index(fields=["-ended_at"], name="mail_ended"),
            models.Index(fields=["cause", "address", "created_at"], name="mail_to_address"),
        ]

    def __str__(self) -> str:
        return self.cause

    @property
    def recipient(self) -> str:
        return self.address or (self.user.email if self.user else "")
