"""How many long answers run at a time: some threads of each process stay free for pages, sign-in and health.

A long answer sends or takes a file, which lasts as long as the other side likes. Nobody waits for a slot: who
gets none is told so and asked to come back.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)

# Threads of each process that no long answer ever has.
KEPT_FREE = 4
# Downloads of one person at a time, on one machine.
DOWNLOADS_EACH = 4
# What fits in here goes out, or comes in, as quickly as a page: it needs no slot.
SHORT_BYTES = 64 * 1024

Release = Callable[[], None]


class Slots:
    """So many at a time in this process, as `most` says when asked."""

    def __init__(self, most: Callable[[], int]) -> None:
        self._most = most
        self._taken = 0
        self._lock = threading.Lock()

    def take(self) -> Release | None:
        """What gives the slot back, once however often it is called; None when all are taken."""
        with self._lock:
            if self._taken >= self._most():
                return None
            self._taken += 1
        return _once(self._give_back)

    def _give_back(self) -> None:
        with self._lock:
            self._taken -= 1


long_answers = Slots(lambda: max(1, settings.WEB_THREADS - KEPT_FREE))
downloads = Slots(lambda: max(1, settings.WEB_THREADS // 2))
# Archives that are made while they are sent: each reads many files, and none can be left to the kernel.
archives = Slots(lambda: max(1, settings.WEB_THREADS // 4))
# Forms that wait for their files to be examined. Others are answered at once, with the state of their files.
waiters = Slots(lambda: max(1, settings.WEB_THREADS // 6))


def take_download_of(person: object) -> Release | None:
    """One of a person's downloads on this machine, whichever process sends it; None when they have all.

    Each is a file that is locked as long as it lasts, so a process that dies gives its slots back.
    """
    for number in range(DOWNLOADS_EACH):
        try:
            handle = _locked(settings.DOWNLOADS_FOLDER / f"{person}-{number}")
        except BlockingIOError:
            continue
        except OSError as error:
            # A full disk, perhaps: the limit of the process still holds.
            logger.warning("download.not-counted", extra={"error_class": type(error).__name__})
            return _once(lambda: None)
        return _once(partial(_unlock, handle))
    return None


def _locked(path: Path) -> int:
    """Raises BlockingIOError when somebody else has it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle


def _unlock(handle: int) -> None:
    # Said by itself: a child that was forked meanwhile has the file open, too.
    with suppress(OSError):
        fcntl.flock(handle, fcntl.LOCK_UN)
    os.close(handle)


def _once(release: Release) -> Release:
    waiting = [release]

    def give_back() -> None:
        # Popping is atomic: two threads that end the same answer give it back once.
        with suppress(IndexError):
            waiting.pop()()

    return give_back
