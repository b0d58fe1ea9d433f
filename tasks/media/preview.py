"""Has a small copy made, by a child process, of a film or a recording that not every browser plays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tasks.media.examiner import ending
from tasks.media.facts import Cause, Undecodable

# Longer than the child's own limit on processor time on a busy machine.
WALL_SECONDS = 900
_ROOT = Path(__file__).resolve().parents[2]


def make_preview(path: Path, *, format: str, into: Path, max_pixels: int) -> None:
    """Write the preview of a file, whose format is known, to `into`. Raises Undecodable or NotNow."""
    question = {
        "path": str(path.resolve()),
        "format": format,
        "into": str(into.resolve()),
        "max_pixels": max_pixels,
    }
    try:
        ended = subprocess.run(
            [sys.executable, "-s", "-m", "tasks.media.preview_child", json.dumps(question)],
            cwd=_ROOT,
            # It gets no variables of ours: those hold keys.
            env={"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=WALL_SECONDS,
            check=False,
        )
        told = json.loads(ended.stdout) if ended.returncode == 0 else None
    except subprocess.TimeoutExpired:
        raise Undecodable(Cause.TOO_SLOW, f"more than {WALL_SECONDS} seconds") from None
    except ValueError:
        told = None
    if ended.returncode:
        raise ending(ended.returncode)
    if told != {}:
        refused = isinstance(told, dict) and told.get("undecodable")
        raise Undecodable(Cause.CRASHED, str(refused or f"it ended with {ended.returncode}"))
