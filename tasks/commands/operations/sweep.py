"""Clears away what nobody needs any more, such as files of killed processes, and makes up for lost jobs."""

import logging
import shutil
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.db.models import ProtectedError
from django.utils import timezone
from django_q.models import Failure

from tasks.commands.evidence.following import look_ahead
from tasks.commands.guests.events import sweep_links
from tasks.commands.guests.limits import sweep_guest_attempts
from tasks.commands.library.blobs import half_copies
from tasks.commands.library.products import make_missing_products
from tasks.commands.library.thumbnails import ask_missing_thumbnails
from tasks.commands.notifications.outbox import sweep_mail
from tasks.commands.operations.orphans import remove_orphans
from tasks.commands.people.sign_ins import sweep_attempts
from tasks.commands.submissions.api_log import sweep_answers
from tasks.models import Status, Submission, Upload, UploadState

logger = logging.getLogger(__name__)

# Calls of which the end is forecast in one sweep: an old version leaves few, and the next sweep goes on.
_FORECASTS = 1000
# No upload, download or examination lasts this long.
OLD = timedelta(hours=24)
# Of rejected uploads in one go.
_MOST_REJECTED = 500
# The queue keeps each job that failed, for whoever looks into it; nobody does after a month.
FAILURES_KEPT = timedelta(days=30)
# What the portal makes in the folder of temporary files, and last what Django does with a large upload. The
# folder may be /tmp: nothing else in it is ours, and a living worker's own folder would be there too.
_OURS = ("upload-*", "output-*", "catalog-*", "tmp*.upload*")


def sweep() -> None:
    """Everything below; a part that disk or database refuse is logged, and the others are done all the same.

    The worker calls this at its start and once a day.
    """
    for part in (
        sweep_temporary_files,
        sweep_half_copies,
        sweep_rejected,
        sweep_orphans,
        sweep_failures,
        sweep_sessions,
        sweep_answers,
        sweep_mail,
        sweep_attempts,
        sweep_guest_attempts,
        sweep_links,
        make_missing_products,
        ask_missing_thumbnails,
        forecast_missing,
    ):
        try:
            part()
        except (OSError, DatabaseError, InterfaceError) as error:
            facts = {"part": part.__name__, "error_class": type(error).__name__}
            logger.warning("sweep.part-failed", extra=facts)
            if not isinstance(error, OSError):
                # A connection that broke is of no use to the next part.
                close_old_connections()


def sweep_temporary_files() -> None:
    """Remove what the portal left in the upload and download folder more than a day ago."""
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir():
        if any(path.match(pattern) for pattern in _OURS):
            _remove_if_old(path)


def sweep_half_copies() -> None:
    """Remove what processes that were killed more than a day ago left in the storage."""
    for path in half_copies():
        _remove_if_old(path)


def sweep_orphans() -> None:
    """Remove files that were published more than a day ago and never got their row."""
    remove_orphans(older_than=timezone.now() - OLD)


def _remove_if_old(path: Path) -> None:
    """One that cannot be removed is logged, and left for the next time."""
    try:
        if path.stat().st_mtime >= (timezone.now() - OLD).timestamp():
            return
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        facts = {"name_of_file": path.name, "error_class": type(error).__name__}
        logger.warning("sweep.not-removed", extra=facts)
    else:
        logger.info("sweep.removed", extra={"name_of_file": path.name})


def sweep_rejected() -> None:
    """Remove uploads that were rejected more than a day ago, and their bytes where nothing else has them."""
    rows = Upload.objects.filter(state=UploadState.REJECTED, created_at__lt=timezone.now() - OLD)
    for upload in rows.filter(tasks=None).select_related("blob")[:_MOST_REJECTED]:
        upload.delete()
        with suppress(ProtectedError):
            # The file itself is one without a row then, and swept like others of that kind.
            upload.blob.delete()
        logger.info("sweep.rejected-removed", extra={"upload": str(upload.pk)})


def sweep_sessions() -> None:
    call_command("clearsessions")


def forecast_missing() -> None:
    """Forecast the end of calls that an older version of the portal has sent, so slow ones are told of."""
    calls = Submission.objects.filter(status=Status.RUNNING, slow_at=None)
    for call in calls.select_related("task")[:_FORECASTS]:
        look_ahead(call, since=call.accepted_at or call.created_at)


def sweep_failures() -> None:
    """Remove the queue's records of jobs that failed long ago."""
    count, _each = Failure.objects.filter(stopped__lt=timezone.now() - FAILURES_KEPT).delete()
    if count:
        logger.info("sweep.failures-removed", extra={"count": count})
