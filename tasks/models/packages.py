"""What is delivered together: packages, frozen when they were made, and who took them."""

from __future__ import annotations

import hashlib
import uuid
import zlib
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tasks.file_names import LONGEST_FILE_NAME
from tasks.models.files import Blob
from tasks.models.people import Workspace
from tasks.models.pieces import Version

# Versions of one package.
MOST_VERSIONS = 500


class CommentsKept(models.TextChoices):
    """Which comments go along with the files."""

    ALL = "all", _("All comments")
    EVERYONE = "everyone", _("Those that guests may read")
    NONE = "none", _("None")


class Package(models.Model):
    """Files under one address, for a while. What is in it never changes; `digest` stands for every byte.

    With `only_approved` it holds versions that were approved with exactly these bytes, and is refused as soon
    as that is not so any more. Its id comes with the form: sent twice, it is made once.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="packages")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="packages"
    )
    # Without the ending `.zip`.
    name = models.CharField(max_length=LONGEST_FILE_NAME)
    only_approved = models.BooleanField(default=True)
    digest = models.CharField(max_length=64)
    # Of the archive and of its entries.
    size = models.BigIntegerField()
    count = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["workspace", "-created_at", "-id"], name="package_list")]

    def __str__(self) -> str:
        return self.name

    def is_over(self, now: datetime) -> bool:
        """Whether it is not handed out any more."""
        return self.revoked_at is not None or self.expires_at <= now


class PackageEntry(models.Model):
    """One file of a package: stored bytes, or a text that was written for it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    package = models.ForeignKey(Package, on_delete=models.CASCADE, related_name="entries")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=LONGEST_FILE_NAME)
    blob = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    # Whose bytes these are, or about which version the text is.
    version = models.ForeignKey(
        Version, null=True, blank=True, on_delete=models.PROTECT, related_name="package_entries"
    )
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    # Of a text; that of stored bytes stands with them, where they are measured.
    text_crc32 = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["package", "position"], name="entries_have_places"),
            models.UniqueConstraint(fields=["package", "name"], name="entries_have_names"),
            models.CheckConstraint(
                condition=Q(blob=None, text_crc32__isnull=False) | Q(blob__isnull=False, text_crc32=None),
                name="an_entry_is_stored_or_written",
            ),
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises TypeError for an entry that stands already."""
        if not self._state.adding:
            raise TypeError("a package is never changed")
        super().save(*args, **kwargs)

    @classmethod
    def written(cls, name: str, text: str, version: Version | None = None) -> PackageEntry:
        """One that holds this text; neither stored nor in a package yet."""
        data = text.encode()
        return cls(
            name=name,
            text=text,
            version=version,
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            text_crc32=zlib.crc32(data),
        )

    @property
    def crc32(self) -> int | None:
        """None while the bytes are not measured."""
        return self.text_crc32 if self.blob is None else self.blob.crc32


class PackageAct(models.TextChoices):
    MADE = "made", _("Made")
    DOWNLOADED = "downloaded", _("Downloaded")
    REVOKED = "revoked", _("Revoked")


class PackageEvent(models.Model):
    """What somebody did with a package. A download that is cut and resumed is one, in several requests."""

    id: int
    package = models.ForeignKey(Package, on_delete=models.CASCADE, related_name="events")
    act = models.CharField(max_length=12, choices=PackageAct.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    person_name = models.CharField(max_length=254)
    at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)
    requests = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["package", "-at"], name="package_events")]
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return self.act
