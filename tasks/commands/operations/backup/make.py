"""Makes a backup while the portal runs."""

from __future__ import annotations

import logging
import re
import shutil
import tomllib
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from tasks import vault
from tasks.commands.library.blobs import open_stored
from tasks.commands.operations.backup.files import (
    copy,
    make_folder,
    measure,
    remove_others,
    replace_text,
    written,
)
from tasks.commands.operations.backup.manifest import (
    BackupFailed,
    Entry,
    Manifest,
    Say,
    read_manifest,
    write_manifest,
)
from tasks.commands.operations.backup.snapshot import database_size, take_snapshot
from tasks.models import Blob
from topview_portal.lockfile import AlreadyLocked, lock_folder

logger = logging.getLogger(__name__)

LOCK = "backup.lock"
KEYS = "keys.env"
MEDIA = "media"
# The folder of a backup's database is named by the moment at which the backup began.
_DATABASE = re.compile(r"database-\d{8}T\d{12}")
# Files between two lines that say how far it is.
_SOME = 500
# What is left free on the disk beyond the backup itself.
_SPARE = 16 * 1024 * 1024


def make_backup(*, folder: Path, say: Say, with_keys: bool = False) -> Manifest:
    """Back up database and files into the folder, which is new, empty, or holds an earlier backup.

    What an earlier one has of the files is checked and used again; what else lies in the folders of files and
    database is deleted, but nothing beside them. The keys of the vault are left out unless `with_keys`. Files
    that are missing or damaged here stand in `damaged`. Raises BackupFailed.
    """
    if folder.exists() and not folder.is_dir():
        raise BackupFailed(f"{folder} is a file.")
    if folder.exists() and any(folder.iterdir()) and not (folder / LOCK).exists():
        raise BackupFailed(f"{folder} is not empty, and what it holds is no backup of this portal.")
    make_folder(folder)
    try:
        with lock_folder(folder, LOCK):
            return _make(folder, say, with_keys=with_keys)
    except AlreadyLocked:
        raise BackupFailed(f"Another backup into {folder} is under way.") from None
    except OSError as error:
        raise BackupFailed(f"The backup could not be written: {error}") from error


def _make(folder: Path, say: Say, *, with_keys: bool) -> Manifest:
    now = timezone.now()
    _require_room(folder)
    below = f"database-{now:%Y%m%dT%H%M%S%f}"
    snapshot = take_snapshot(folder, below)
    say(f"Database: {filesizeformat(sum(entry.size for entry in snapshot.entries))}.")
    media, damaged = _copy_media(folder, snapshot.blobs, say)
    manifest = Manifest(
        made_at=now.isoformat(timespec="seconds"),
        portal=portal_version(),
        vendor=connection.vendor,
        migrations=snapshot.migrations,
        database=snapshot.entries,
        media=media,
        keys=sorted({vault.fingerprint_of(token) for token in snapshot.tokens} - {""}),
        damaged=damaged,
        tables=snapshot.tables,
        others=_write_keys(folder, f"{below}/{KEYS}") if with_keys else [],
    )
    write_manifest(folder, manifest)
    # Beside them people may keep anything: copies of the keys, an older backup.
    ours = [folder / MEDIA, *(one for one in folder.iterdir() if _DATABASE.fullmatch(one.name))]
    remove_others(ours, {folder / one.name for one in manifest.entries()})
    logger.info("backup.made", extra={"files": len(media), "bytes": manifest.size, "damaged": len(damaged)})
    return manifest


def portal_version() -> str:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


def _require_room(folder: Path) -> None:
    there = folder / MEDIA
    rows = Blob.objects.values_list("file", "size")
    missing = sum(size for file, size in rows.iterator() if not (there / file).exists())
    require_room(folder, missing + database_size())


def require_room(folder: Path, needed: int) -> None:
    """Raises BackupFailed when the folder's disk has not so many bytes left."""
    free = shutil.disk_usage(folder).free
    if free < needed + _SPARE:
        words = f"{filesizeformat(needed)} are needed, {filesizeformat(free)} are free"
        raise BackupFailed(f"The disk of {folder} is too small: {words}.")


def _copy_media(
    folder: Path, blobs: Iterable[tuple[str, str, int]], say: Say
) -> tuple[list[Entry], list[str]]:
    entries, damaged, copied = [], [], 0
    for file, sha256, size in blobs:
        entry = Entry(f"{MEDIA}/{file}", size, sha256)
        if not is_there(folder, entry):
            copied += 1
            if not _copy_blob(folder, file, entry):
                damaged.append(file)
                continue
            if copied % _SOME == 0:
                say(f"Files: {copied} copied ...")
        entries.append(entry)
    say(f"Files: {len(entries)}, of which {copied - len(damaged)} are new in this backup.")
    return entries, damaged


def is_there(folder: Path, entry: Entry) -> bool:
    """Whether the backup has the file, and these bytes in it."""
    path = folder / entry.name
    return (
        path.is_file() and path.stat().st_size == entry.size and measure(path) == (entry.size, entry.sha256)
    )


class _Damaged(Exception):
    """The bytes are not those that the row was written for."""


def _copy_blob(folder: Path, file: str, entry: Entry) -> bool:
    """Copy one file of the storage; False when it is not there, or not what its row says."""
    try:
        with open_stored(file) as source, written(folder / entry.name) as target:
            if copy(source, target) != (entry.size, entry.sha256):
                raise _Damaged(file)
    except (FileNotFoundError, _Damaged) as error:
        logger.error("backup.damaged", extra={"file": file, "error_class": type(error).__name__})
        return False
    return True


def _write_keys(folder: Path, name: str) -> list[Entry]:
    """The keys as lines for the environment, readable by their owner alone as all of the backup is."""
    lines = [
        f"SECRET_KEY={settings.SECRET_KEY}",
        f"VAULT_KEYS={','.join(settings.TOPVIEW_PORTAL_VAULT_KEYS)}",
    ]
    replace_text(folder / name, "\n".join(lines) + "\n")
    return [Entry(name, *measure(folder / name))]


def verify_backup(*, folder: Path, say: Say, without_damaged: bool = False) -> tuple[Manifest, list[Entry]]:
    """Read every file of a backup again: its manifest, and which of the portal's files are not right.

    Raises BackupFailed, with the names of all, when any is not; with `without_damaged` only when it is one of
    the database.
    """
    manifest = read_manifest(folder)
    wrong = [entry for entry in manifest.entries() if not is_there(folder, entry)]
    names = "".join(f"\n  {entry.name}" for entry in wrong)
    if any(entry not in manifest.media for entry in wrong):
        raise BackupFailed(f"Missing or damaged in the backup, part of its database:{names}")
    if wrong and not without_damaged:
        raise BackupFailed(
            f"Missing or damaged in the backup:{names}\n"
            "restore --without-damaged brings back the rest, and reports what was left out."
        )
    count = sum(1 for _entry in manifest.entries())
    if not wrong:
        say(f"The backup of {manifest.made_at} is whole: {count} files, {filesizeformat(manifest.size)}.")
    return manifest, wrong
