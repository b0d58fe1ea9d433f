"""TopView's catalogs as an account last saw them, and what people single out in them."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from tasks.models.causes import CauseField
from tasks.models.credentials import Credential
from tasks.models.people import Workspace


class CatalogState(models.Model):
    """When one catalog of one credential was last read, and what went wrong if it was."""

    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="catalog_states")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    catalog = models.CharField(max_length=40)
    refreshed_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    error = CauseField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["credential", "catalog"], name="one_state_per_catalog")
        ]

    def __str__(self) -> str:
        return self.catalog

    def is_stale(self, before: datetime) -> bool:
        """Whether it was last read before the given time, or never."""
        return self.refreshed_at is None or self.refreshed_at < before


class CatalogQuerySet(models.QuerySet["CatalogEntry"]):
    def in_catalog(self, credential: Credential, catalog: str) -> CatalogQuerySet:
        """What may be picked from one catalog, in TopView's order."""
        return self.filter(credential=credential, catalog=catalog, gone_at=None).order_by("position", "pk")

    def without_media(self) -> CatalogQuerySet:
        """Entries whose picture, sample or clip is known by address but not fetched yet."""
        return self.filter(gone_at=None, media_attempts__lt=4).filter(
            models.Q(picture=None, media_urls__picture__isnull=False)
            | models.Q(sample=None, media_urls__sample__isnull=False)
            | models.Q(clip=None, media_urls__clip__isnull=False)
        )


class CatalogEntry(models.Model):
    """A voice, avatar or caption style as TopView's catalog offered it. Addresses expire; ids count."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="catalog_entries")
    catalog = models.CharField(max_length=40)
    remote_id = models.CharField(max_length=120)
    name = models.CharField(max_length=200)
    facts = models.JSONField(default=dict)
    search = models.CharField(max_length=400, blank=True)
    position = models.PositiveIntegerField(default=0)
    media_urls = models.JSONField(default=dict)
    media_attempts = models.PositiveSmallIntegerField(default=0)
    picture = models.ForeignKey(
        "tasks.Blob", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    sample = models.ForeignKey(
        "tasks.Blob", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    clip = models.ForeignKey("tasks.Blob", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    gone_at = models.DateTimeField(null=True, blank=True)
    # A person asked to delete it at TopView; the worker has not done so yet.
    removal_asked_at = models.DateTimeField(null=True, blank=True)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["credential", "catalog", "remote_id"], name="one_entry_per_catalog_and_id"
            )
        ]
        indexes = [
            # What may be picked, in its order.
            models.Index(
                fields=["credential", "catalog", "position", "id"],
                condition=models.Q(gone_at=None),
                name="entry_to_pick",
            ),
            # When something left a catalog last.
            models.Index(
                fields=["credential", "catalog", "-gone_at"],
                condition=models.Q(gone_at__isnull=False),
                name="entry_gone",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Favourite(models.Model):
    """A catalog entry somebody wants to find again. It outlives a rereading of the catalog."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourites")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    catalog = models.CharField(max_length=40)
    remote_id = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "workspace", "catalog", "remote_id"], name="one_favourite_per_entry"
            )
        ]

    def __str__(self) -> str:
        return f"{self.catalog} {self.remote_id}"
