"""Searching a catalog. It holds some hundreds of entries, so it is read once and filtered here."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import QueryDict

from tasks.models import CatalogEntry, Credential, Favourite, Membership

FILTERS = ("own", "category", "style", "language", "gender", "age", "ethnicity")
# Ways in which a person's favourites count: before the others, or alone.
FAVOURITES = ("first", "only")
# The one order beside TopView's own that its contract knows (`sortingType` of queryPublicProductAvatars).
NEWEST = "newest"
PAGE_SIZE = 24
# Where a filter's values stand in an entry's facts, if under another name.
_FACT = {"ethnicity": "ethnicities", "category": "categories"}
_YES = "yes"
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

    def takes(self, row: Row) -> bool:
        """Whether an entry is asked for: every word and every filter must fit."""
        if self.favourites == "only" and not row.is_favourite:
            return False
        if not all(word in row.search for word in self.q.split()):
            return False
        return all(value in values_of(row.facts, name) for name, value in self.chosen)

    def place(self, row: Row) -> tuple[bool, float]:
        """Sorts entries, which come in TopView's order, as is asked for."""
        newest = row.facts.get("newest") if self.sort else None
        return (
            self.favourites == "first" and not row.is_favourite,
            newest if isinstance(newest, int) else float("inf") if self.sort else 0,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """What of an entry decides whether and where it is shown."""

    pk: UUID
    search: str
    facts: dict[str, Any]
    is_favourite: bool


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
    """A few queries: the whole catalog's facts, the person's favourites, and the rows of one page."""
    liked = favourites_of(membership, catalog_name)
    rows = CatalogEntry.objects.in_catalog(credential, catalog_name)
    known = [
        Row(pk, search, facts, remote_id in liked)
        for pk, search, facts, remote_id in rows.values_list("pk", "search", "facts", "remote_id")
    ]
    found = sorted((row for row in known if asked.takes(row)), key=asked.place)
    page = min(asked.page, max(1, -(-len(found) // PAGE_SIZE)))
    return CatalogPage(
        entries=_in_order([row.pk for row in found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]]),
        favourites=liked,
        options=_options(credential, catalog_name, [row.facts for row in known]),
        is_empty=not known,
        has_more=len(found) > page * PAGE_SIZE,
        count=len(found),
        page=page,
        can_sort=any("newest" in row.facts for row in known),
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


def _options(
    credential: Credential, catalog_name: str, known: Collection[dict[str, Any]]
) -> dict[str, list[str]]:
    """The values that occur, for filters that would tell entries apart."""
    values = {name: [values_of(facts, name) for facts in known] for name in FILTERS}
    found = {name: sorted({one for some in each for one in some}) for name, each in values.items()}
    options = {name: some for name, some in found.items() if len(some) > 1}
    if 0 < sum(map(bool, values["own"])) < len(known):
        options["own"] = [_YES]
    if "category" in options and catalog_name in _CATEGORIES:
        options["category"] = _as_on(credential, _CATEGORIES[catalog_name], options["category"])
    return options


def _as_on(credential: Credential, catalog_name: str, names: Iterable[str]) -> list[str]:
    """The names in the order of a catalog of names; those it does not know come last."""
    known = CatalogEntry.objects.in_catalog(credential, catalog_name).values_list("name", flat=True)
    places = {name: place for place, name in enumerate(known)}
    return sorted(names, key=lambda name: (places.get(name, len(places)), name))
