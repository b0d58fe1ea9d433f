"""The published prices of the contract, as kinds are told them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from tasks.contract import load_models
from tasks.kinds.base import Rate

_CURRENT = "current"


class PublishedPrices:
    """Rates of the contract's models and products. Made of the document that `load_models` reads."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._videos = {model["name"]: model for model in document["video"]}
        self._products = [row for row in document["prices"] if row["credits"] is not None]

    def video(self, model: str, *, resolution: int | None, sound: bool) -> Sequence[Rate]:
        """By second, of a model as TopView names it. Several when the resolution is left to TopView."""
        known = self._videos.get(model)
        if known is None:
            return []
        rows = [row for row in known["prices"] if row["sound"] in (None, sound)]
        asked = [resolution]
        if resolution is None:
            # Those that have a price of their own; None alone where one price holds for all of them.
            each = list(dict.fromkeys(row["resolution"] for row in rows))
            asked = [one for one in each if one is not None] or each
        of_each = [[row for row in rows if row["resolution"] in (None, one)] for one in asked]
        is_doubtful = known["standing"] != _CURRENT
        return [_rate(_chosen(some), is_doubtful=is_doubtful) for some in of_each if some]

    def product(self, operation: str, variant: str = "") -> Rate | None:
        """By the unit of the operation; `variant` is the mode or engine where the rate depends on it."""
        rows = [
            row
            for row in self._products
            if row["operation"] == operation and (not variant or row["product"].endswith(f", {variant}"))
        ]
        return _rate(_chosen(rows)) if rows else None


def _chosen(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The newest that is current; where all are doubtful, the dearest."""
    current = [row for row in rows if row["standing"] == _CURRENT]
    if current:
        return max(current, key=lambda row: str(row["date"]))
    return max(rows, key=lambda row: Decimal(str(row["credits"])))


def _rate(row: Mapping[str, Any], *, is_doubtful: bool = False) -> Rate:
    off_peak = row.get("off_peak")
    return Rate(
        credits=Decimal(str(row["credits"])),
        source=row["source"],
        date=date.fromisoformat(str(row["date"])),
        is_doubtful=is_doubtful or row["standing"] != _CURRENT,
        off_peak=None if off_peak is None else Decimal(str(off_peak)),
    )


PUBLISHED = PublishedPrices(load_models())
