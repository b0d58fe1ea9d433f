"""The sandbox's rows: one SQLite file, one connection, committed before a request is answered."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS account (
    uid TEXT PRIMARY KEY, key TEXT NOT NULL, credit TEXT NOT NULL, expires TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS credit_log (
    id INTEGER PRIMARY KEY, uid TEXT NOT NULL, key TEXT NOT NULL, task_id TEXT NOT NULL,
    task_type TEXT NOT NULL, cost TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS file (
    id TEXT PRIMARY KEY, uid TEXT NOT NULL, format TEXT NOT NULL, path TEXT NOT NULL, stored REAL,
    size INTEGER, digest TEXT, task_id TEXT, width INTEGER, height INTEGER, seconds REAL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS task (
    id TEXT PRIMARY KEY, uid TEXT NOT NULL, operation TEXT NOT NULL, body TEXT NOT NULL,
    facts TEXT NOT NULL, base_url TEXT NOT NULL, at REAL NOT NULL, deleted REAL);
CREATE INDEX IF NOT EXISTS task_by_account ON task (uid, at);
CREATE TABLE IF NOT EXISTS accepted (
    id INTEGER PRIMARY KEY, uid TEXT NOT NULL, operation TEXT NOT NULL, digest TEXT NOT NULL,
    task_id TEXT NOT NULL, at REAL NOT NULL, biz_type TEXT, notice_uuid TEXT, notice_url TEXT);
CREATE INDEX IF NOT EXISTS accepted_by_task ON accepted (task_id);
CREATE TABLE IF NOT EXISTS job (
    id INTEGER PRIMARY KEY, task_id TEXT NOT NULL, accepted_id INTEGER NOT NULL, part TEXT NOT NULL,
    item INTEGER NOT NULL, plan TEXT NOT NULL, price TEXT NOT NULL, at REAL NOT NULL, seconds REAL NOT NULL,
    ending TEXT, ending_value TEXT, outputs TEXT, error TEXT, rendered REAL,
    finished REAL, status TEXT, cost TEXT);
CREATE INDEX IF NOT EXISTS job_by_task ON job (task_id);
CREATE INDEX IF NOT EXISTS job_unfinished ON job (at) WHERE finished IS NULL;
CREATE TABLE IF NOT EXISTS script (
    task_id TEXT NOT NULL, number INTEGER NOT NULL, title TEXT NOT NULL, segments TEXT NOT NULL,
    PRIMARY KEY (task_id, number));
CREATE TABLE IF NOT EXISTS avatar (
    id TEXT PRIMARY KEY, uid TEXT NOT NULL, name TEXT NOT NULL, file_id TEXT NOT NULL, kind INTEGER NOT NULL,
    voice_id TEXT, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS voice (
    id TEXT PRIMARY KEY, uid TEXT NOT NULL, name TEXT NOT NULL, file_id TEXT NOT NULL,
    language TEXT NOT NULL, gender TEXT NOT NULL, seconds REAL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS board (
    id TEXT PRIMARY KEY, uid TEXT NOT NULL, name TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS notice (
    id INTEGER PRIMARY KEY, accepted_id INTEGER NOT NULL, uid TEXT NOT NULL, url TEXT NOT NULL,
    payload TEXT NOT NULL, due REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
    behind INTEGER, state TEXT NOT NULL DEFAULT 'waiting', remark TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS notice_waiting ON notice (due) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, scope TEXT NOT NULL, remaining INTEGER, value TEXT);
CREATE TABLE IF NOT EXISTS violation (
    operation TEXT NOT NULL, what TEXT NOT NULL, count INTEGER NOT NULL, last REAL NOT NULL,
    PRIMARY KEY (operation, what));
"""


class Database:
    """A connection that threads share, one at a time.

    Calls are short (no network, no rendering inside), so a lock costs less than a connection a thread.
    A killed process loses nothing that was answered: WAL keeps what is committed, and only a loss of
    power could take the last moments, which a sandbox may.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(TABLES)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside are committed together, or none; an inner one joins the outer one."""
        with self._lock:
            if self._depth:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            else:
                self._connection.execute("COMMIT")
            finally:
                self._depth -= 1

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """The first row of a query, or None."""
        with self._lock:
            found: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
            return found

    def value(self, sql: str, *values: Any) -> Any:
        """The first column of the first row, or None."""
        found = self.row(sql, *values)
        return found[0] if found else None

    def change(self, sql: str, *values: Any) -> int:
        """Run one statement; the number of rows it changed."""
        with self._lock:
            return self._connection.execute(sql, values).rowcount

    def insert(self, table: str, **values: Any) -> int:
        """Add a row; its number."""
        columns = ", ".join(values)
        marks = ", ".join("?" for _ in values)
        with self._lock:
            cursor = self._connection.execute(
                f"INSERT INTO {table} ({columns}) VALUES ({marks})", tuple(values.values())
            )
            return int(cursor.lastrowid or 0)

    def empty(self) -> None:
        """Forget everything but the settings."""
        with self.transaction():
            tables = self.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'setting'")
            for table in tables:
                self._connection.execute(f"DELETE FROM {table['name']}")

    def close(self) -> None:
        """Close the file; what was committed stays."""
        with self._lock:
            self._connection.close()
