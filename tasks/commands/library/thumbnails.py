"""Keeps posters with their thumbnails, and makes those that an older version of the portal did not make."""

from __future__ import annotations

import logging
import secrets
import shutil
import tempfile
from pathlib import Path
from time import monotonic

from django.conf import settings

from tasks.commands.library.blobs import BlobMissing, keep_file, open_blob
from tasks.commands.runtime import shutdown
from tasks.commands.runtime.queue import MAKE_THUMBNAILS, nudge
from tasks.media import Undecodable
from tasks.media.thumbnails import make_thumbnail, thumbnail_path
from tasks.models import Blob, Lease, Thumbnail, Workspace, pictures_without_thumbnail

logger = logging.getLogger(__name__)

# Pictures and seconds of one job at most: short, so that paid work does not wait long behind them.
_SOME = 200
_SECONDS = 2.0
# Only one job at a time makes them; a lease this old belongs to a dead one.
_LEASE_SECONDS = 60


def keep_poster(*, workspace: Workspace, poster: Path) -> Blob:
    """Keep a poster and, where the examiner wrote one beside it, its thumbnail. Raises OSError."""
    blob = keep_file(workspace=workspace, source=poster, media_type="image/webp")
    _keep(blob, thumbnail_path(poster))
    return blob


def ask_missing_thumbnails() -> None:
    """Have those made that pictures of an older version lack."""
    if pictures_without_thumbnail(1):
        nudge(MAKE_THUMBNAILS)


def make_thumbnails() -> None:
    """Make some of what is missing, then queue another turn. Until then the larger pictures are shown."""
    holder = secrets.token_hex(8)
    if not Lease.take("thumbnails", holder, seconds=_LEASE_SECONDS):
        return
    try:
        some = _make_some(monotonic() + _SECONDS)
    except OSError as error:
        # Our storage failed. They are asked for again with the next sweep.
        logger.warning("thumbnails.later", extra={"error_class": type(error).__name__})
        return
    finally:
        Lease.give_back("thumbnails", holder)
    if some:
        nudge(MAKE_THUMBNAILS)


def _make_some(ends_at: float) -> int:
    pictures = pictures_without_thumbnail(_SOME)
    for picture in pictures:
        if monotonic() > ends_at or shutdown.is_asked():
            break
        with tempfile.TemporaryDirectory(prefix="output-", dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
            _make(picture, Path(folder))
    return len(pictures)


def _make(picture: Blob, folder: Path) -> None:
    poster, into = folder / "poster.webp", folder / "thumbnail.webp"
    try:
        with open_blob(picture) as source, poster.open("xb") as target:
            shutil.copyfileobj(source, target)
        make_thumbnail(poster, into)
    except (BlobMissing, Undecodable) as error:
        logger.warning("thumbnail.failed", extra={"blob": str(picture.pk), "reason": str(error)})
    _keep(picture, into)


def _keep(picture: Blob, path: Path) -> None:
    """Write down what was made of a picture. The file comes first; without one there is nothing smaller."""
    blob = None
    if path.is_file():
        blob = keep_file(workspace=picture.workspace, source=path, media_type="image/webp")
    known = {"workspace": picture.workspace, "blob": blob}
    Thumbnail.objects.get_or_create(picture=picture, defaults=known)
