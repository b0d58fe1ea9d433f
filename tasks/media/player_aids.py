"""Has drawn and measured, by a child process, what a player shows of a film or sound besides itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tasks.media import child_process
from tasks.media.facts import Cause, Undecodable
from tasks.media.formats import HEAD_BYTES, sniff

# Longer than the child's own limit on processor time on a busy machine.
WALL_SECONDS = 300
MOST_TILES, COLUMNS = 100, 10
SHORTEST_TILE = 0.5  # seconds from one tile to the next
PEAKS = 1000


@dataclass(frozen=True, slots=True)
class PlayerAids:
    """A strip of `tiles` pictures in rows of COLUMNS, one `every` so many seconds (none for a sound).

    `peaks` are the loudest of each of PEAKS equal parts of the length, from 0 to 100; None without a sound.
    """

    tiles: int
    every: float
    peaks: list[int] | None


def make_player_aids(path: Path, *, into: Path, seconds: float, max_pixels: int) -> PlayerAids:
    """Write the strip of a film to `into`, a path ending in .webp. Raises Undecodable or NotNow."""
    with path.open("rb") as file:
        known = sniff(file.read(HEAD_BYTES))
    if known is None:
        raise Undecodable(Cause.UNKNOWN)
    question = {
        "path": str(path.resolve()),
        "format": known.name,
        "into": str(into.resolve()),
        "seconds": seconds,
        "max_pixels": max_pixels,
    }
    told = child_process.ask("tasks.media.player_child", question, seconds=WALL_SECONDS)
    if "undecodable" in told:
        raise Undecodable(Cause.CRASHED, str(told["undecodable"]))
    return PlayerAids(told["tiles"], told["every"], told["peaks"])
