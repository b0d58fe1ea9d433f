"""Searching a catalog. It may hold thousands of entries: what decides which are shown is kept in memory.

Whenever the list has been read from TopView, or an entry has left it, it is read anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from threading import Lock
from typing import Any
from uuid import UUID

from cachetools import LRUCache, cached
from django.http import QueryDict

from tasks.models import CatalogEntry, CatalogState, Credential, Favourite, Membership

FILTERS = ("own", "category", "style", "language", "gender", "age", "ethnicity")
# Ways in which a person's favourites count: before the others, or alone.
FAVOURITES = ("first", "only")
# The one order beside TopView's own that its contract knows (`sortingType` of queryPublicProductAvatars).
NEWEST = "newest"
PAGE_SIZE = 24
# Where a filter's values stand in an entry's facts, if under another name.
_FACT = {"ethnicity": "ethnicities", "category": "categories"}
_YES = "yes"
# Entries in the memory of one process, some hundred bytes each.
_ROWS_KEPT = 30_000
# The catalog that has a filter's values in TopView's order.
_CATEGORIES = {
    "product-avatars": "product-avatar-categories",
    "anyshoot-templates": "anyshoot-categories",
    "photo-avatars": "photo-avatar-categories",
}


@dataclass(frozen=True)
class CatalogFilter:
    """`?q=`, one parameter for each of FILTERS, `?favourites=`, `?sort=` and `?page=` (from 1)."""

    q: str = ""
    chosen: tuple[tuple[str, str], ...] = ()
    favourites: str = ""
    sort: str = ""
    page: int = 1

    @classmethod
    def read(cls, asked: QueryDict) -> CatalogFilter:
        """What an address asks for; an odd page number means the first page."""
        q = " ".join(asked.get("q", "").lower().split())[:100]
        chosen = tuple((name, value[:80]) for name in FILTERS if (value := asked.get(name, "")))
        number = asked.get("page", "1")
        page = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1
        favourites, sort = asked.get("favourites", ""), asked.get("sort", "")
        return cls(
            q=q,
            chosen=chosen,
            favourites=favourites if favourites in FAVOURITES else "",
            sort=sort if sort == NEWEST else "",
            page=max(1, page),
        )

    @property
    def is_set(self) -> bool:
        """Whether anything is left out."""
        return bool(self.q or self.chosen or self.favourites == "only")

    def as_query(self) -> dict[str, str]:
        """What an address says to ask the same, but for the page."""
        plain = {"q": self.q, **dict(self.chosen), "favourites": self.favourites, "sort": self.sort}
        return {name: value for name, value in plain.items() if value}

    def apply(self, rows: Sequence[Row], liked: Collection[str]) -> Sequence[Row]:
        """The rows asked for, which come in TopView's order, in the order asked for."""
        if self.favourites == "only":
            rows = [row for row in rows if row.remote_id in liked]
        for word in self.q.split():
            rows = [row for row in rows if word in row.search]
        for name, value in self.chosen:
            rows = [row for row in rows if value in row.values.get(name, ())]
        if self.sort:
            rows = sorted(rows, key=lambda row: row.newest)
        if self.favourites == "first":
            rows = sorted(rows, key=lambda row: row.remote_id not in liked)
        return rows


@dataclass(frozen=True, slots=True)
class Row:
    """What of an entry decides whether and where it is shown."""

    pk: UUID
    remote_id: str
    search: str
    values: dict[str, list[str]]  # by filter
    newest: float  # its place when the newest stand first; infinite where TopView names none


@dataclass(frozen=True, slots=True)
class Contents:
    """What one catalog holds, and the answers its filters offer."""

    rows: tuple[Row, ...]
    options: dict[str, list[str]]
    can_sort: bool  # whether TopView says which are the newest

    @classmethod
    def of(cls, rows: tuple[Row, ...]) -> Contents:
        """With the values that occur, for filters that would tell entries apart."""
        found = {name: {one for row in rows for one in row.values.get(name, ())} for name in FILTERS}
        options = {name: sorted(some) for name, some in found.items() if len(some) > 1}
        if 0 < sum("own" in row.values for row in rows) < len(rows):
            options["own"] = [_YES]
        return cls(rows, options, can_sort=any(row.newest < inf for row in rows))


@dataclass(frozen=True)
class CatalogPage:
    """A page of a catalog, and the answers its filters offer."""

    entries: list[CatalogEntry]
    favourites: frozenset[str]
    options: dict[str, list[str]]
    is_empty: bool
    has_more: bool
    count: int
    page: int
    can_sort: bool


def search(
    credential: Credential, catalog_name: str, asked: CatalogFilter, membership: Membership
) -> CatalogPage:
    """A few queries: what the catalog is as of now, the person's favourites, and the rows of one page."""
    liked = favourites_of(membership, catalog_name)
    known = contents_of(credential, catalog_name)
    found = asked.apply(known.rows, liked)
    page = min(asked.page, max(1, -(-len(found) // PAGE_SIZE)))
    options = known.options
    if "category" in options and catalog_name in _CATEGORIES:
        ordered = _as_on(credential, _CATEGORIES[catalog_name], options["category"])
        options = {**options, "category": ordered}
    return CatalogPage(
        entries=_in_order([row.pk for row in found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]]),
        favourites=liked,
        options=options,
        is_empty=not known.rows,
        has_more=len(found) > page * PAGE_SIZE,
        count=len(found),
        page=page,
        can_sort=known.can_sort,
    )


def contents_of(credential: Credential, catalog_name: str) -> Contents:
    """What may be picked from one catalog of an account: from memory while it is as it was read."""
    of_it = {"credential": credential, "catalog": catalog_name}
    read_at = CatalogState.objects.filter(**of_it).values_list("refreshed_at", flat=True).first()
    # What is removed at TopView leaves before the list is read again.
    gone = CatalogEntry.objects.filter(**of_it, gone_at__isnull=False).order_by("-gone_at")
    return _contents(credential, catalog_name, read_at, gone.values_list("gone_at", flat=True).first())


@cached(
    LRUCache(_ROWS_KEPT, getsizeof=lambda contents: len(contents.rows) + 1),
    key=lambda credential, *rest: (credential.pk, *rest),
    lock=Lock(),
)
def _contents(credential: Credential, catalog_name: str, *as_of: datetime | None) -> Contents:
    rows = CatalogEntry.objects.in_catalog(credential, catalog_name)
    facts = rows.values_list("pk", "remote_id", "search", "facts")
    return Contents.of(tuple(_row(*one) for one in facts))


def _row(pk: UUID, remote_id: str, search: str, facts: dict[str, Any]) -> Row:
    values = {name: values_of(facts, name) for name in FILTERS}
    newest = facts.get("newest")
    return Row(
        pk=pk,
        remote_id=remote_id,
        search=search,
        values={name: some for name, some in values.items() if some},
        newest=newest if isinstance(newest, int) else inf,
    )


def favourites_of(membership: Membership, catalog_name: str) -> frozenset[str]:
    """TopView's ids of what the person marked in this catalog."""
    rows = Favourite.objects.filter(
        user=membership.user_id, workspace=membership.workspace_id, catalog=catalog_name
    )
    return frozenset(rows.values_list("remote_id", flat=True))


def values_of(facts: dict[str, Any], name: str) -> list[str]:
    """The answers to a filter that an entry has."""
    value = facts.get(_FACT.get(name, name))
    if not value:
        return []
    if value is True:
        return [_YES]
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _in_order(ids: list[UUID]) -> list[CatalogEntry]:
    rows = CatalogEntry.objects.select_related("picture", "sample", "clip").in_bulk(ids)
    return [rows[entry_id] for entry_id in ids if entry_id in rows]


def _as_on(credential: Credential, catalog_name: str, names: Iterable[str]) -> list[str]:
    """The names in the order of a catalog of names; those it does not know come last."""
    known = CatalogEntry.objects.in_catalog(credential, catalog_name).values_list("name", flat=True)
    places = {name: place for place, name in enumerate(known)}
    return sorted(names, key=lambda name: (places.get(name, len(places)), name))
