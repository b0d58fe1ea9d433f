"""Makes of a file what a field of TopView takes, and what may leave the house, in a child process.

What no field takes is converted when it comes. Whatever is sent is cleaned: upright, unmirrored, and without
the place where it was taken.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from tasks.media import child_process
from tasks.media.facts import Cause, MediaError, Role, TooManyPixels, Undecodable

# What is made of a format that no field takes.
ON_ARRIVAL = {
    **dict.fromkeys(("heic", "avif", "tiff"), "jpg"),
    "gif": "png",
    **dict.fromkeys(("avi", "webm", "mkv", "3gp", "ogv"), "mp4"),
    **dict.fromkeys(("ogg", "flac", "aiff"), "mp3"),
    # Its frames fit into the other container as they are.
    "aac": "m4a",
}
# What can be made for a field, the best first.
_MADE: dict[Role, tuple[str, ...]] = {
    "image": ("jpg", "png"),
    "video": ("mp4",),
    "audio": ("mp3", "wav", "m4a"),
}
# A film of a quarter of an hour takes minutes; more than this is not waited for.
WALL_SECONDS = 1200
# How often, in seconds, the caller hears that the child is alive.
_BEAT_SECONDS = 1.0

Progress = Callable[[int], None]
"""Is called about once a second with the hundredths that are done."""


class TooLong(MediaError):
    """It is longer than a film or a recording may be."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.1f} seconds long")
        self.seconds = seconds


@dataclass(frozen=True)
class Limits:
    """How much of a file is worked on at most."""

    pixels: int
    seconds: int
    bytes: int
    """Of what is written."""


def makeable(role: Role, format: str) -> frozenset[str]:
    """The formats that can be made of a file, besides its own."""
    return frozenset(_MADE.get(role, ())) - {format}


def made_for(role: Role, format: str, allowed: Collection[str]) -> str | None:
    """In which format a file is sent to a field that allows these: its own, else the best to be made."""
    if format in allowed:
        return format
    return next((made for made in _MADE.get(role, ()) if made in allowed), None)


def convert(
    path: Path,
    *,
    format: str,
    target: str,
    into: Path,
    limits: Limits,
    on_progress: Progress,
    is_exact: bool = False,
) -> str | None:
    """Write the file to `into` as `target`, cleaned; in its own format it is cleaned only.

    Returns the format that came out, which unless `is_exact` may be another for what is clear or moves. None
    when the file can be used as it is, and nothing was written. Raises Undecodable, TooLong, TooManyPixels or
    NotNow.
    """
    question = {
        "path": str(path.resolve()),
        "format": format,
        "target": target,
        "into": str(into.resolve()),
        "pixels": limits.pixels,
        "seconds": limits.seconds,
        "bytes": limits.bytes,
        "exact": is_exact,
    }
    answer = _run(question, on_progress)
    if "too_many" in answer:
        width, height = answer["too_many"]
        raise TooManyPixels(width, height, limits.pixels)
    if "too_long" in answer:
        raise TooLong(float(answer["too_long"]))
    if "undecodable" in answer:
        word = str(answer["undecodable"])
        cause = Cause(word) if word in set(Cause) else Cause.DAMAGED
        raise Undecodable(cause, str(answer.get("detail", "")))
    made = answer.get("made")
    return str(made) if made else None


def _run(question: dict[str, Any], on_progress: Progress) -> dict[str, Any]:
    """The child's last line."""
    child = child_process.start("tasks.media.conversion_child", question, stdout=subprocess.PIPE)
    try:
        told = _listen(child, on_progress)
        code = child.wait(timeout=10)
    except subprocess.TimeoutExpired:
        raise Undecodable(Cause.TOO_SLOW, "the child does not end") from None
    finally:
        # Whatever went wrong here, such as the caller's own end, nothing goes on decoding.
        child.kill()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()
    if code == -signal.SIGXFSZ:
        raise Undecodable(Cause.TOO_SLOW, "more would be written than a file may have")
    if code:
        raise child_process.ending(code)
    if not isinstance(told, dict):
        raise Undecodable(Cause.CRASHED, f"the converter ended with {code}")
    return told


def _listen(child: subprocess.Popen[bytes], on_progress: Progress) -> Any:
    """Read lines until the child has closed its end; the last of them, parsed."""
    assert child.stdout is not None
    ends_at, done, text = monotonic() + WALL_SECONDS, 0, b""
    with selectors.DefaultSelector() as ready:
        ready.register(child.stdout, selectors.EVENT_READ)
        while True:
            if ready.select(_BEAT_SECONDS):
                piece = os.read(child.stdout.fileno(), child_process.ANSWER_BYTES)
                if not piece:
                    return _parsed(text.splitlines()[-1] if text else b"")
                text = (text + piece)[-child_process.ANSWER_BYTES :]
                done = _progress_in(text, done)
            if monotonic() > ends_at:
                raise Undecodable(Cause.TOO_SLOW, f"not done within {WALL_SECONDS} seconds")
            on_progress(done)


def _progress_in(text: bytes, before: int) -> int:
    lines = text[: text.rfind(b"\n") + 1].splitlines()
    told = _parsed(lines[-1]) if lines else None
    return int(told["progress"]) if isinstance(told, dict) and "progress" in told else before


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None
