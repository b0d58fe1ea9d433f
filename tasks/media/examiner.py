"""Has a file examined by a child process, so that a decoder that fails takes nothing with it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.media import child_process
from tasks.media.facts import Cause, MediaFacts, Occupied, Role, TooManyPixels, Undecodable
from tasks.media.formats import HEAD_BYTES, sniff

DEFAULT_MAX_PIXELS = 50_000_000
WALL_SECONDS = 90
# Children at a time of one process: each may take gigabytes, and the web server has many threads.
_TURNS = threading.BoundedSemaphore(3)
# How long, in seconds, a turn is waited for.
TURN_SECONDS = 30


@dataclass(frozen=True)
class Examined:
    """The facts of a file, and its poster: WebP, 480 pixels wide at most. Sound has none."""

    facts: MediaFacts
    poster: Path | None


def examine(
    path: Path, *, into: Path, role_hint: Role | None = None, max_pixels: int = DEFAULT_MAX_PIXELS
) -> Examined:
    """Measure a file and write its poster to `into`, a path ending in .webp, and its thumbnail beside that.

    Raises Undecodable (also for another role than `role_hint`), TooManyPixels or NotNow.
    """
    with path.open("rb") as file:
        known = sniff(file.read(HEAD_BYTES))
    if known is None:
        raise Undecodable(Cause.UNKNOWN)
    question = {
        "path": str(path.resolve()),
        "format": known.name,
        "poster": str(into.resolve()),
        "max_pixels": max_pixels,
    }
    examined = _read(_run(question), into, max_pixels)
    if role_hint is not None and examined.facts.role != role_hint:
        raise Undecodable(Cause.OTHER_ROLE, f"{examined.facts.role} where {role_hint} was expected")
    return examined


def _run(question: dict[str, Any]) -> dict[str, Any]:
    """What the child tells, once it has had its turn."""
    if not _TURNS.acquire(timeout=TURN_SECONDS):
        raise Occupied(f"no turn within {TURN_SECONDS} seconds")
    try:
        return child_process.ask("tasks.media.examiner_child", question, seconds=WALL_SECONDS)
    finally:
        _TURNS.release()


def _read(answer: dict[str, Any], poster: Path, max_pixels: int) -> Examined:
    if "too_many" in answer:
        width, height = answer["too_many"]
        raise TooManyPixels(width, height, max_pixels)
    if "undecodable" in answer:
        raise _undecodable(answer["undecodable"])
    try:
        facts = MediaFacts.from_json(answer["facts"])
    except (KeyError, TypeError):
        raise Undecodable(Cause.CRASHED, "its answer is not readable") from None
    made = poster if poster.is_file() else None
    return Examined(facts, made)


def _undecodable(told: Any) -> Undecodable:
    try:
        cause, detail = told
        return Undecodable(Cause(cause), str(detail))
    except (TypeError, ValueError):
        return Undecodable(Cause.CRASHED, "its answer is not readable")
