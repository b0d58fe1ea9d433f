"""Rows by the million: COPY on PostgreSQL, one prepared INSERT on SQLite, no checks on either."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import AutoField, Model

Row = tuple[Any, ...]


class Table:
    """Inserts rows of a model. `varying` names the columns that each row brings, in this order, as the
    database takes them (ids as 32 hexadecimal digits, times in UTC as text); all others are alike.
    """

    def __init__(self, model: type[Model], *varying: str, **alike: Any) -> None:
        fields = [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]
        example = model(**alike)
        same = [field for field in fields if field.attname not in varying]
        self._same: Row = tuple(
            field.get_db_prep_save(getattr(example, field.attname), connection) for field in same
        )
        names = [*varying, *(field.attname for field in same)]
        self._target = f'"{model._meta.db_table}" ({", ".join(names)})'
        self._marks = ", ".join("?" for _ in names)

    def insert(self, rows: Sequence[Row]) -> None:
        """Write the rows; nothing checks what they refer to."""
        connection.ensure_connection()
        whole = (row + self._same for row in rows)
        if connection.vendor == "sqlite":
            connection.connection.executemany(f"INSERT INTO {self._target} VALUES ({self._marks})", whole)
            return
        with connection.connection.cursor().copy(f"COPY {self._target} FROM STDIN") as copy:
            for row in whole:
                copy.write_row(row)


# Indexes that belong to no constraint: their names and the statements that make them.
_INDEXES = {
    "sqlite": (
        "SELECT name, sql FROM sqlite_master WHERE tbl_name LIKE 'tasks_%%' AND sql LIKE 'CREATE INDEX%%'"
    ),
    "postgresql": (
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'tasks_%%'"
        " AND indexdef LIKE 'CREATE INDEX%%'"
    ),
}


@contextmanager
def unchecked() -> Iterator[None]:
    """One fast transaction: no foreign keys are checked, nothing has to survive a power cut, and indexes
    are made afterwards, sorted.
    """
    on_sqlite = connection.vendor == "sqlite"
    if on_sqlite:
        _run("PRAGMA foreign_keys = OFF", "PRAGMA journal_mode = OFF", "PRAGMA cache_size = -800000")
    with transaction.atomic():
        if not on_sqlite:
            _run("SET LOCAL session_replication_role = replica", "SET LOCAL maintenance_work_mem = '256MB'")
        indexes = _indexes()
        _run(*(f'DROP INDEX "{name}"' for name in indexes))
        yield
        _run(*indexes.values())
    if not on_sqlite:
        # Autovacuum would do the same within minutes.
        _run("VACUUM ANALYZE")
    # The next connection has the portal's own settings again.
    connection.close()


def _indexes() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES[connection.vendor], [])
        return dict(cursor.fetchall())


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
