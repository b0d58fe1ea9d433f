"""What briefs of an earlier schema need to be read as today's forms would have stored them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tasks.kinds.base import FromLibrary, Pick, Wired
from tasks.models.catalogs import CatalogEntry
from tasks.models.files import Upload


def picture_size(workspace_id: UUID, credential_id: UUID, field: Wired, value: Any) -> tuple[int, int] | None:
    """Width and height in pixels of the upload or entry that a field's value names; None while unknown."""
    if isinstance(field, Pick):
        entries = CatalogEntry.objects.filter(
            credential=credential_id, catalog=field.catalog_name, remote_id=value
        )
        sides = entries.values_list("facts__width", "facts__height").first()
    elif isinstance(field, FromLibrary):
        uploads = Upload.objects.filter(workspace=workspace_id, pk__in=field.upload_ids(value))
        sides = uploads.values_list("width", "height").first()
    else:
        return None
    width, height = sides or (None, None)
    return (width, height) if isinstance(width, int) and isinstance(height, int) and width * height else None
