"""Removes published files that no row names: what was left by a process that died between file and row."""

from __future__ import annotations

import logging
import re
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.core.files.storage import FileSystemStorage, storages

from tasks.models import Blob, Submission

logger = logging.getLogger(__name__)

_HASH = re.compile(r"[0-9a-f]{64}")
# Names asked for in one query.
_BATCH = 500


def remove_orphans(*, older_than: datetime) -> None:
    """Remove files of the media folder that are older and belong to no row; of an object store none.

    None while calls are on hold: a restored database does not know yet what was made after its backup. Each
    is moved aside before it goes, and back when somebody has stored the same bytes meanwhile.
    """
    storage = storages["default"]
    if not isinstance(storage, FileSystemStorage) or Submission.objects.quarantined().exists():
        return
    root = Path(storage.location)
    # As deep as `blob_path` puts a file, and called as it calls one.
    stored = (path for path in root.glob("*/??/*") if _HASH.fullmatch(path.name))
    found = (path for path in stored if _is_older(path, older_than))
    while paths := list(islice(found, _BATCH)):
        names = {path.relative_to(root).as_posix(): path for path in paths}
        known = set(Blob.objects.filter(file__in=names).values_list("file", flat=True))
        for name in names.keys() - known:
            _remove(name, names[name], older_than)


def _is_older(path: Path, than: datetime) -> bool:
    try:
        return path.stat().st_mtime < than.timestamp()
    except FileNotFoundError:
        return False


def _remove(name: str, path: Path, older_than: datetime) -> None:
    aside = path.with_name(f".{path.name}.part")
    try:
        path.rename(aside)
        # Whoever stores these bytes just now has put a new file there before the row is written.
        if Blob.objects.filter(file=name).exists() or not _is_older(aside, older_than):
            if not path.exists():
                aside.rename(path)
            return
        aside.unlink()
    except OSError as error:
        logger.warning("orphan.not-removed", extra={"file": name, "error_class": type(error).__name__})
    else:
        logger.info("orphan.removed", extra={"file": name})
