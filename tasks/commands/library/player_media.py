"""Makes, in the background, what players show of results besides themselves: strips and loudness."""

from __future__ import annotations

import logging
import tempfile
from datetime import timedelta
from pathlib import Path
from time import monotonic

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from tasks.commands.library.blobs import BlobMissing, keep_file, local_copy
from tasks.commands.runtime import shutdown
from tasks.commands.runtime.lease_owner import new_holder
from tasks.commands.runtime.queue import MAKE_PLAYER_MEDIA, nudge
from tasks.media import NotNow, Undecodable
from tasks.media.player_aids import WALL_SECONDS, make_player_aids
from tasks.models import AssetRole, Lease, Output, OutputState, PlayerMedia

logger = logging.getLogger(__name__)

# How long one job goes on, so that paid work does not wait long behind it; and one at a time.
_TURN_SECONDS = 10
_LEASE, _LEASE_SECONDS = "player-media", WALL_SECONDS + 60
_MOST_TRIES = 3
_LATER = timedelta(hours=1)


def ask_player_media() -> None:
    """Have the worker go on where results lack theirs."""
    if _next() is not None:
        nudge(MAKE_PLAYER_MEDIA)


def make_player_media() -> None:
    """Make what is missing for a while, the newest first, then queue the next turn.

    Does nothing while another worker is at it.
    """
    holder, end = new_holder(), monotonic() + _TURN_SECONDS
    if not Lease.take(_LEASE, holder, seconds=_LEASE_SECONDS):
        return
    try:
        while monotonic() < end and not shutdown.is_asked():
            output = _next()
            if output is None:
                return
            _make(output)
    finally:
        Lease.give_back(_LEASE, holder)
    nudge(MAKE_PLAYER_MEDIA)


def _next() -> Output | None:
    due = Q(
        blob__player_media__is_made=False,
        blob__player_media__tries__lt=_MOST_TRIES,
        blob__player_media__next_at__lte=timezone.now(),
    )
    rows = Output.objects.filter(
        Q(blob__player_media=None) | due,
        state=OutputState.SAVED,
        role__in=(AssetRole.VIDEO, AssetRole.AUDIO),
        unchecked_cause="",
        seconds__gt=0,
    )
    return rows.select_related("blob__workspace").order_by("-created_at").first()


def _make(output: Output) -> None:
    blob = output.blob
    assert blob is not None and output.seconds is not None
    # First, so that a file at which the worker dies does not hold up the others.
    row, _is_new = PlayerMedia.objects.get_or_create(source=blob, defaults={"workspace": blob.workspace})
    rows = PlayerMedia.objects.filter(pk=row.pk)
    rows.update(tries=F("tries") + 1, next_at=timezone.now() + _LATER)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="output-", dir=settings.FILE_UPLOAD_TEMP_DIR) as folder,
            local_copy(blob, Path(folder) / "file") as path,
        ):
            into = Path(folder) / "strip.webp"
            aids = make_player_aids(
                path, into=into, seconds=output.seconds, max_pixels=settings.UPLOAD_MAX_PIXELS
            )
            strip = None
            if aids.tiles:
                strip = keep_file(workspace=blob.workspace, source=into, media_type="image/webp")
    except Undecodable as error:
        logger.warning("player-media.failed", extra={"blob": str(blob.pk), "reason": str(error)})
        rows.update(is_made=True)
    except (BlobMissing, NotNow, OSError) as error:
        logger.warning(
            "player-media.later", extra={"blob": str(blob.pk), "error_class": type(error).__name__}
        )
    else:
        rows.update(strip=strip, tiles=aids.tiles, tile_seconds=aids.every, peaks=aids.peaks, is_made=True)
