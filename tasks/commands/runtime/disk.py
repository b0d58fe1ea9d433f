"""How much room the disks under the portal's folders have left, as this process sees them.

Web and worker may stand on different machines, so each looks for itself; what the worker finds travels with
its heartbeat.
"""

from __future__ import annotations

import shutil
from enum import StrEnum
from errno import EDQUOT, ENOSPC
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages


class Room(StrEnum):
    ENOUGH = "ok"
    LOW = "low"
    FULL = "full"


class Disk(NamedTuple):
    """The disk under one of the portal's folders, in bytes."""

    folder: str  # media, temporary or database
    free: int
    total: int

    @property
    def room(self) -> Room:
        """How the free bytes compare with the two limits of the settings."""
        return room_of(self.free)


def room_of(free: int) -> Room:
    """The same for a number of free bytes."""
    if free < settings.DISK_FULL_BYTES:
        return Room.FULL
    return Room.LOW if free < settings.DISK_LOW_BYTES else Room.ENOUGH


def disks() -> list[Disk]:
    """One for each folder that stands on a disk of its own; cheap, it reads no file."""
    # Where the portal writes by itself. Neither an object store nor PostgreSQL has a folder here.
    folders = [("temporary", Path(settings.FILE_UPLOAD_TEMP_DIR))]
    if isinstance(media := storages["default"], FileSystemStorage):
        folders.insert(0, ("media", Path(media.location)))
    if (database := settings.DATABASES["default"])["ENGINE"].endswith("sqlite3"):
        folders.append(("database", Path(database["NAME"]).parent))
    found: dict[int, Disk] = {}
    for name, folder in folders:
        try:
            device = folder.stat().st_dev
            usage = shutil.disk_usage(folder)
        except OSError:
            # Not made yet, or not mounted: whoever writes there says so.
            continue
        found.setdefault(device, Disk(name, usage.free, usage.total))
    return list(found.values())


def is_full(*, beside: int = 0) -> bool:
    """Whether too little is left for new work here, once `beside` more bytes have been written."""
    return any(room_of(disk.free - beside) is Room.FULL for disk in disks())


def is_out_of_room(error: OSError) -> bool:
    """Whether writing failed since a disk, or somebody's share of it, is full."""
    return error.errno in (ENOSPC, EDQUOT)
