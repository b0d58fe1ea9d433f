"""Has a small copy made, by a child process, of a film or a recording that not every browser plays."""

from __future__ import annotations

from pathlib import Path

from tasks.media import child_process
from tasks.media.facts import Cause, Undecodable

# Longer than the child's own limit on processor time on a busy machine.
WALL_SECONDS = 900


def make_preview(path: Path, *, format: str, into: Path, max_pixels: int) -> None:
    """Write the preview of a file, whose format is known, to `into`. Raises Undecodable or NotNow."""
    question = {
        "path": str(path.resolve()),
        "format": format,
        "into": str(into.resolve()),
        "max_pixels": max_pixels,
    }
    told = child_process.ask("tasks.media.preview_child", question, seconds=WALL_SECONDS)
    if told:
        raise Undecodable(Cause.CRASHED, str(told.get("undecodable")))
