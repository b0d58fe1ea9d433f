"""What the sandbox charges, from `prices.toml` and, where models are named, from the contract's table."""

import functools
import math
import tomllib
from decimal import Decimal
from pathlib import Path

from tasks.contract.models import image_models, load_models, video_models

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


def by_model(name: str, resolution: int | None, seconds: float, *, sound: bool) -> Decimal:
    """What a video of a model costs by the contract's table: its newest rate, else the dearest doubtful one.

    A resolution left open is the cheapest; a model without a rate has the sandbox's own price.
    """
    rows = [row for row in video_models()[name]["prices"] if row["sound"] in (None, sound)]
    if resolution is not None:
        rows = [row for row in rows if row["resolution"] in (None, resolution)]
    if not rows:
        return by_second("image_to_video_model", seconds)
    current = [row for row in rows if row["standing"] == "current"]
    newest = max((str(row["date"]) for row in current), default="")
    offered = [Decimal(str(row["credits"])) for row in current if str(row["date"]) == newest]
    doubtful = max(Decimal(str(row["credits"])) for row in rows)
    return (min(offered) if offered else doubtful) * math.ceil(seconds)


def by_picture(name: str, resolution: str | None) -> Decimal:
    """What a picture of a model costs by the contract's table; without a rate the sandbox's own price."""
    rows = [row for row in image_models()[name]["prices"] if row["standing"] == "current"]
    fitting = [row for row in rows if resolution is None or row["resolution"] in (None, resolution)]
    offered = [Decimal(str(row["credits"])) for row in fitting]
    return min(offered, default=price("by_contract_image"))


def price_of(*operations: str) -> Decimal | None:
    """What a file of these operations, or a second of it, costs as TopView says; None where it is silent."""
    rows = [row for row in load_models()["prices"] if row["operation"] in operations and row["credits"]]
    return Decimal(str(rows[0]["credits"])) if rows else None


def guessed_seconds(text: str, speed: float = 1.0) -> float:
    """How long a voice would need for a text."""
    return max(1.0, len(text) / LETTERS_A_SECOND / speed)
