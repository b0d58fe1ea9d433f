"""Published files without a row go after a day; whatever a row names, or may soon name, stays."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from tasks.commands.library.blobs import keep_file, open_blob
from tasks.commands.operations import orphans
from tasks.commands.operations.sweep import OLD, sweep, sweep_orphans
from tasks.models import Blob, Membership, Status, Submission
from tests.people import make_member, make_workspace
from tests.views.rows import make_submission, make_task

CONTENT = b"bytes of a film"


@pytest.fixture
def member(db: None) -> Membership:
    return make_member(make_workspace())


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    """A media folder of this test's own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir()
    return Path(settings.MEDIA_ROOT)


def age(path: Path) -> Path:
    before = time.time() - OLD.total_seconds() - 60
    os.utime(path, (before, before))
    return path


def source(folder: Path, content: bytes = CONTENT) -> Path:
    path = folder / "source"
    path.write_bytes(content)
    return path


def files_below(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def orphan(member: Membership, folder: Path, monkeypatch: pytest.MonkeyPatch, media: Path) -> Path:
    """What a database that is locked just then leaves: a file in its place and no row."""

    def fail(*_arguments: Any, **_named: Any) -> Any:
        raise OperationalError("database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(Blob, "save", fail)
        with pytest.raises(OperationalError):
            keep_file(workspace=member.workspace, source=source(folder), media_type="video/mp4")
    [left] = files_below(media)
    return left


def test_a_file_that_never_got_its_row_goes_after_a_day(
    member: Membership, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, media: Path
) -> None:
    left = orphan(member, tmp_path, monkeypatch, media)
    sweep()
    assert left.exists(), "its row may still come"
    age(left)
    sweep()
    assert files_below(media) == []


def test_a_file_with_a_row_stays_however_old(member: Membership, tmp_path: Path, media: Path) -> None:
    blob = keep_file(workspace=member.workspace, source=source(tmp_path), media_type="video/mp4")
    age(Path(blob.file.path))
    sweep_orphans()
    with open_blob(blob) as kept:
        assert kept.read() == CONTENT


def test_what_others_keep_in_the_media_folder_stays(db: None, media: Path) -> None:
    digest = hashlib.sha256(CONTENT).hexdigest()
    for name in (f"notes/ab/{digest[:-1]}", "thesis.txt", f"too/deep/ab/{digest}"):
        path = media / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(CONTENT)
        age(path)
    sweep_orphans()
    assert len(files_below(media)) == 3


def test_bytes_that_are_stored_again_while_their_old_file_is_swept_stay(
    member: Membership, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, media: Path
) -> None:
    left = age(orphan(member, tmp_path, monkeypatch, media))
    real = orphans._is_older
    made: list[Blob] = []

    def store_meanwhile(path: Path, than: Any) -> bool:
        # After the sweep has found the old file, and before it takes it away.
        found = real(path, than)
        if path == left and not made:
            made.append(
                keep_file(workspace=member.workspace, source=source(tmp_path), media_type="video/mp4")
            )
        return found

    monkeypatch.setattr(orphans, "_is_older", store_meanwhile)
    sweep_orphans()
    with open_blob(made[0]) as kept:
        assert kept.read() == CONTENT


def test_nothing_goes_while_calls_are_on_hold_after_a_restore(
    member: Membership, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, media: Path
) -> None:
    left = age(orphan(member, tmp_path, monkeypatch, media))
    call = make_submission(make_task(member, status=Status.FAILED), Status.QUEUED)
    Submission.objects.filter(pk=call.pk).update(quarantined_at=timezone.now())
    sweep_orphans()
    assert left.exists()
