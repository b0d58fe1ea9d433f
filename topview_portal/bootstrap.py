"""What a fresh installation makes for itself: its folders and its keys."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from topview_portal.env import is_vault_key


@dataclass(frozen=True, repr=False)
class Keys:
    """`session` signs sessions and queue messages; `vault` encrypts credentials."""

    session: str
    vault: str


def make_folders(parent: Path, *names: str) -> None:
    """Make the named folders below `parent`, for its owner and group. Raises ImproperlyConfigured."""
    with _of_the_portals_user(parent):
        for name in names:
            (parent / name).mkdir(parents=True, exist_ok=True, mode=0o750)


def close_to_others(folder: Path) -> None:
    """Take all rights of group and others from the folder, what lies right in it, and its logs.

    Nobody passes through the folder then, so what lies deeper need not be walked.
    """
    for path in (folder, *folder.iterdir(), *folder.glob("log/*")):
        if not path.is_symlink():
            # Whoever owns a part of it has closed it, or has not: it is not ours to change.
            with suppress(PermissionError):
                path.chmod(path.stat().st_mode & ~0o077)


def read_or_make_keys(parent: Path) -> Keys:
    """Read the keys in `parent`/keys, making those that are missing with mode 0600.

    Raises ImproperlyConfigured with the file of a key that is none.
    """
    folder = parent / "keys"
    with _of_the_portals_user(parent):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        session = _read_or_make(folder / "session.key", secrets.token_urlsafe(50))
        vault = _read_or_make(folder / "vault.key", Fernet.generate_key().decode())
    if not session or not is_vault_key(vault):
        damaged = "vault.key" if session else "session.key"
        raise ImproperlyConfigured(
            f"keys/{damaged} in TOPVIEW_PORTAL_VAR is damaged. Put its backup in its place."
        )
    return Keys(session, vault)


@contextmanager
def _of_the_portals_user(parent: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        place = os.path.relpath(error.filename or parent, parent)
        raise ImproperlyConfigured(
            "TOPVIEW_PORTAL_VAR must be a folder that this user may read and write, with all in it: "
            f"{'the folder' if place.startswith('.') else place}: {error.strerror}."
        ) from None


def _read_or_make(path: Path, fresh: str) -> str:
    """The file's text. Two processes that start at once agree, because a link never replaces a file."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(fresh)
            file.flush()
            # What the vault encrypts is on disk soon; its key must be there before.
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text().strip()
