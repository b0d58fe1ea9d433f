"""`manage.py verify_delivery`, on what was delivered and on what became of it."""

from __future__ import annotations

import hashlib
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tasks.models import Membership, Package, Role, Verdict
from tests.delivering import approved_version, bytes_of, opened, package_of
from tests.people import make_blob, make_member, make_stranger
from tests.reviewing import judge, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def package(mark: Membership, rita: Membership) -> Package:
    return package_of(mark, *(approved_version(mark, rita, title=title) for title in ("Cup", "Plate")))


@pytest.fixture
def folder(package: Package, tmp_path: Path) -> Path:
    opened(package).extractall(tmp_path / "out")
    return tmp_path / "out"


def verify(path: Path) -> str:
    said = StringIO()
    call_command("verify_delivery", str(path), stdout=said)
    return said.getvalue()


def faults(path: Path) -> str:
    said = StringIO()
    with pytest.raises(CommandError) as ended:
        call_command("verify_delivery", str(path), stdout=said)
    return f"{said.getvalue()}{ended.value}"


def test_a_delivery_is_recognised_as_archive_and_as_folder(
    package: Package, folder: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "delivery.zip"
    archive.write_bytes(bytes_of(package))
    for path in (archive, folder):
        said = verify(path)
        assert "approved      cup-v1.mp4  (by Rita, 20" in said
        assert "All 3 files are as they were delivered." in said


def test_what_was_changed_taken_out_or_put_in_is_told(folder: Path) -> None:
    (folder / "cup-v1.mp4").write_bytes(b"another film")
    (folder / "plate-v1.mp4").unlink()
    (folder / "virus.exe").write_bytes(b"")
    said = faults(folder)
    assert "CHANGED       cup-v1.mp4" in said
    assert "MISSING       plate-v1.mp4" in said
    assert "EXTRA         virus.exe" in said
    assert "3 of 4 files" in said


def test_a_damaged_archive_is_told_from_a_whole_one(package: Package, tmp_path: Path) -> None:
    whole, archive = bytes_of(package), tmp_path / "delivery.zip"
    place = whole.index(b"film ")
    archive.write_bytes(whole[:place] + b"F" + whole[place + 1 :])
    assert "CHANGED" in faults(archive)
    archive.write_bytes(whole[:-40])
    assert "cannot be read" in faults(archive)


def test_a_forgery_with_sums_that_fit_is_found(folder: Path) -> None:
    forged = b"another film"
    digest = hashlib.sha256(forged).hexdigest()
    manifest = json.loads((folder / "manifest.json").read_text())
    (file,) = [one for one in manifest["files"] if one["path"] == "cup-v1.mp4"]
    file["sha256"] = digest
    text = json.dumps(manifest)
    (folder / "manifest.json").write_text(text)
    (folder / "cup-v1.mp4").write_bytes(forged)
    sums = {"manifest.json": hashlib.sha256(text.encode()).hexdigest(), "cup-v1.mp4": digest}
    lines = [line.split("  ", 1) for line in (folder / "SHA256SUMS").read_text().splitlines()]
    (folder / "SHA256SUMS").write_text("".join(f"{sums.get(name, old)}  {name}\n" for old, name in lines))
    said = faults(folder)
    assert "DIFFERS       cup-v1.mp4" in said and "DIFFERS       manifest.json" in said
    assert "approved      plate-v1.mp4" in said


def test_an_approval_that_was_withdrawn_since_is_told(
    package: Package, folder: Path, rita: Membership
) -> None:
    entry = package.entries.get(name="cup-v1.mp4")
    assert entry.version is not None
    judge(entry.version, rita, Verdict.WITHDRAWN)
    assert "NOT APPROVED  cup-v1.mp4  (stands as: Approval withdrawn)" in faults(folder)


def test_a_manifest_that_names_the_version_of_another_workspace_tells_nothing_of_it(
    mark: Membership, tmp_path: Path
) -> None:
    mine, stranger = make_version(mark), make_stranger()
    with mine.blob.file.open("rb") as file:
        theirs = make_version(stranger, blob=make_blob(stranger.workspace, file.read(), "video/mp4"))
    judge(theirs, make_member(stranger.workspace, Role.REVIEWER, "Olga"))
    opened(package_of(mark, mine, only_approved=False)).extractall(tmp_path / "out")
    manifest = tmp_path / "out" / "manifest.json"
    manifest.write_text(manifest.read_text().replace(str(mine.pk), str(theirs.pk)))
    said = faults(tmp_path / "out")
    assert "this portal has no such version" in said and "Olga" not in said


def test_what_was_delivered_unapproved_on_purpose_is_no_fault(mark: Membership, tmp_path: Path) -> None:
    opened(package_of(mark, make_version(mark), only_approved=False)).extractall(tmp_path / "out")
    assert "(stands as: In review)" in verify(tmp_path / "out")


def test_a_package_of_another_portal_is_unknown(package: Package, folder: Path) -> None:
    package.delete()
    assert "UNKNOWN       cup-v1.mp4" in faults(folder)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "other", "files": []}', '{"format": 1'])
def test_what_has_no_manifest_is_no_delivery(text: str, folder: Path) -> None:
    (folder / "manifest.json").write_text(text)
    assert "manifest.json" in faults(folder)
    assert "cannot be read" in faults(folder / "SHA256SUMS")
