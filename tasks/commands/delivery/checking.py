"""Compares a delivered archive or folder with its sums, its manifest, and what this portal knows of it."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, Protocol
from uuid import UUID

from tasks.commands.delivery.approval import approved
from tasks.commands.delivery.manifest import FORMAT, MANIFEST, SUMS
from tasks.models import Decision, Package, Verdict, Version

# A manifest is text about at most some hundreds of files.
_LONGEST_TEXT = 32 * 1024 * 1024


class NotADelivery(Exception):
    """It has no manifest and sums that could be read. The text says why."""


class Verdicts(StrEnum):
    """What is said of a file; all but the first two are faults."""

    APPROVED = "approved"
    OK = "ok"
    CHANGED = "CHANGED"  # other bytes than its sum says
    MISSING = "MISSING"
    EXTRA = "EXTRA"  # nothing says that it belongs here
    DIFFERS = "DIFFERS"  # not what this portal delivered under that name
    UNKNOWN = "UNKNOWN"  # this portal knows nothing of it
    NOT_APPROVED = "NOT APPROVED"


@dataclass(frozen=True)
class Line:
    """What was found about one file."""

    verdict: Verdicts
    name: str
    detail: str = ""

    @property
    def is_fault(self) -> bool:
        return self.verdict not in (Verdicts.OK, Verdicts.APPROVED)


class _Files(Protocol):
    def names(self) -> list[str]:
        """Of all files, relative to the top."""

    def open(self, name: str) -> IO[bytes]:
        """Raises KeyError or OSError."""


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        files = (one for one in self._path.rglob("*") if one.is_file())
        return [one.relative_to(self._path).as_posix() for one in files]

    def open(self, name: str) -> IO[bytes]:
        if name not in self.names():
            raise KeyError(name)
        return (self._path / name).open("rb")


class _Archive:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def names(self) -> list[str]:
        return [one.filename for one in self._archive.infolist() if not one.is_dir()]

    def open(self, name: str) -> IO[bytes]:
        return self._archive.open(name)


@contextmanager
def _opened(path: Path) -> Iterator[_Files]:
    if path.is_dir():
        yield _Folder(path)
        return
    try:
        with zipfile.ZipFile(path) as archive:
            yield _Archive(archive)
    except (zipfile.BadZipFile, OSError) as error:
        raise NotADelivery(f"{path} cannot be read: {error}") from error


def check_delivery(path: Path) -> list[Line]:
    """One line for each file that is there, or should be. Raises NotADelivery."""
    with _opened(path) as files:
        manifest, sums = _manifest(files), _sums(files)
        package = Package.objects.filter(pk=_uuid(manifest.get("package"))).first()
        frozen = dict(package.entries.values_list("name", "sha256")) if package else {}
        told = {one["path"]: one for one in manifest["files"]}
        lines = [_line(files, name, sums, frozen, told.get(name), package) for name in (MANIFEST, *told)]
        known = {MANIFEST, SUMS, *told}
        lines += [Line(Verdicts.EXTRA, name) for name in files.names() if name not in known]
        lines += [Line(Verdicts.MISSING, name) for name in sums if name not in known]
    return lines


def _line(
    files: _Files,
    name: str,
    sums: dict[str, str],
    frozen: dict[str, str],
    facts: dict[str, Any] | None,
    package: Package | None,
) -> Line:
    try:
        with files.open(name) as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # of a ZIP, too
    except KeyError:
        return Line(Verdicts.MISSING, name)
    except (zipfile.BadZipFile, OSError) as error:
        return Line(Verdicts.CHANGED, name, str(error))
    if found != sums.get(name) or (facts and found != facts.get("sha256")):
        return Line(Verdicts.CHANGED, name, f"sha256 {found}")
    if package is None:
        return Line(Verdicts.UNKNOWN, name, "this portal made no such package")
    if found != frozen.get(name):
        return Line(Verdicts.DIFFERS, name, "not what was delivered under this name")
    if facts is None or "version_id" not in facts:
        return Line(Verdicts.OK, name)
    return _decided(name, found, _uuid(facts["version_id"]), package)


def _decided(name: str, sha256: str, version_id: UUID, package: Package) -> Line:
    rows = Version.objects.filter(pk=version_id, workspace=package.workspace_id)
    version = rows.first()
    if version is None:
        return Line(Verdicts.UNKNOWN, name, "this portal has no such version")
    if not approved(rows.filter(blob__sha256=sha256)).exists():
        verdict = Verdicts.NOT_APPROVED if package.only_approved else Verdicts.OK
        return Line(verdict, name, f"stands as: {version.get_state_display()}")
    given = Decision.objects.filter(version=version, verdict=Verdict.APPROVED, sha256=sha256)
    last = given.order_by("-at").first()
    assert last is not None, "it is approved"
    return Line(Verdicts.APPROVED, name, f"by {last.person_name}, {last.at:%Y-%m-%d %H:%M} UTC")


def _manifest(files: _Files) -> dict[str, Any]:
    try:
        manifest = json.loads(_text(files, MANIFEST))
        if manifest["format"] != FORMAT or not all("path" in one for one in manifest["files"]):
            raise NotADelivery(f"{MANIFEST} is of another form")
    except (ValueError, KeyError, TypeError) as error:
        raise NotADelivery(f"{MANIFEST} cannot be read") from error
    return dict(manifest)


def _sums(files: _Files) -> dict[str, str]:
    pairs = (line.split("  ", 1) for line in _text(files, SUMS).splitlines() if line)
    try:
        return {name: digest for digest, name in pairs}
    except ValueError as error:
        raise NotADelivery(f"{SUMS} cannot be read") from error


def _text(files: _Files, name: str) -> str:
    try:
        with files.open(name) as file:
            return file.read(_LONGEST_TEXT).decode()
    except (KeyError, OSError, zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise NotADelivery(f"{name} is not in it, or cannot be read") from error


def _uuid(text: object) -> UUID:
    """The one that no row has where the text is none."""
    try:
        return UUID(str(text))
    except ValueError:
        return UUID(int=0)
