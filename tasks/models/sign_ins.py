"""Who tried to get in: what limits on guessing count, and what people read about their own account."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class SignInAttempt(models.Model):
    """One look at a password. It counts as failed until it is known to have succeeded."""

    # None where nobody has the address that was typed, which itself is not kept.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="sign_in_attempts"
    )
    # Keyed digests, to count by: of the address that was typed, and of where it was typed.
    login = models.CharField(max_length=64)
    source = models.CharField(max_length=64)
    # What a person may read: the network, not the address, and the family of the browser.
    network = models.CharField(max_length=50, blank=True)
    browser = models.CharField(max_length=20, blank=True)
    succeeded = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["login", "source", "-at"], name="attempts_from_there"),
            models.Index(fields=["login", "-at"], name="attempts_from_anywhere"),
            models.Index(fields=["user", "-at"], name="attempts_of_person"),
            models.Index(fields=["at"], name="attempts_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.network} {'in' if self.succeeded else 'refused'}"


class AddressChange(models.Model):
    """A mail address that a person wants to sign in with. It counts only once it is confirmed."""

    # Another one for each wish: the link of an earlier one is dead.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="address_change"
    )
    address = models.EmailField()
    asked_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.address
