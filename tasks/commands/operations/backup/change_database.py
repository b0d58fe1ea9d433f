"""Loads the SQLite database of a backup into this portal's PostgreSQL, table by table, in one transaction."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, connections, models, transaction

from tasks.commands.operations.backup.manifest import BackupFailed, Manifest

# The name under which the backup's database is open meanwhile.
ALIAS = "backup"
_ROWS = 500


def load_sqlite_into_postgresql(folder: Path, manifest: Manifest, settle_down: Callable[[], int]) -> int:
    """Put its rows in the place of this database's, and return what `settle_down` does. Raises BackupFailed.

    The backup is of the portal version that is installed here: its tables have the columns of the models.
    """
    with _opened(folder / manifest.database[0].name), transaction.atomic():
        call_command("migrate", interactive=False, verbosity=0)
        # Those of the portal and of its libraries; not those of Django's own bookkeeping.
        every = apps.get_models(include_auto_created=True)
        tables = [model for model in every if model._meta.managed and not model._meta.proxy]
        with connection.cursor() as cursor:
            names = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in tables)
            cursor.execute(f"TRUNCATE {names} CASCADE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for model in tables:
            _copy_rows(model)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), tables):
                cursor.execute(statement)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        call_command("createcachetable", verbosity=0)
        return settle_down()


@contextmanager
def _opened(file: Path) -> Iterator[None]:
    """The backup's database as a second one of Django's; a copy of it, since opening may write."""
    with tempfile.TemporaryDirectory(dir=settings.VAR) as place:
        copy = Path(place) / file.name
        shutil.copyfile(file, copy)
        like = connection.settings_dict
        connections.settings[ALIAS] = {
            **like,
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(copy),
            "OPTIONS": {},
        }
        try:
            yield
        finally:
            connections[ALIAS].close()
            del connections[ALIAS]
            del connections.settings[ALIAS]


def _copy_rows(model: type[models.Model]) -> None:
    """Rows as they are: without signals and defaults."""
    rows = model._base_manager.using(ALIAS).order_by("pk").iterator(chunk_size=_ROWS)
    try:
        while some := list(islice(rows, _ROWS)):
            for row in some:
                row._state.db = None
            model._base_manager.using("default").bulk_create(some)
    except DatabaseError as error:
        raise BackupFailed(f"The table {model._meta.db_table} does not fit PostgreSQL: {error}") from error
