"""Examines what people brought, in the worker: measured, converted where no field takes it, or rejected.

The row is the truth: a job takes whatever is next in turn, few at a time for each person. A worker that is
killed leaves a lease that runs out, and the upload is examined again; twice does no harm.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Min
from django.utils import timezone

from tasks import media
from tasks.commands.library.blobs import BlobMissing, keep_file, local_copy
from tasks.commands.library.measuring import keep_measured
from tasks.commands.library.previews import ask_preview
from tasks.commands.library.thumbnails import keep_poster
from tasks.commands.runtime import shutdown
from tasks.commands.runtime.lease_owner import new_holder
from tasks.commands.runtime.queue import EXAMINE, nudge
from tasks.kinds.base.limits import UPLOAD_LIMITS
from tasks.media import conversion
from tasks.models import UNEXAMINED, Blob, Upload, UploadState

logger = logging.getLogger(__name__)

# How long one job goes on taking uploads before others of the queue have their turn.
_JOB_SECONDS = 20.0
# Formats whose conversion takes about as long as the film.
_SLOW = tuple(name for name, made in conversion.ON_ARRIVAL.items() if made == "mp4")
# For one person at the same time, however many they brought.
_MOST_FOR_ONE = 2
# Longer than an examination without a conversion takes; a conversion renews it.
_LEASE_SECONDS = 150.0
_RENEW_SECONDS = 10.0
# How often a worker may die over a file until the file is at fault.
_MOST_TRIES = 4
# How soon it is tried again when our storage failed.
_LATER = timedelta(seconds=20)
# Whose turn it is depends on whose was last, within this time.
_LATELY = timedelta(hours=1)


class _Rejected(Exception):
    """The file is of no use: a code, and the facts that its words need."""

    def __init__(self, cause: str, **facts: Any) -> None:
        super().__init__(cause)
        self.cause, self.facts = cause, facts


@dataclass(frozen=True)
class _Found:
    """What an upload turned out to be: the file to use, and its poster."""

    path: Path
    examined: media.Examined
    is_converted: bool


def examine_uploads() -> None:
    """Examine what waits for a while, in fair turns; then hand on what is left."""
    ends_at = monotonic() + _JOB_SECONDS
    while not shutdown.is_asked():
        if monotonic() > ends_at:
            if next_in_turn(timezone.now()) is not None:
                nudge(EXAMINE)
            return
        if not examine_next():
            return


def examine_next() -> bool:
    """Examine the upload whose turn it is. False when there is none, or no room for it."""
    holder = new_holder()
    upload = _claim(holder)
    if upload is None:
        return False
    try:
        with tempfile.TemporaryDirectory(prefix="upload-", dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
            _examine(upload, holder, Path(folder))
    except _Rejected as rejected:
        _reject(upload, holder, rejected)
    except BlobMissing:
        _reject(upload, holder, _Rejected("missing"))
    except (OSError, media.NotNow) as error:
        facts = {"upload": str(upload.pk), "error_class": type(error).__name__}
        logger.warning("examine.storage", extra=facts)
        # Our storage failed: the file is not at fault, and this was no try.
        next_at = timezone.now() + _LATER
        _settle(upload, holder, state=UploadState.STORED, next_at=next_at, tries=F("tries") - 1)
    return True


def next_in_turn(now: datetime) -> UUID | None:
    """The upload to examine now: of who has the least at work, then of who waited longest for a turn."""
    waiting = Upload.objects.unexamined(now)
    at_work = Upload.objects.at_work(now)
    if sum(at_work.values()) >= settings.EXAMINATIONS:
        return None
    if Upload.objects.at_work_on(now, _SLOW) >= max(1, settings.EXAMINATIONS - 1):
        # Films that are converted for minutes leave a place to what is measured in a moment.
        waiting = waiting.exclude(format__in=_SLOW)
    firsts = waiting.order_by().values_list("owner").annotate(Min("created_at"))
    people = {owner: first for owner, first in firsts if at_work.get(owner, 0) < _MOST_FOR_ONE}
    if not people:
        return None
    lately = Upload.objects.filter(taken_at__gt=now - _LATELY, owner__in=people).order_by()
    served = dict(lately.values_list("owner").annotate(Max("taken_at")))
    never = now - _LATELY
    chosen = min(people, key=lambda one: (at_work.get(one, 0), served.get(one, never), people[one]))
    mine = waiting.filter(owner=chosen).order_by("created_at", "pk")
    return mine.values_list("pk", flat=True).first()


def wait_until_examined(*, ids: set[UUID], seconds: float) -> None:
    """Wait until none of these uploads is on its way to be examined, but no longer."""
    ends_at = monotonic() + seconds
    while ids and Upload.objects.filter(pk__in=ids, state__in=UNEXAMINED).exists():
        if monotonic() > ends_at:
            return
        sleep(0.2)


def _claim(holder: str) -> Upload | None:
    """Take the next one. Another worker may be faster: then the one after it is looked for."""
    for _attempt in range(5):
        now = timezone.now()
        pk = next_in_turn(now)
        if pk is None:
            return None
        taken = Upload.objects.unexamined(now).filter(pk=pk)
        if taken.update(
            state=UploadState.EXAMINING,
            lease_holder=holder,
            lease_until=now + timedelta(seconds=_LEASE_SECONDS),
            taken_at=now,
            progress=0,
            tries=F("tries") + 1,
        ):
            return Upload.objects.select_related("blob", "workspace").get(pk=pk)
    return None


def _examine(upload: Upload, holder: str, folder: Path) -> None:
    """Measure it; what no field takes is converted first, and the result is measured."""
    if upload.tries > _MOST_TRIES:
        raise _Rejected("gave-up")
    target, renew = conversion.ON_ARRIVAL.get(upload.format), _Renewal(upload, holder)
    with local_copy(upload.blob, folder / "brought") as path, _reasons():
        used = path
        if target is not None:
            used, limits = folder / "converted", conversion_limits()
            conversion.convert(
                path, format=upload.format, target=target, into=used, limits=limits, on_progress=renew
            )
        poster = folder / "poster.webp"
        examined = media.examine(used, into=poster, max_pixels=settings.UPLOAD_MAX_PIXELS)
        seconds = examined.facts.seconds
        if seconds is not None and seconds > settings.UPLOAD_MAX_SECONDS:
            raise _Rejected("seconds", came=seconds, allowed=settings.UPLOAD_MAX_SECONDS)
        _accept(upload, holder, _Found(used, examined, is_converted=target is not None))


def conversion_limits() -> conversion.Limits:
    """How much of a file is converted: as much as may be brought."""
    return conversion.Limits(
        pixels=settings.UPLOAD_MAX_PIXELS,
        seconds=settings.UPLOAD_MAX_SECONDS,
        bytes=max(limits.max_bytes for limits in UPLOAD_LIMITS.values()),
    )


@contextmanager
def _reasons() -> Iterator[None]:
    """Turn what the examiner says into a code and facts."""
    try:
        yield
    except media.TooManyPixels as error:
        raise _Rejected("pixels", width=error.width, height=error.height, allowed=error.allowed) from error
    except conversion.TooLong as error:
        raise _Rejected("seconds", came=error.seconds, allowed=settings.UPLOAD_MAX_SECONDS) from error
    except media.Undecodable as error:
        logger.info("examine.undecodable", extra={"reason": str(error)})
        raise _Rejected(str(error.cause)) from error


class _Renewal:
    """Writes how far a conversion is, and that somebody is at it."""

    def __init__(self, upload: Upload, holder: str) -> None:
        self._mine = Upload.objects.filter(pk=upload.pk, lease_holder=holder)
        self._written, self._written_at = 0, monotonic()

    def __call__(self, progress: int) -> None:
        is_due = monotonic() - self._written_at > _RENEW_SECONDS
        if is_due or progress >= self._written + 5:
            self._written, self._written_at = progress, monotonic()
            until = timezone.now() + timedelta(seconds=_LEASE_SECONDS)
            self._mine.update(lease_until=until, progress=progress)


def _accept(upload: Upload, holder: str, found: _Found) -> None:
    facts, poster, used = found.examined.facts, None, upload.blob
    if found.examined.poster is not None:
        poster = keep_poster(workspace=upload.workspace, poster=found.examined.poster)
    if found.is_converted:
        used = keep_file(workspace=upload.workspace, source=found.path, media_type=facts.media_type)
    keep_measured(blob=used, path=found.path, facts=facts)
    changes: dict[str, Any] = {
        "role": facts.role,
        "format": facts.format,
        "width": facts.width,
        "height": facts.height,
        "seconds": facts.seconds,
        "blob": used,
        "poster": poster,
        "original": upload.blob if found.is_converted else None,
        "original_format": upload.format if found.is_converted else "",
    }
    with transaction.atomic():
        if _settle(upload, holder, state=UploadState.READY, progress=100, **changes):
            # Only now it is known whether an MP4 holds a film or a recording.
            Blob.objects.filter(pk=used.pk).exclude(media_type=facts.media_type).update(
                media_type=facts.media_type
            )
            ask_preview(blob=used, facts=facts)
    logger.info("examine.ready", extra={"upload": str(upload.pk), "format": facts.format})


def _reject(upload: Upload, holder: str, rejected: _Rejected) -> None:
    _settle(upload, holder, state=UploadState.REJECTED, cause=rejected.cause, cause_facts=rejected.facts)
    logger.info("examine.rejected", extra={"upload": str(upload.pk), "cause": rejected.cause})


def _settle(upload: Upload, holder: str, **changes: Any) -> bool:
    """Write the end, unless somebody else has taken over meanwhile."""
    mine = Upload.objects.filter(pk=upload.pk, state=UploadState.EXAMINING, lease_holder=holder)
    return bool(mine.update(lease_until=None, **changes))
