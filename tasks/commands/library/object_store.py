"""Reads from an object store in pieces: nothing is fetched whole, and no connection stays half read."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.storage import Storage

# As much as an open-ended range is answered with.
_PIECE_BYTES = 2 * 1024 * 1024


class StorageFailed(OSError):
    """Our own store did not do what it was asked; it may later. The text names the cause for the log."""


@contextmanager
def failures_named() -> Iterator[None]:
    """Turn what an object store's library raises into StorageFailed: nobody above knows that library."""
    try:
        yield
    except _store_errors() as error:
        response = getattr(error, "response", None) or {}
        code = response.get("Error", {}).get("Code", "")
        raise StorageFailed(f"{type(error).__name__} {code}".strip()) from error


def _store_errors() -> tuple[type[Exception], ...]:
    """What its library raises. It takes long to import: where nobody has done so, it has raised nothing."""
    if "botocore" not in sys.modules:
        return ()
    from boto3.exceptions import Boto3Error  # type: ignore[import-untyped]  # it has no stubs
    from botocore.exceptions import (  # type: ignore[import-untyped]  # it has no stubs
        BotoCoreError,
        ClientError,
    )

    return Boto3Error, BotoCoreError, ClientError


def is_object_store(storage: Storage) -> bool:
    """Whether it hands out objects of S3's API."""
    return hasattr(storage, "bucket_name")


class ObjectReader(io.RawIOBase):
    """A stored object as a file that can be read from any place. Raises FileNotFoundError, StorageFailed."""

    def __init__(self, storage: Storage, name: str) -> None:
        super().__init__()
        with failures_named():
            self._object: Any = storage.open(name, "rb").obj  # type: ignore[attr-defined]  # an S3File
            self._size = int(self._object.content_length)
        self._at = 0
        self._piece, self._piece_at = b"", 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place; nothing is fetched by that."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        """What the current piece has of it; a new piece is fetched when it has none."""
        if self._at >= self._size:
            return 0
        if not self._piece_at <= self._at < self._piece_at + len(self._piece):
            last = min(self._at + _PIECE_BYTES, self._size) - 1
            with failures_named():
                self._piece = self._object.get(Range=f"bytes={self._at}-{last}")["Body"].read()
            self._piece_at = self._at
            if len(self._piece) != last - self._at + 1:
                raise StorageFailed("a piece came short")
        start = self._at - self._piece_at
        found = self._piece[start : start + len(buffer)]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)
