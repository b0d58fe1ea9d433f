"""TopView accounts that a workspace may spend from."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models.expressions import Combinable
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tasks.models.causes import CauseField
from tasks.models.people import Workspace

if TYPE_CHECKING:
    from datetime import datetime

# However long TopView wants to be left alone by an account, it is asked again after this.
LONGEST_SLOWED = timedelta(minutes=5)


class Service(models.TextChoices):
    """Where a credential is valid. The hosts of each stand in the settings."""

    SANDBOX = "sandbox", _("Sandbox")
    TOPVIEW = "topview", _("TopView")


class CredentialState(models.TextChoices):
    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    DISABLED = "disabled", _("Disabled")


class CredentialQuerySet(models.QuerySet["Credential"]):
    def usable(self) -> CredentialQuerySet:
        """Those that a submit may use at once."""
        return self.filter(state=CredentialState.ACTIVE)

    def for_settings(self, workspace: Workspace) -> CredentialQuerySet:
        """All of a workspace, for the admin's page."""
        return self.filter(workspace=workspace).order_by("created_at")


def read_since(account: str, moment: datetime | Combinable) -> models.Q:
    """The same as `Credential.is_read_since` for rows with an account, `account` being the way to it."""
    return models.Q(**{f"{account}__read_whole_at__gte": moment})


class Credential(models.Model):
    """An account id and its key. The key is stored encrypted; only its last four characters are readable."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="credentials")
    name = models.CharField(_("name"), max_length=80)
    service = models.CharField(_("service"), max_length=10, choices=Service.choices)
    uid = models.CharField(_("account id"), max_length=80)
    encrypted_key = models.BinaryField()
    last_four = models.CharField(max_length=4)
    state = models.CharField(max_length=10, choices=CredentialState.choices, default=CredentialState.ACTIVE)
    # Why it is not in use, or why its last check did not get through.
    state_reason = CauseField()
    # Set while it is disabled because its key was refused or could not be read, and not by a person.
    refused_at = models.DateTimeField(null=True, blank=True)
    balance = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    balance_at = models.DateTimeField(null=True, blank=True)
    # TopView's own disk space of the account, in bytes.
    space_used = models.BigIntegerField(null=True, blank=True)
    space_most = models.BigIntegerField(null=True, blank=True)
    # TopView's check of the address at which it would call back: when, and what was wrong.
    callback_checked_at = models.DateTimeField(null=True, blank=True)
    callback_problem = CauseField()
    # The board at TopView on which this portal's tasks are filed, so that a lost one can be found there.
    board_id = models.CharField(max_length=120, blank=True)
    # How far its credit log has come in: where the next reading begins, and nothing to conclude from.
    charges_read_at = models.DateTimeField(null=True, blank=True)
    # Up to when everything was read in which a lost call leaves a trace: the log and the boards, each whole.
    read_whole_at = models.DateTimeField(null=True, blank=True)
    check_asked_at = models.DateTimeField(null=True, blank=True)
    # The state that its admins were last told of by mail.
    told_state = models.CharField(max_length=10, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_failure_at = models.DateTimeField(null=True, blank=True)
    # TopView has asked for fewer calls: nothing is sent until then.
    slow_until = models.DateTimeField(null=True, blank=True)
    max_in_flight = models.PositiveIntegerField(_("tasks at the same time"), default=20)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "service", "uid"], name="one_credential_per_account")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def masked_key(self) -> str:
        """The key as people may see it."""
        return f"••••{self.last_four}"

    @property
    def is_usable(self) -> bool:
        """Whether a submit may use it now."""
        return self.state == CredentialState.ACTIVE

    def is_read_since(self, moment: datetime) -> bool:
        """Whether its log and boards were read whole since a moment: what is not there then is missing."""
        return self.read_whole_at is not None and self.read_whole_at >= moment

    def is_slowed(self, now: datetime) -> bool:
        """Whether TopView wants fewer calls of it now. A wait longer than any: the clock was set back."""
        return self.slow_until is not None and now < self.slow_until <= now + LONGEST_SLOWED
