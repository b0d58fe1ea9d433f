"""Smaller forms of posters and of the pictures of catalogs."""

from __future__ import annotations

from typing import Any

from django.db import models

from tasks.models.catalogs import CatalogEntry
from tasks.models.files import Blob, Upload
from tasks.models.outputs import Output
from tasks.models.people import Workspace


class Thumbnail(models.Model):
    """A stored picture for rows and tiles; one for equal bytes.

    Without a blob it says that there is nothing smaller: the picture is small, or cannot be read.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    picture = models.OneToOneField(Blob, on_delete=models.CASCADE, primary_key=True, related_name="thumbnail")
    blob = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"thumbnail of {self.picture_id}"


def pictures_without_thumbnail(most: int) -> list[Blob]:
    """Posters and pictures of catalogs, at most so many, for which none was made so far."""
    found: dict[Any, None] = {}
    for model, column in ((Output, "poster"), (Upload, "poster"), (CatalogEntry, "picture")):
        rows = model._default_manager.filter(**{f"{column}__isnull": False, f"{column}__thumbnail": None})
        found |= dict.fromkeys(rows.order_by().values_list(column, flat=True)[: most - len(found)])
        if len(found) >= most:
            break
    return list(Blob.objects.filter(pk__in=found).select_related("workspace"))
