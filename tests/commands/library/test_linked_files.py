"""Uploads that are linked into the media folder instead of copied, and where they cannot be."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.core.files.storage import default_storage

from tasks.commands.library.blobs import keep_blob
from tasks.models import Membership, Workspace
from tests.media.samples import make_picture
from tests.people import make_member, make_workspace


@pytest.fixture
def member(db: None) -> Membership:
    return make_member(make_workspace())


def keep_final(workspace: Workspace, source: Path) -> Path:
    blob = keep_blob(
        workspace=workspace,
        source=source,
        sha256=hashlib.sha256(source.read_bytes()).hexdigest(),
        size=source.stat().st_size,
        media_type="image/png",
        is_final=True,
    )
    return Path(default_storage.path(str(blob.file.name)))


def test_what_nobody_changes_any_more_is_kept_without_a_copy(tmp_path: Path, member: Membership) -> None:
    source = make_picture(tmp_path / "photo.png")
    kept, content = keep_final(member.workspace, source), source.read_bytes()
    assert kept.samefile(source)
    assert kept.stat().st_mode & 0o777 == 0o640
    source.unlink()
    assert kept.read_bytes() == content


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="no second disk")
def test_what_lies_on_another_disk_is_copied(tmp_path: Path, member: Membership) -> None:
    with TemporaryDirectory(dir="/dev/shm") as elsewhere:
        source = make_picture(Path(elsewhere) / "photo.png")
        kept = keep_final(member.workspace, source)
        assert not kept.samefile(source)
        assert kept.read_bytes() == source.read_bytes()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to any group")
@pytest.mark.parametrize("is_ours_to_give", [True, False])
def test_the_group_that_a_folder_hands_on_can_read_the_file(
    tmp_path: Path, member: Membership, monkeypatch: pytest.MonkeyPatch, is_ours_to_give: bool
) -> None:
    """The web server in front reads by it."""
    media = Path(default_storage.path(""))
    media.mkdir(parents=True, exist_ok=True)
    os.chown(media, -1, 12_345)
    media.chmod(0o2750)
    source = make_picture(tmp_path / "photo.png")
    if not is_ours_to_give:
        monkeypatch.setattr(os, "chown", forbidden)
    kept = keep_final(member.workspace, source)
    assert kept.samefile(source) == is_ours_to_give
    assert kept.stat().st_gid == 12_345


def forbidden(*_arguments: object) -> None:
    raise PermissionError
