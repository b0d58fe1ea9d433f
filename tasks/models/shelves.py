"""What people single out in catalogs."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from tasks.models.people import Workspace


class Favourite(models.Model):
    """A catalog entry somebody wants to find again. It outlives a rereading of the catalog."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourites")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    shelf = models.CharField(max_length=40)
    remote_id = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "workspace", "shelf", "remote_id"], name="one_favourite_per_entry"
            )
        ]

    def __str__(self) -> str:
        return f"{self.shelf} {self.remote_id}"
