"""What tests of backups share: where one goes, and the two commands."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from tasks.models import Blob


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the backup goes."""
    return tmp_path / "backup"


def back_up(place: Path, *options: str) -> str:
    """What the command says."""
    said = StringIO()
    call_command("backup", str(place), *options, stdout=said)
    return said.getvalue()


def restore(place: Path, *options: str) -> str:
    """The same of the way back."""
    said = StringIO()
    call_command("restore", str(place), *options, stdout=said, stderr=said)
    return said.getvalue()


def in_backup(place: Path, blob: Blob) -> Path:
    """Where the backup has the bytes."""
    return place / "media" / str(blob.file.name)
