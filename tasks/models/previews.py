"""Small copies of films and recordings that not every browser can play."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tasks.models.files import Blob
from tasks.models.people import Workspace


class PreviewState(models.TextChoices):
    WAITING = "waiting", _("Waiting to be made")
    MAKING = "making", _("Being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Cannot be made")


class PreviewQuerySet(models.QuerySet["Preview"]):
    """Which previews the worker makes next, and what pages show of them."""

    def due(self, now: datetime) -> PreviewQuerySet:
        """Those to be made now: new ones, ones to try again, and ones whose worker died; oldest first."""
        waiting = models.Q(state=PreviewState.WAITING, next_at__lte=now)
        dropped = models.Q(state=PreviewState.MAKING, lease_until__lt=now)
        return self.filter(waiting | dropped).order_by("created_at")

    def being_made(self, now: datetime) -> PreviewQuerySet:
        """Those at which a worker is."""
        return self.filter(state=PreviewState.MAKING, lease_until__gte=now)


class Preview(models.Model):
    """H.264 and AAC in an MP4, at most 480 lines, of the beginning of a stored file; one for equal bytes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="previews")
    source = models.OneToOneField(Blob, on_delete=models.CASCADE, related_name="preview")
    blob = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Whether players take it instead of its source; else it is for guests who may not have the original.
    stands_in = models.BooleanField(default=True)
    # The format and codec of the source, by which its page offers the source itself to some browsers.
    format = models.CharField(max_length=10)
    codec = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=PreviewState.choices, default=PreviewState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    lease_holder = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PreviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state=PreviewState.READY, blob__isnull=False)
                | (~models.Q(state=PreviewState.READY) & models.Q(blob=None)),
                name="a_ready_preview_has_bytes",
            )
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                name="preview_unmade",
                condition=models.Q(state__in=["waiting", "making"]),
            )
        ]

    def __str__(self) -> str:
        return f"preview of {self.source_id}"

    @property
    def is_coming(self) -> bool:
        """Whether it is being made, or will be."""
        return self.state in (PreviewState.WAITING, PreviewState.MAKING)
