"""Puts the database of a backup in the place of this portal's, in one step: all of it, or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from tasks.commands.operations.backup.change_database import load_sqlite_into_postgresql
from tasks.commands.operations.backup.files import copy, written
from tasks.commands.operations.backup.manifest import BackupFailed, Manifest, Table

# How long, in seconds, another process may still take to let go of the database.
_PATIENCE = 3


def require_nobody_else() -> None:
    """Raises BackupFailed while another process has the database open."""
    if connection.vendor == "sqlite":
        connection.close()
        _put_log_away(Path(connection.settings_dict["NAME"]))
        connection.ensure_connection()
        return
    # The server goes on listing a connection for a moment after it was closed.
    ends_at = monotonic() + _PATIENCE
    while count := _other_connections():
        if monotonic() > ends_at:
            raise _in_use(f"{count} other connections are open.")
        sleep(0.1)


def _other_connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND coalesce(backend_type, 'client backend') = 'client backend'"
        )
        return int(cursor.fetchone()[0])


def load_database(folder: Path, manifest: Manifest, settle_down: Callable[[], int]) -> int:
    """Load it, bring its tables up to this portal's version, and call `settle_down`, whose count is returned.

    Nobody sees the loaded rows before that has returned.
    """
    if manifest.vendor != connection.vendor:
        load = load_sqlite_into_postgresql
    else:
        load = _load_sqlite if connection.vendor == "sqlite" else _load_postgresql
    return load(folder, manifest, settle_down)


def _in_use(words: str) -> BackupFailed:
    return BackupFailed(f"The database is in use: {words} Stop web and worker on every node first.")


def _load_sqlite(folder: Path, manifest: Manifest, settle_down: Callable[[], int]) -> int:
    """Made ready in a file beside the database, which then takes its place."""
    place = Path(connection.settings_dict["NAME"])
    fresh = place.with_name(f".{place.name}.restoring")
    try:
        with (folder / manifest.database[0].name).open("rb") as source, written(fresh) as target:
            copy(source, target)
        with pointed_at(fresh):
            call_command("migrate", interactive=False, verbosity=0)
            with transaction.atomic():
                held = settle_down()
        _put_log_away(fresh)
        connection.close()
        _put_log_away(place)
        fresh.replace(place)
        # With its write-ahead log again: processes that start together would fail over switching it on.
        connection.ensure_connection()
    finally:
        with suppress(FileNotFoundError):
            fresh.unlink()
    return held


@contextmanager
def pointed_at(file: Path) -> Iterator[None]:
    """Everything that asks the database in this block asks the one in the file."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = str(file)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def _put_log_away(file: Path) -> None:
    """Leave no write-ahead log that would be taken for that of the next file of this name.

    That works only while nobody else has the file open, which is what must be known here, too.
    """
    if not file.exists():
        return
    with closing(sqlite3.connect(file, timeout=_PATIENCE)) as own:
        try:
            own.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as error:
            raise _in_use(f"{error}.") from error
        except sqlite3.DatabaseError:
            # It is no database any more; a log that lies about is no better.
            for end in ("-wal", "-shm"):
                Path(f"{file}{end}").unlink(missing_ok=True)


def _load_postgresql(folder: Path, manifest: Manifest, settle_down: Callable[[], int]) -> int:
    """In one transaction: what was there before stays until everything is ready."""
    with transaction.atomic():
        if set(MigrationRecorder(connection).applied_migrations()) != set(manifest.migrations):
            _build_anew(manifest)
        with connection.cursor() as cursor:
            names = ", ".join(connection.ops.quote_name(table.name) for table in manifest.tables)
            cursor.execute(f"TRUNCATE {names}")
            # Tables are filled one after the other; a migration may have asked for checks row by row.
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            for table in manifest.tables:
                _fill(cursor, folder, table)
            # References are checked now; tables with checks ahead of them could not be changed.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        return settle_down()


def _build_anew(manifest: Manifest) -> None:
    """Empty the schema and make the tables as they were when the backup was made."""
    with connection.cursor() as cursor:
        names = [connection.ops.quote_name(name) for name in connection.introspection.table_names(cursor)]
        if names:
            cursor.execute(f"DROP TABLE {', '.join(names)} CASCADE")
    executor = MigrationExecutor(connection)
    executor.migrate(list(manifest.migrations))


def _fill(cursor: Any, folder: Path, table: Table) -> None:
    name = connection.ops.quote_name(table.name)
    columns = ", ".join(connection.ops.quote_name(column) for column in table.columns)
    with (
        (folder / table.file).open("rb") as source,
        cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as target,
    ):
        copy(source, target)
    for column, (value, is_called) in table.sequences.items():
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence(%s, %s), %s, %s)", [name, column, value, is_called]
        )
