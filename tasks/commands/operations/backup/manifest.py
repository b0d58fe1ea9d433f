"""What a backup consists of, as it stands in its `manifest.json`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

from tasks.commands.operations.backup.files import replace_text

NAME = "manifest.json"
FORMAT = 1

# Told what is being done, a line at a time.
Say: TypeAlias = Callable[[str], None]


class BackupFailed(Exception):
    """It cannot be done; `str()` is for operators and names the file or the setting."""


@dataclass(frozen=True)
class Entry:
    """One file: its name below the backup's folder, its length and its hash."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Table:
    """A table that lies in a file of its own: its columns as they stand there, and its sequences' values."""

    name: str
    file: str
    columns: list[str]
    sequences: dict[str, tuple[int, bool]]


@dataclass(frozen=True)
class Manifest:
    """All of a backup. `keys` are fingerprints of the vault's keys that it needs; the keys are elsewhere."""

    made_at: str
    portal: str
    vendor: str
    migrations: list[tuple[str, str]]
    database: list[Entry]
    media: list[Entry]
    keys: list[str]
    damaged: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    others: list[Entry] = field(default_factory=list)
    format: int = FORMAT

    def entries(self) -> Iterator[Entry]:
        yield from self.database
        yield from self.media
        yield from self.others

    @property
    def size(self) -> int:
        return sum(entry.size for entry in self.entries())


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Make the folder a backup: from now on it is that of this manifest, and no earlier one's."""
    replace_text(folder / NAME, json.dumps(asdict(manifest), indent=1))


def read_manifest(folder: Path) -> Manifest:
    """Raises BackupFailed when the folder holds no whole backup, or one of a form that is not known here."""
    try:
        text = (folder / NAME).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BackupFailed(
            f"{folder} holds no finished backup: there is no {NAME}, which is written last."
        ) from None
    try:
        found: dict[str, Any] = json.loads(text)
        if found["format"] != FORMAT:
            raise BackupFailed(
                f"{folder} is a backup of format {found['format']}; this portal reads {FORMAT}."
            )
        return _read(found)
    except (KeyError, TypeError, ValueError) as error:
        raise BackupFailed(f"{folder / NAME} cannot be read: {error!r}.") from None


def _read(found: dict[str, Any]) -> Manifest:
    entries = {
        name: [Entry(_below(one["name"]), int(one["size"]), str(one["sha256"])) for one in found[name]]
        for name in ("database", "media", "others")
    }
    tables = [
        Table(
            one["name"],
            _below(one["file"]),
            list(one["columns"]),
            {name: (int(value), bool(called)) for name, (value, called) in one["sequences"].items()},
        )
        for one in found["tables"]
    ]
    migrations = [(str(app), str(name)) for app, name in found["migrations"]]
    return Manifest(**{**found, **entries, "tables": tables, "migrations": migrations})


def _below(name: str) -> str:
    """A name that leads out of the backup's folder is no name of ours."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError(f"the name {name!r}")
    return name
