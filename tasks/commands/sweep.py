"""Clears away what processes that were killed left in the temporary folder."""

import logging
import shutil
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

logger = logging.getLogger(__name__)

# No upload, download or examination lasts this long.
OLD = timedelta(hours=24)


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
