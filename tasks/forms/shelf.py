"""Searching a catalog. A shelf holds some hundreds of entries, so it is read once and sifted here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import QueryDict

from tasks.models import CatalogEntry, Credential

FILTERS = ("language", "gender", "ethnicity")
PAGE_SIZE = 24
# Where a filter's values stand in an entry's facts.
_FACT = {"language": "language", "gender": "gender", "ethnicity": "ethnicities"}


@dataclass(frozen=True)
class ShelfFilter:
    """`?q=`, `?language=`, `?gender=`, `?ethnicity=` and `?page=` (from 1)."""

    q: str = ""
    chosen: tuple[tuple[str, str], ...] = ()
    page: int = 1

    @classmethod
    def read(cls, asked: QueryDict) -> ShelfFilter:
        """What an address asks for; an odd page number means the first page."""
        q = " ".join(asked.get("q", "").lower().split())[:100]
        chosen = tuple((name, value[:80]) for name in FILTERS if (value := asked.get(name, "")))
        number = asked.get("page", "1")
        page = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1
        return cls(q, chosen, max(1, page))

    @property
    def is_set(self) -> bool:
        """Whether anything is left out."""
        return bool(self.q or self.chosen)

    def takes(self, search: str, facts: dict[str, Any]) -> bool:
        """Whether an entry is asked for: every word and every filter must fit."""
        if not all(word in search for word in self.q.split()):
            return False
        return all(value in _values(facts, name) for name, value in self.chosen)


@dataclass(frozen=True)
class Shelf:
    """A page of a shelf, and the answers its filters offer."""

    entries: list[CatalogEntry]
    options: dict[str, list[str]]
    is_empty: bool
    has_more: bool


def sift(credential: Credential, shelf: str, asked: ShelfFilter) -> Shelf:
    """Two queries: the whole shelf's facts, and the rows of one page."""
    rows = CatalogEntry.objects.on_shelf(credential, shelf)
    known = list(rows.values_list("pk", "search", "facts"))
    found = [pk for pk, search, facts in known if asked.takes(search, facts)]
    shown = found[(asked.page - 1) * PAGE_SIZE : asked.page * PAGE_SIZE]
    return Shelf(
        entries=_in_order(shown),
        options=_options(facts for _pk, _search, facts in known),
        is_empty=not known,
        has_more=len(found) > asked.page * PAGE_SIZE,
    )


def _in_order(ids: list[UUID]) -> list[CatalogEntry]:
    rows = CatalogEntry.objects.select_related("picture", "sample", "clip").in_bulk(ids)
    return [rows[entry_id] for entry_id in ids if entry_id in rows]


def _options(known: Iterable[dict[str, Any]]) -> dict[str, list[str]]:
    """The values that occur, for filters that would tell entries apart."""
    values: dict[str, set[str]] = {name: set() for name in FILTERS}
    for facts in known:
        for name in FILTERS:
            values[name].update(_values(facts, name))
    return {name: sorted(found) for name, found in values.items() if len(found) > 1}


def _values(facts: dict[str, Any], name: str) -> list[str]:
    value = facts.get(_FACT[name])
    if not value:
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
