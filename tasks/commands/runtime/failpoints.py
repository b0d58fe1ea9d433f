"""Named steps at which the crash tests kill a process. Without their setting, nothing happens here.

A test arms a step for one call by a file in the folder that the setting names; whoever comes by takes the
file away, so that each fires once, and dies as in a power cut, or halts there until everything is killed.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Protocol
from uuid import UUID

from django.conf import settings

# Every step a test may name; a test proves that each is reached.
NAMES = (
    "submit.claimed",
    "submit.files-sent",
    "submit.intent",
    "submit.answered",
    "submit.accepted",
    "refresh.leased",
    "refresh.answered",
    "refresh.moved",
    "refresh.ended",
    "refresh.written",
    "settle.answered",
    "settle.adopted",
    "save.claimed",
    "save.downloaded",
    "save.kept",
    "save.published",
    "save.written",
)
# What an armed step does: its file's content.
DIE, HALT = signal.SIGKILL.name, signal.SIGSTOP.name


class Call(Protocol):
    """A call, or a look at one, by its task and step."""

    @property
    def task_id(self) -> UUID | None:
        """None for what concerns no task."""

    @property
    def step(self) -> str:
        """The step's slug."""


def checkpoint(name: str, *calls: Call) -> None:
    """End this process here when the step is armed for one of the calls it works on."""
    if settings.CHECKPOINT_FOLDER:
        folder = Path(settings.CHECKPOINT_FOLDER)
        taken = [_take(arm_path(folder, name, one.task_id, one.step)) for one in calls]
        if action := next(filter(None, taken), None):
            os.kill(os.getpid(), signal.Signals[action])


def arm_path(folder: Path, name: str, task_id: UUID | None, step: str) -> Path:
    """The file that arms a step for a task's call. A call that starts by itself later has no id yet."""
    return folder / f"{name}@{task_id}.{step}"


def _take(file: Path) -> str:
    """What the file says; empty when there is none, or when somebody else was faster."""
    mine = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.rename(mine)
    except FileNotFoundError:
        return ""
    action = mine.read_text()
    mine.unlink()
    return action
