"""The database at one moment, in files: taken while others write, and without holding them up."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader

from tasks.commands.operations.backup.files import make_folder, measure, written
from tasks.commands.operations.backup.manifest import BackupFailed, Entry, Table
from tasks.models import Blob, Credential

SQLITE_FILE = "db.sqlite3"
_MIGRATIONS = "django_migrations"


@dataclass(frozen=True)
class Snapshot:
    """What was copied, and what the copy says of files (name, hash, size), keys and its own age."""

    entries: list[Entry]
    blobs: list[tuple[str, str, int]]
    tokens: list[bytes]
    migrations: list[tuple[str, str]]
    tables: list[Table] = field(default_factory=list)


def database_size() -> int:
    """About how many bytes a copy of the database takes."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        else:
            cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def take_snapshot(folder: Path, below: str) -> Snapshot:
    """Copy the database into the folder `below`, which is new. Raises BackupFailed."""
    make_folder(folder / below)
    take = _take_sqlite if connection.vendor == "sqlite" else _take_postgresql
    try:
        return take(folder, below)
    except (DatabaseError, sqlite3.Error) as error:
        raise BackupFailed(f"The database could not be copied: {error}") from error


def _take_sqlite(folder: Path, below: str) -> Snapshot:
    name = f"{below}/{SQLITE_FILE}"
    (folder / name).touch(mode=0o600)
    with (
        closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=20)) as source,
        closing(sqlite3.connect(folder / name)) as target,
    ):
        # In one step, under one read lock, which with a write-ahead log holds up nobody.
        source.backup(target)
        # The copy is one file, with no log beside it.
        target.execute("PRAGMA journal_mode=DELETE")
        if (found := target.execute("PRAGMA quick_check").fetchone()[0]) != "ok":
            raise BackupFailed(f"The database is damaged: {found}")
        facts = _facts(lambda query: target.execute(query).fetchall())
    return Snapshot([Entry(name, *measure(folder / name))], *facts)


def _take_postgresql(folder: Path, below: str) -> Snapshot:
    with _repeatable(connection) as own, own.cursor() as cursor:

        def ask(query: str) -> list[Any]:
            cursor.execute(query)
            return list(cursor.fetchall())

        tables = [_copy_table(own, cursor, folder, below, name) for name in sorted(_table_names(own))]
        facts = _facts(ask)
    entries = [Entry(table.file, *measure(folder / table.file)) for table in tables]
    return Snapshot(entries, *facts, tables)


@contextmanager
def _repeatable(ours: BaseDatabaseWrapper) -> Iterator[BaseDatabaseWrapper]:
    """A connection of its own that sees the database as it is now, until it is closed."""
    own = ours.copy()
    try:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield own
        own.rollback()
    finally:
        own.close()


def _table_names(own: BaseDatabaseWrapper) -> set[str]:
    """The portal's tables by the names that they have now: waiting migrations may rename some."""
    loader = MigrationLoader(own)
    applied = [node for node in loader.applied_migrations if node in loader.graph.nodes]
    models = loader.project_state(applied).apps.get_models(include_auto_created=True)
    return {_MIGRATIONS, *(model._meta.db_table for model in models)} & set(own.introspection.table_names())


def _copy_table(own: BaseDatabaseWrapper, cursor: Any, folder: Path, below: str, name: str) -> Table:
    file = f"{below}/{name}.copy"
    columns = [column.name for column in own.introspection.get_table_description(cursor, name)]
    quoted = ", ".join(own.ops.quote_name(column) for column in columns)
    copying = cursor.copy(f"COPY {own.ops.quote_name(name)} ({quoted}) TO STDOUT")
    with written(folder / file) as target, copying as pieces:
        for piece in pieces:
            target.write(piece)
    sequences = {}
    for sequence in own.introspection.get_sequences(cursor, name):
        cursor.execute(f"SELECT last_value, is_called FROM {own.ops.quote_name(sequence['name'])}")
        sequences[sequence["column"]] = cursor.fetchone()
    return Table(name, file, columns, sequences)


def _facts(ask: Any) -> tuple[list[tuple[str, str, int]], list[bytes], list[tuple[str, str]]]:
    blobs = ask(f"SELECT file, sha256, size FROM {Blob._meta.db_table} ORDER BY file")
    tokens = ask(f"SELECT encrypted_key FROM {Credential._meta.db_table}")
    migrations = ask(f"SELECT app, name FROM {_MIGRATIONS} ORDER BY id")
    return (
        [(str(file), str(sha256), int(size)) for file, sha256, size in blobs],
        [bytes(token) for (token,) in tokens],
        [(str(app), str(name)) for app, name in migrations],
    )
