"""What a command says when what was asked does not fit any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasks.models import Task


class NotPossible(Exception):
    """Things have moved on, so what was asked no longer fits. `str()` is for people."""


class FollowedElsewhere(NotPossible):
    """A call follows that task at TopView already; `task` is its own, where whoever asked may know it."""

    def __init__(self, words: str, task: Task | None) -> None:
        super().__init__(words)
        self.task = task


class ReasonNeeded(NotPossible):
    """It was paid before, or may have been: whoever starts it once more must say why.

    `duplicate` is the other task that may be the same paid work, where that is why.
    """

    def __init__(self, words: str, *, duplicate: Task | None = None) -> None:
        super().__init__(words)
        self.duplicate = duplicate
