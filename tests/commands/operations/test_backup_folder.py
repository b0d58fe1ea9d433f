"""A backup tidies up what it has made itself in its folder, and nothing else there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError

from tasks.commands.operations.backup.manifest import NAME
from tasks.models import Workspace
from tests.commands.backups import back_up, in_backup, place
from tests.people import make_blob

__all__ = ["place"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_an_operator_keeps_beside_a_backup_stays(studio: Workspace, place: Path) -> None:
    back_up(place)
    shutil.copytree(place, place / "weekly")
    theirs = [place / "keys.env", place / "database-notes" / "why.txt", *(place / "weekly").rglob("*")]
    theirs += [place / ".their.part", place / "empty"]
    (place / "empty").mkdir()
    for path in theirs:
        path.parent.mkdir(exist_ok=True)
        path.touch()
    make_blob(studio, b"new", "image/png")

    back_up(place)

    assert [path for path in theirs if not path.exists()] == []
    assert "is whole" in back_up(place / "weekly", "--verify")


def test_what_an_earlier_backup_left_of_itself_is_removed(studio: Workspace, place: Path) -> None:
    blob = make_blob(studio, b"precious", "image/png")
    back_up(place)
    earlier = next(place.glob("database-*"))
    half = [place / f".{NAME}.part", in_backup(place, blob).with_name(".abcd.part")]
    gone = in_backup(place, blob).parent.with_name("zz") / "abcd"
    gone.parent.mkdir()
    for path in (*half, gone):
        path.touch()

    back_up(place)

    assert not any(path.exists() for path in (*half, gone, gone.parent, earlier))
    assert in_backup(place, blob).read_bytes() == b"precious"


def test_a_folder_with_other_things_is_left_alone(db: None, place: Path) -> None:
    place.mkdir()
    (place / "thesis.txt").write_text("years of work")

    with pytest.raises(CommandError, match="is not empty"):
        back_up(place)

    assert [path.name for path in place.iterdir()] == ["thesis.txt"]
