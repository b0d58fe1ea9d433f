"""Fixtures that give each process of a run its database: a copy of one that is migrated once.

Migrating costs seconds of work, and every process and every portal of a run needs the same empty tables.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import TransactionTestCase

from tests.servers import FOLDER_VARIABLE

_NAME = "migrated"
# Without looking for garbage, of which models as they were are full: a quarter of the work.
_MIGRATE = """
import gc
gc.disable()
import django
django.setup()
from tasks.management.preparation import prepare_database
prepare_database()
"""
# Rows that migrating has made, and that no test changes.
_KEPT = {"auth_permission", "django_content_type"}


def pytest_configure() -> None:
    """Have tests with transactions of their own leave an empty database in less time."""
    TransactionTestCase._fixture_teardown = _empty_tables  # type: ignore[attr-defined]


def _empty_tables(_case: TransactionTestCase) -> None:
    """Delete all rows. Django truncates every table, and makes anew the rows that are kept here."""
    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - _KEPT
    quoted = {name: connection.ops.quote_name(name) for name in sorted(tables)}
    questions = [f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {it})" for name, it in quoted.items()]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(questions))
        for (name,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {quoted[name]}")


@pytest.fixture(scope="session")
def migrated_sqlite() -> Path:
    """A SQLite file with every table and no row."""
    path = _folder() / _NAME / "db.sqlite3"
    with _once("sqlite") as is_first:
        if is_first:
            _migrate(DATABASE_URL="", TOPVIEW_PORTAL_VAR=str(path.parent))
    return path


@pytest.fixture(scope="session")
def migrated_postgres() -> str:
    """The name of a database with every table and no row, on the run's PostgreSQL; nobody is connected."""
    server = os.environ["DATABASE_URL"]
    with _once("postgres") as is_first:
        if is_first:
            import psycopg

            with psycopg.connect(server, autocommit=True) as administration:
                administration.execute(f"CREATE DATABASE {_NAME}")
            _migrate(DATABASE_URL=f"{server.rpartition('/')[0]}/{_NAME}")
    return _NAME


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Django takes the SQLite file that it finds; the folder of the run goes away by itself."""
    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, request: pytest.FixtureRequest
) -> None:
    """Put the copy where Django makes the test's database."""
    test = connection.settings_dict["TEST"]
    test["MIGRATE"] = False
    if connection.vendor == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), test["NAME"])
    else:
        test["TEMPLATE"] = request.getfixturevalue("migrated_postgres")


def _folder() -> Path:
    return Path(os.environ[FOLDER_VARIABLE])


@contextmanager
def _once(kind: str) -> Iterator[bool]:
    """Whether this is the first process of the run here; the others wait until it is done."""
    done = _folder() / f"{_NAME}-{kind}.done"
    with (_folder() / f"{_NAME}-{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield not done.exists()
        done.touch()


def _migrate(**variables: str) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", **variables}
    environment["PYTHONPATH"] = str(settings.BASE_DIR)
    subprocess.run([sys.executable, "-c", _MIGRATE], cwd=settings.BASE_DIR, env=environment, check=True)
