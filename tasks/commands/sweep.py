"""Clears away what nobody needs any more, such as files of killed processes, and makes up for lost jobs."""

import logging
import shutil
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from django_q.models import Failure

from tasks.commands.answers import sweep_answers
from tasks.commands.endings import look_ahead
from tasks.commands.products import make_missing_products
from tasks.models import Status, Submission

logger = logging.getLogger(__name__)

# No upload, download or examination lasts this long.
OLD = timedelta(hours=24)
# The queue keeps each job that failed, for whoever looks into it; nobody does after a month.
FAILURES_KEPT = timedelta(days=30)


def sweep() -> None:
    """Everything below. The worker calls this at its start and once a day."""
    sweep_temporary_files()
    sweep_failures()
    sweep_sessions()
    sweep_answers()
    make_missing_products()
    forecast_missing()


def sweep_temporary_files() -> None:
    """Remove what is older than a day from the upload and download folder."""
    limit = (timezone.now() - OLD).timestamp()
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir():
        try:
            if path.stat().st_mtime < limit:
                _remove(path)
        except FileNotFoundError:
            continue


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink()
    logger.info("sweep.removed", extra={"name_of_file": path.name})


def sweep_sessions() -> None:
    """Remove sign-ins that have run out."""
    call_command("clearsessions")


def forecast_missing() -> None:
    """Forecast the end of calls that an older version of the portal has sent, so slow ones are told of."""
    calls = Submission.objects.filter(status=Status.RUNNING, slow_at=None)
    for call in calls.select_related("task"):
        look_ahead(call, since=call.accepted_at or call.created_at)


def sweep_failures() -> None:
    """Remove the queue's records of jobs that failed long ago."""
    count, _each = Failure.objects.filter(stopped__lt=timezone.now() - FAILURES_KEPT).delete()
    if count:
        logger.info("sweep.failures-removed", extra={"count": count})
