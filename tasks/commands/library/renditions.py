"""Makes of an upload what may be sent: in the format that a field takes, upright, and telling no place.

A rendition is made once and kept. Two workers may make the same one at once, which does no harm.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from tasks import media
from tasks.commands.library.blobs import keep_file, local_copy
from tasks.commands.library.examinations import conversion_limits
from tasks.media import FORMATS, conversion
from tasks.models import Rendition, RenditionState, Upload

logger = logging.getLogger(__name__)


class NotConvertible(Exception):
    """Nothing that could be sent can be made of a file. The text is a code."""

    def __init__(self, upload: Upload, format: str, cause: str) -> None:
        super().__init__(cause)
        self.upload, self.format = upload, format


def make_rendition(*, upload: Upload, format: str, on_progress: Callable[[int], None]) -> Rendition:
    """The rendition in this format, made now unless it is there.

    `on_progress` hears about once a second how many hundredths are done. Raises NotConvertible, BlobMissing,
    or NotNow and OSError for now.
    """
    row, _is_new = Rendition.objects.select_related("blob").get_or_create(
        upload=upload, format=format, defaults={"workspace_id": upload.workspace_id}
    )
    if row.state != RenditionState.READY:
        try:
            _make(row, upload, on_progress)
        except media.Undecodable as error:
            raise _failed(row, upload, str(error.cause)) from error
        except media.NotNow:
            raise
        except media.MediaError as error:
            raise _failed(row, upload, type(error).__name__) from error
    return row


def _make(row: Rendition, upload: Upload, on_progress: Callable[[int], None]) -> None:
    made = None
    # TopView's own results tell nobody's place, and go back as they came.
    if upload.made_from_id is None or row.format != upload.format:
        made = _converted(row, upload, on_progress)
    row.state, row.cause = RenditionState.READY, ""
    row.save(update_fields=["state", "cause", "blob"])
    logger.info("rendition.made", extra={"upload": str(upload.pk), "format": row.format, "as_is": not made})


def _converted(row: Rendition, upload: Upload, on_progress: Callable[[int], None]) -> str | None:
    """Convert, and keep what came of it in the row; None when the file can go as it is."""
    folder = tempfile.TemporaryDirectory(prefix="upload-", dir=settings.FILE_UPLOAD_TEMP_DIR)
    with folder as name, local_copy(upload.blob, Path(name) / "kept") as path:
        into = Path(name) / "made"
        made = conversion.convert(
            path,
            format=upload.format,
            target=row.format,
            into=into,
            limits=conversion_limits(),
            on_progress=on_progress,
            is_exact=True,
        )
        if made is not None:
            media_type = FORMATS[row.format].media_type
            row.blob = keep_file(workspace=upload.workspace, source=into, media_type=media_type)
    return made


def _failed(row: Rendition, upload: Upload, cause: str) -> NotConvertible:
    row.state, row.cause = RenditionState.FAILED, cause
    row.save(update_fields=["state", "cause"])
    logger.warning("rendition.failed", extra={"upload": str(upload.pk), "cause": cause})
    return NotConvertible(upload, row.format, cause)
