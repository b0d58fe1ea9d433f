"""Slow moves of a camera over a still picture."""

import math
import random
from dataclasses import dataclass

from tasks.sandbox.render.planes import Box

# The most that a move enlarges; pictures are prepared larger than the film by as much.
MOST_ZOOM = 1.3


@dataclass(frozen=True)
class View:
    """Where the camera looks: enlargement (1 shows all), and its place in the spare room (0 to 1)."""

    zoom: float
    x: float = 0.5
    y: float = 0.5


@dataclass(frozen=True)
class Move:
    """From one view to another."""

    name: str
    start: View
    end: View

    def box(self, progress: float, size: tuple[int, int]) -> Box:
        """What the camera sees of a picture of this size; `progress` runs from 0 to 1."""
        share = (1 - math.cos(math.pi * min(1.0, max(0.0, progress)))) / 2
        zoom = self.start.zoom + (self.end.zoom - self.start.zoom) * share
        width, height = size[0] / zoom, size[1] / zoom
        left = (size[0] - width) * (self.start.x + (self.end.x - self.start.x) * share)
        top = (size[1] - height) * (self.start.y + (self.end.y - self.start.y) * share)
        return (left, top, left + width, top + height)


SPEAKER = Move("lean in", View(1.0, 0.5, 0.3), View(1.05, 0.5, 0.25))
MOVES = (
    Move("push in", View(1.0), View(1.25, 0.5, 0.45)),
    Move("pull out", View(1.28, 0.5, 0.4), View(1.02)),
    Move("pan right", View(1.2, 0.0, 0.45), View(1.2, 1.0, 0.45)),
    Move("rise", View(1.2, 0.5, 1.0), View(1.2, 0.5, 0.0)),
    Move("pan left", View(1.2, 1.0, 0.5), View(1.2, 0.0, 0.5)),
    Move("drift in", View(1.04, 0.0, 1.0), View(1.24, 0.8, 0.2)),
)


def moves(seed: int) -> list[Move]:
    """All moves in an order of the seed's choosing: the first for the first variant, and so on."""
    order = list(MOVES)
    random.Random(seed).shuffle(order)
    return order
