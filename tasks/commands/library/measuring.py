"""Measures what delivery and review ask of stored bytes: their CRC-32, and when a film shows its frames.

New files are measured where they come in. What a version before has kept is measured in the background.
"""

from __future__ import annotations

import logging
import tempfile
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from time import monotonic

from django.conf import settings
from django.utils import timezone

from tasks.commands.library.blobs import BlobMissing, crc32_of, local_copy
from tasks.commands.runtime import shutdown
from tasks.commands.runtime.lease_owner import new_holder
from tasks.commands.runtime.queue import MEASURE_FILES, nudge
from tasks.media import FrameTiming, MediaFacts, NotNow, TooManyPixels, Undecodable, examine
from tasks.models import Blob, FilmTiming, Lease

logger = logging.getLogger(__name__)

# How long one job goes on, so that paid work never waits long behind files that were there before.
_TURN_SECONDS = 20
# One job at a time; another takes over from one that died. Longer than the last file of a turn may take.
_LEASE, _LEASE_SECONDS = "measure-files", 600
# What cannot be read now is tried again a day later: a store that is away, a file that a backup brings back.
_LATER = timedelta(days=1)


def keep_measured(*, blob: Blob, path: Path, facts: MediaFacts) -> None:
    """Write down what is known of kept bytes, of which `path` is a copy. Nothing where it is known already.

    Call outside a transaction: the file is read.
    """
    if facts.role == "video":
        _keep_timing(blob, facts.timing)
    if blob.crc32 is None:
        with path.open("rb") as file:
            blob.crc32 = crc32_of(file)
        Blob.objects.filter(pk=blob.pk).update(crc32=blob.crc32)


def ask_to_measure() -> None:
    """On schedule: have the worker go on where files are unmeasured."""
    if Blob.objects.unmeasured().filter(measure_at__lte=timezone.now()).exists():
        nudge(MEASURE_FILES)


def measure_files() -> None:
    """Measure due files for a while, then queue the next turn. Does nothing while another worker is at it."""
    holder, end = new_holder(), monotonic() + _TURN_SECONDS
    if not Lease.take(_LEASE, holder, seconds=_LEASE_SECONDS):
        return
    try:
        while monotonic() < end and not shutdown.is_asked():
            now = timezone.now()
            blob = Blob.objects.unmeasured().filter(measure_at__lte=now).order_by("measure_at").first()
            if blob is None:
                return
            # First, so that a file at which the worker dies does not hold up the others.
            Blob.objects.filter(pk=blob.pk).update(measure_at=now + _LATER)
            _measure(blob)
    finally:
        Lease.give_back(_LEASE, holder)
    nudge(MEASURE_FILES)


def _measure(blob: Blob) -> None:
    try:
        with (
            tempfile.TemporaryDirectory(prefix="measure-", dir=settings.FILE_UPLOAD_TEMP_DIR) as folder,
            local_copy(blob, Path(folder) / "file") as path,
        ):
            if blob.media_type.startswith("video/"):
                _keep_timing(blob, _timing_of(path, Path(folder)))
            with path.open("rb") as file:
                Blob.objects.filter(pk=blob.pk).update(crc32=crc32_of(file))
    except (BlobMissing, NotNow, OSError) as error:
        facts = {"blob": str(blob.pk), "error_class": type(error).__name__}
        logger.warning("measure.later", extra=facts)


def _timing_of(path: Path, folder: Path) -> FrameTiming | None:
    """None too where the examiner refuses the film, as it did when that came."""
    try:
        return examine(path, into=folder / "poster.webp").facts.timing
    except (Undecodable, TooManyPixels):
        return None


def _keep_timing(blob: Blob, timing: FrameTiming | None) -> None:
    FilmTiming.objects.get_or_create(blob=blob, defaults={} if timing is None else asdict(timing))
