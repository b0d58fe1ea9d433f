"""Brings a backup back. Nothing is touched before all was checked, nothing is sent afterwards unasked."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.storage import FileSystemStorage, storages
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from django_q.models import OrmQ

from tasks import vault
from tasks.commands.guests.links import end_links_after_restore
from tasks.commands.ledger.charges import ask_all_charges
from tasks.commands.library.blobs import put_back
from tasks.commands.library.object_store import failures_named
from tasks.commands.notifications.outbox import forget_waiting
from tasks.commands.operations.backup.files import measure
from tasks.commands.operations.backup.left_out import fetch_again, write_report
from tasks.commands.operations.backup.load import load_database, require_nobody_else
from tasks.commands.operations.backup.make import MEDIA, require_room, verify_backup
from tasks.commands.operations.backup.manifest import BackupFailed, Entry, Manifest, Say
from tasks.commands.operations.quarantine import quarantine_everything
from tasks.models import Circuit, GuestSession, Heartbeat, Lease, Package, User, Workspace
from topview_portal.lockfile import AlreadyLocked, lock_folder

logger = logging.getLogger(__name__)

# A worker gives a sign of life every few seconds.
_ALIVE = timedelta(seconds=15)


@dataclass(frozen=True)
class Restored:
    """What came back: how many calls wait for a person, which files did not, and where that is written."""

    held: int
    left_out: list[str]
    report: Path | None


def restore_backup(
    *,
    folder: Path,
    say: Say,
    replace: bool = False,
    without_keys: bool = False,
    without_damaged: bool = False,
    keep_sessions: bool = False,
) -> Restored:
    """Put the backup in the place of this portal's database, and its files beside those that are here.

    `replace` allows it where there is a portal already; `without_keys` where the vault lacks a key that
    credentials of the backup need, `without_damaged` where files of the backup are damaged. Everybody signs
    in again, and links for guests are ended, unless `keep_sessions`. Raises BackupFailed; the database
    then is as it was.
    """
    try:
        with lock_folder(settings.VAR):
            manifest, wrong = verify_backup(folder=folder, say=say, without_damaged=without_damaged)
            _require_known(manifest)
            if not without_keys:
                _require_keys(manifest)
            _require_nobody_alive()
            if not replace:
                _require_empty()
            require_nobody_else()
            return _restore(folder, manifest, wrong, say, keep_sessions=keep_sessions)
    except AlreadyLocked:
        raise BackupFailed("The portal is running. Stop it first.") from None
    except (OSError, DatabaseError) as error:
        raise BackupFailed(f"The backup could not be restored: {error}") from error


def _restore(
    folder: Path, manifest: Manifest, wrong: list[Entry], say: Say, *, keep_sessions: bool
) -> Restored:
    """What was checked, but for the files that are `wrong` in the backup."""
    whole = [entry for entry in manifest.media if entry not in wrong]
    _bring_files(folder, whole, say)
    # Those that the portal itself had lost, and those that the backup has lost since; what is here is here.
    lost = [_stored_name(entry) for entry in wrong if not _is_stored(entry)] + manifest.damaged

    ended_links = 0

    def settle_down() -> int:
        nonlocal ended_links
        fetch_again(lost)
        if not keep_sessions:
            ended_links = _let_nobody_in()
        return _settle_down()

    held = load_database(folder, manifest, settle_down)
    report = write_report(settings.VAR, made_at=manifest.made_at, names=lost) if lost else None
    say(f"Database: that of {manifest.made_at}. Calls on hold: {held}.")
    if not keep_sessions:
        say(f"Guest links ended: {ended_links}. Whoever looks after one can open it again on its page.")
    _name_open_packages(say)
    logger.info("backup.restored", extra={"held": held, "files": len(whole), "left_out": len(lost)})
    return Restored(held, lost, report)


def _require_known(manifest: Manifest) -> None:
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    if manifest.vendor != connection.vendor:
        _require_movable(manifest, set(known))
    newer = [f"{app}.{name}" for app, name in manifest.migrations if (app, name) not in known]
    if newer:
        raise BackupFailed(
            f"The backup is of a newer portal ({manifest.portal}): {', '.join(newer)} is not known here. "
            "Install that version first."
        )


def _require_movable(manifest: Manifest, known: set[tuple[str, str]]) -> None:
    """A backup goes from SQLite to PostgreSQL, and no other way, at the version that made it."""
    if (manifest.vendor, connection.vendor) != ("sqlite", "postgresql"):
        raise BackupFailed(
            f"The backup is of a {manifest.vendor} database, and this portal uses {connection.vendor}."
        )
    if set(manifest.migrations) != known:
        raise BackupFailed(
            f"The backup is of another version of the portal ({manifest.portal}) and of a SQLite database. "
            "Update that portal to this version, and make its backup again."
        )


def _require_keys(manifest: Manifest) -> None:
    missing = sorted(set(manifest.keys) - set(vault.fingerprints()))
    if missing:
        raise BackupFailed(
            f"Credentials of the backup need keys that are not in VAULT_KEYS: {', '.join(missing)}. "
            "Put them there, or use --without-keys and enter those credentials' keys again."
        )


def _tables() -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.table_names(cursor))


def _require_nobody_alive() -> None:
    if Heartbeat._meta.db_table not in _tables():
        return
    limit = timezone.now() - _ALIVE
    alive = Heartbeat.objects.filter(at__gt=limit).order_by("name").values_list("name", flat=True)
    if names := list(alive):
        raise BackupFailed(
            f"Still alive a moment ago: {', '.join(names)}. Stop web and worker on every node, then wait "
            f"{_ALIVE.seconds} seconds."
        )


def _require_empty() -> None:
    tables = _tables()
    for model in (Workspace, User):
        if model._meta.db_table in tables and model._default_manager.exists():
            raise BackupFailed(
                "There is a portal in this database already. --replace puts the backup in its place."
            )


def _bring_files(folder: Path, entries: list[Entry], say: Say) -> None:
    """Before the database: a row always has its file. What is stored here already is measured, not copied."""
    with failures_named():
        missing = [entry for entry in entries if not _is_stored(entry)]
    storage = storages["default"]
    if isinstance(storage, FileSystemStorage):
        place = Path(storage.location)
        place.mkdir(parents=True, exist_ok=True)
        require_room(place, sum(entry.size for entry in missing))
    for entry in missing:
        put_back(name=_stored_name(entry), source=folder / entry.name)
    say(f"Files: {len(missing)} brought back, {len(entries) - len(missing)} were here.")


def _stored_name(entry: Entry) -> str:
    return entry.name.removeprefix(f"{MEDIA}/")


def _is_stored(entry: Entry) -> bool:
    storage, name = storages["default"], _stored_name(entry)
    if not storage.exists(name) or storage.size(name) != entry.size:
        return False
    if isinstance(storage, FileSystemStorage):
        return measure(Path(storage.path(name))) == (entry.size, entry.sha256)
    return True


def _let_nobody_in() -> int:
    """Who was kept out after the backup was made is not let in again by it; how many links that ends."""
    Session.objects.all().delete()
    GuestSession.objects.all().delete()
    return end_links_after_restore()


def _name_open_packages(say: Say) -> None:
    """One that was ended after the backup is handed out again, to members."""
    rows = Package.objects.filter(revoked_at=None, expires_at__gt=timezone.now()).select_related("workspace")
    if names := [f"{package} ({package.workspace})" for package in rows.order_by("workspace__name", "name")]:
        say(f"Open packages: {', '.join(names)}. One that was ended after the backup is open again.")


def _settle_down() -> int:
    """What was true of other processes is true no longer; what could be paid twice is put on hold."""
    for model in (OrmQ, Heartbeat, Lease, Circuit):
        model._base_manager.all().delete()
    forget_waiting()
    held = quarantine_everything()
    # The worker reads the logs as soon as it runs: who decides about a call on hold sees what was charged.
    ask_all_charges()
    return held
