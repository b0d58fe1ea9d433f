"""What players show of stored films and sounds besides themselves."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from tasks.models.files import Blob
from tasks.models.people import Workspace


class PlayerMedia(models.Model):
    """A film's strip of small pictures, and how loud it is from beginning to end; one for equal bytes.

    What they hold `tasks.media.PlayerAids` says. One that `is_made` without them says that there are none.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    source = models.OneToOneField(Blob, on_delete=models.CASCADE, related_name="player_media")
    strip = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    tiles = models.PositiveSmallIntegerField(default=0)
    tile_seconds = models.FloatField(default=0.0)
    peaks = models.JSONField(null=True, blank=True)
    is_made = models.BooleanField(default=False)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(strip=None, tiles=0)
                | models.Q(strip__isnull=False, tiles__gt=0, tile_seconds__gt=0),
                name="a_strip_has_tiles",
            )
        ]

    def __str__(self) -> str:
        return f"player media of {self.source_id}"
