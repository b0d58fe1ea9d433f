"""A folder and a database of their own for one run. Used before Django reads its settings."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgres import Postgres

# Settings of the shell that would make one run unlike another.
_FORGOTTEN = (
    "DATABASE_URL",
    "PORTAL_URL",
    "NOTICE_URL",
    "EMAIL_URL",
    "MEDIA_ROOT",
    "UPLOAD_TEMP_DIR",
    "DEBUG",
    "SECRET_KEY",
    "LOG_LEVEL",
)


@contextmanager
def scratch(database: str, settings: str = "tests.benchmarks.settings") -> Iterator[Path]:
    """The environment names an empty portal on "sqlite" or "postgres"; nothing is left of it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
    server = Postgres(folder / "postgres") if database == "postgres" else None
    for name in _FORGOTTEN:
        os.environ.pop(name, None)
    try:
        if server:
            server.start()
            os.environ["DATABASE_URL"] = server.url
        os.environ["TOPVIEW_PORTAL_VAR"] = str(folder / "var")
        os.environ["DJANGO_SETTINGS_MODULE"] = settings
        yield folder
    finally:
        if server:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
