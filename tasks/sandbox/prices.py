"""What the sandbox charges, from `prices.toml`."""

import functools
import math
import tomllib
from decimal import Decimal
from pathlib import Path

# How fast a voice speaks, to guess a length before the speech exists.
LETTERS_A_SECOND = 14


@functools.cache
def price(name: str) -> Decimal:
    """The price of this name in credits, documented or the sandbox's own."""
    tables = tomllib.loads((Path(__file__).parent / "prices.toml").read_text("utf-8"))
    return Decimal({**tables["documented"], **tables["own"]}[name])


def by_second(name: str, seconds: float) -> Decimal:
    """A price per second, for a length rounded up."""
    return price(f"{name}_second") * math.ceil(seconds)


def guessed_seconds(text: str, speed: float = 1.0) -> float:
    """How long a voice would need for a text."""
    return max(1.0, len(text) / LETTERS_A_SECOND / speed)
