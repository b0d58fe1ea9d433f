"""Who may use a folder: one `run` at a time, no `reset` beside it, one backup into a place."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyLocked(Exception):
    """Another process holds the folder."""


@contextmanager
def lock_folder(folder: Path, name: str = "run.lock") -> Iterator[None]:
    """Hold `folder` until the block ends or the process dies. Raises AlreadyLocked when another has it."""
    with (folder / name).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyLocked(str(folder)) from error
        yield
