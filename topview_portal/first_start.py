"""What a fresh installation makes for itself: its folders and its keys."""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet


@dataclass(frozen=True, repr=False)
class Keys:
    """`session` signs sessions and queue messages; `vault` encrypts credentials."""

    session: str
    vault: str


def make_folders(parent: Path, *names: str) -> None:
    """Make the named folders below `parent`, for the owner and its group alone."""
    for name in names:
        (parent / name).mkdir(parents=True, exist_ok=True, mode=0o750)


def read_or_make_keys(folder: Path) -> Keys:
    """Read the keys in `folder`, making those that are missing with mode 0600."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Keys(
        session=_read_or_make(folder / "session.key", secrets.token_urlsafe(50)),
        vault=_read_or_make(folder / "vault.key", Fernet.generate_key().decode()),
    )


def _read_or_make(path: Path, fresh: str) -> str:
    """The file's text. Two processes that start at once agree, because a link never replaces a file."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(fresh)
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text().strip()
