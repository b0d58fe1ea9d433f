"""Files of a backup: readable by their owner alone, whole or not there, and measured as they are written."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO

_PIECE = 1024 * 1024


def make_folder(folder: Path) -> Path:
    """Make a folder, and those around it that are missing, for their owner alone."""
    for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
    return folder


@contextmanager
def written(target: Path) -> Iterator[BinaryIO]:
    """A file to fill beside the target, which takes its place only when all went well."""
    make_folder(target.parent)
    part = target.with_name(f".{target.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def copy(source: IO[bytes], into: IO[bytes]) -> tuple[int, str]:
    """Copy to the end; the length and the SHA-256 of what was copied."""
    digest, size = hashlib.sha256(), 0
    while piece := source.read(_PIECE):
        into.write(piece)
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()


def measure(path: Path) -> tuple[int, str]:
    """The length and the SHA-256 of a file."""
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def replace_text(path: Path, text: str) -> None:
    """Write a small file in one step."""
    with written(path) as file:
        file.write(text.encode())


def remove_others(folders: Iterable[Path], keep: set[Path]) -> None:
    """Delete every file below these folders that is not to be kept, and what folders are empty then.

    Name only folders that are all ours: what a person has put there is deleted too.
    """
    for folder in folders:
        for path in sorted(folder.rglob("*"), reverse=True):
            if path.is_dir() and not path.is_symlink():
                _remove_if_empty(path)
            elif path not in keep:
                path.unlink()
        _remove_if_empty(folder)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()
