"""Fetches the pictures, samples and clips of the catalogs, so that a page loads nothing from elsewhere."""

from __future__ import annotations

import logging
import secrets
import tempfile
from pathlib import Path
from time import monotonic

from django.conf import settings
from django.db import transaction
from django.db.models import F

from tasks.commands.accounts.clients import download_rules
from tasks.commands.library.blobs import keep_file
from tasks.commands.library.thumbnails import keep_poster
from tasks.commands.runtime import shutdown
from tasks.commands.runtime.queue import FETCH_CATALOG_MEDIA, nudge
from tasks.media import MediaError, MediaFacts, examine
from tasks.models import Blob, CatalogEntry, Credential, Lease
from tasks.topview.downloads import download
from tasks.topview.errors import TopViewError

logger = logging.getLogger(__name__)

# Entries and seconds of one job at most: short, so that a submit does not wait long behind pictures.
_SOME = 8
_SECONDS = 2.0
# Only one job at a time fetches for a credential; a lease this old belongs to a dead one.
_LEASE_SECONDS = 120
# Previews are small; anything larger is not one.
_LARGEST_BYTES = 40 * 1024 * 1024
# Which column holds which medium.
_MEDIA = ("picture", "sample", "clip")


def fetch_some(*, credential: Credential) -> None:
    """Fetch for a few entries, then queue another turn while more wait. Pictures come before clips."""
    lease, holder = f"media:{credential.pk.hex}", secrets.token_hex(8)
    if not Lease.take(lease, holder, seconds=_LEASE_SECONDS):
        return
    try:
        some = _fetch_until(credential, monotonic() + _SECONDS)
    finally:
        Lease.give_back(lease, holder)
    if some:
        nudge(FETCH_CATALOG_MEDIA, credential.pk)


def _fetch_until(credential: Credential, ends_at: float) -> list[CatalogEntry]:
    waiting = CatalogEntry.objects.without_media().filter(credential=credential)
    some = list(waiting.order_by("media_attempts", "position", "pk")[:_SOME])
    for entry in some:
        if monotonic() > ends_at or shutdown.is_asked():
            break
        CatalogEntry.objects.filter(pk=entry.pk).update(media_attempts=F("media_attempts") + 1)
        for medium in _MEDIA:
            if getattr(entry, f"{medium}_id") is None and entry.media_urls.get(medium):
                _fetch(credential, entry, medium)
    return some


def _fetch(credential: Credential, entry: CatalogEntry, medium: str) -> None:
    try:
        with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR, prefix="catalog-") as folder:
            blob, facts = _fetched(credential, entry, medium, Path(folder))
    except (TopViewError, MediaError, OSError) as error:
        logger.info(
            "catalog.media-failed",
            extra={"entry": str(entry.pk), "medium": medium, "error_class": type(error).__name__},
        )
    else:
        _keep(entry, medium, blob, facts)


def _keep(entry: CatalogEntry, medium: str, blob: Blob, facts: MediaFacts) -> None:
    """Write down the medium, and how large the picture is: masks must have the same size.

    The row is locked, since a reading of the catalog may be writing its facts at the same time.
    """
    with transaction.atomic():
        for row in CatalogEntry.objects.select_for_update(no_key=True).filter(pk=entry.pk):
            if medium == "picture" and not row.facts.get("cover_only"):
                row.facts |= {"width": facts.width, "height": facts.height}
            setattr(row, medium, blob)
            row.save(update_fields=[medium, "facts"])


def _fetched(
    credential: Credential, entry: CatalogEntry, medium: str, folder: Path
) -> tuple[Blob, MediaFacts]:
    path = folder / "file"
    with path.open("wb") as file:
        download(entry.media_urls[medium], file, rules=download_rules(credential, max_bytes=_LARGEST_BYTES))
    examined = examine(path, into=folder / "poster.webp")
    workspace, facts = credential.workspace, examined.facts
    if medium == "picture" and examined.poster is not None:
        return keep_poster(workspace=workspace, poster=examined.poster), facts
    return keep_file(workspace=workspace, source=path, media_type=facts.media_type), facts
