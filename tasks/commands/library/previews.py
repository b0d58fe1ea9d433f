"""Makes, in the background, what can be played of films that not every browser plays."""

from __future__ import annotations

import logging
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from tasks.commands.library.blobs import BlobMissing, keep_file, open_blob
from tasks.commands.runtime.lease_owner import new_holder
from tasks.commands.runtime.queue import MAKE_PREVIEW, nudge
from tasks.media import MediaFacts, NotNow, Undecodable
from tasks.media.preview import WALL_SECONDS, make_preview
from tasks.models import Blob, Preview, PreviewState, Task

logger = logging.getLogger(__name__)

# A maker that died is followed by another after this time.
_LEASE = timedelta(seconds=WALL_SECONDS + 60)
# At one time, so that paid work never waits for the last worker behind films that nobody may look at.
_MOST_AT_ONCE = 1
_MOST_TRIES = 3
_LATER = timedelta(minutes=5)


def ask_preview(*, blob: Blob, facts: MediaFacts) -> None:
    """Have one made where browsers may not play the file; equal bytes have one for ever."""
    if facts.plays or facts.role not in ("video", "audio"):
        return
    codec = facts.video_codec if facts.role == "video" else facts.audio_codec
    known = {"workspace_id": blob.workspace_id, "format": facts.format, "codec": codec[:40]}
    preview, is_new = Preview.objects.get_or_create(source=blob, defaults=known)
    if is_new:
        nudge(MAKE_PREVIEW, preview.pk)


def ask_copy(*, blob: Blob, format: str) -> None:
    """Have one made of a film or a recording that every browser plays, for who may not have the original."""
    known = {"workspace_id": blob.workspace_id, "format": format, "stands_in": False}
    preview, is_new = Preview.objects.get_or_create(source=blob, defaults=known)
    if is_new:
        nudge(MAKE_PREVIEW, preview.pk)


def make_previews() -> None:
    """Make the oldest that is due, then queue the next. Does nothing while another worker is at one."""
    holder = new_holder()
    preview = _claim(holder)
    if preview is None:
        return
    try:
        with tempfile.TemporaryDirectory(prefix="preview-", dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
            blob = _made(preview, Path(folder))
    except (Undecodable, BlobMissing) as error:
        logger.warning("preview.failed", extra={"preview": str(preview.pk), "reason": str(error)})
        _settle(preview, holder, PreviewState.FAILED)
    except (OSError, NotNow) as error:
        logger.warning(
            "preview.later", extra={"preview": str(preview.pk), "error_class": type(error).__name__}
        )
        _settle(preview, holder, PreviewState.WAITING)
    else:
        _settle(preview, holder, PreviewState.READY, blob)
    if following := Preview.objects.due(timezone.now()).first():
        nudge(MAKE_PREVIEW, following.pk)


def ask_overdue_previews() -> None:
    """On schedule: the jobs of these were lost."""
    if waiting := Preview.objects.due(timezone.now()).first():
        nudge(MAKE_PREVIEW, waiting.pk)


def _claim(holder: str) -> Preview | None:
    now = timezone.now()
    with transaction.atomic():
        if Preview.objects.being_made(now).count() >= _MOST_AT_ONCE:
            return None
        waiting = Preview.objects.due(now)
        waiting.filter(tries__gte=_MOST_TRIES).update(state=PreviewState.FAILED, lease_until=None)
        oldest = waiting.values_list("pk", flat=True).first()
        if oldest is None:
            return None
        taken = Preview.objects.due(now).filter(pk=oldest)
        if not taken.update(
            state=PreviewState.MAKING, lease_holder=holder, lease_until=now + _LEASE, tries=F("tries") + 1
        ):
            return None
    return Preview.objects.select_related("source", "workspace").get(pk=oldest)


def _made(preview: Preview, folder: Path) -> Blob:
    path, into = folder / "source", folder / "preview.mp4"
    with open_blob(preview.source) as source, path.open("xb") as target:
        shutil.copyfileobj(source, target)
    make_preview(path, format=preview.format, into=into, max_pixels=settings.UPLOAD_MAX_PIXELS)
    return keep_file(workspace=preview.workspace, source=into, media_type="video/mp4")


def _settle(preview: Preview, holder: str, state: PreviewState, blob: Blob | None = None) -> None:
    mine = Preview.objects.filter(pk=preview.pk, state=PreviewState.MAKING, lease_holder=holder)
    with transaction.atomic():
        if not mine.update(state=state, blob=blob, lease_until=None, next_at=timezone.now() + _LATER):
            return
        for task in Task.objects.filter(outputs__blob=preview.source_id).distinct():
            task.touch()
