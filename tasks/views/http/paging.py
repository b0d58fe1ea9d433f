"""Keyset paging: a cursor names the row next to which a page begins, so no page costs more than another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict

PAGE_SIZE = 50


RowId: TypeAlias = "UUID | int"


class Placed(Protocol):
    """A row that has a place in a newest-first list, and a time that says which."""

    @property
    def id(self) -> RowId:
        """What settles the order of rows of the same time."""
        ...


@dataclass(frozen=True)
class Cursor:
    """A place in a list that is sorted by time and id, newest first."""

    moment: datetime
    id: RowId

    @classmethod
    def of(cls, row: Placed, by: str = "created_at") -> Cursor:
        """The place of a row in a list by that time."""
        return cls(getattr(row, by), row.id)

    @classmethod
    def read(cls, text: str | None) -> Cursor | None:
        """What an address says; None when that is nothing or cannot be read."""
        moment, _separator, row_id = (text or "").partition("_")
        try:
            return cls(datetime.strptime(moment, _FORMAT).replace(tzinfo=UTC), _id(row_id))
        except ValueError:
            return None

    def __str__(self) -> str:
        row_id = self.id if isinstance(self.id, int) else self.id.hex
        return f"{self.moment.astimezone(UTC).strftime(_FORMAT)}_{row_id}"


def _id(text: str) -> RowId:
    # No table has rows enough for a number as long as a UUID.
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_NUMBER else UUID(text)


_LONGEST_NUMBER = 18
_FORMAT = "%Y%m%dT%H%M%S.%f"


@dataclass(frozen=True)
class Page:
    """Some rows, and the cursors of the pages on both sides where these exist."""

    rows: list[Any]
    older: Cursor | None
    newer: Cursor | None
    is_first: bool


def page_of(
    rows: QuerySet[Any, Any], asked: QueryDict, *, size: int = PAGE_SIZE, by: str = "created_at"
) -> Page:
    """The page that `?before=` or `?after=` asks for; the first one when neither can be read.

    `by` names the time by which the rows stand in order, newest first.
    """
    before = Cursor.read(asked.get("before"))
    if before and (found := list(rows.filter(_beside(before, by, "lt"))[: size + 1])):
        return _page(found, size, by, newer=True)
    if after := Cursor.read(asked.get("after")):
        found = list(rows.filter(_beside(after, by, "gt")).reverse()[: size + 1])
        if len(found) > size:
            places = Cursor.of(found[0], by), Cursor.of(found[size - 1], by)
            return Page(found[size - 1 :: -1], *places, is_first=False)
    return _page(list(rows[: size + 1]), size, by, newer=False)


def _page(found: list[Any], size: int, by: str, *, newer: bool) -> Page:
    shown = found[:size]
    older = Cursor.of(shown[-1], by) if len(found) > size else None
    return Page(shown, older, Cursor.of(shown[0], by) if newer else None, is_first=not newer)


# The first condition bounds a scan of the index, the second settles ties: an OR alone would bound nothing.
def _beside(cursor: Cursor, by: str, side: str) -> Q:
    ties = Q(**{f"{by}__{side}": cursor.moment}) | Q(**{f"id__{side}": cursor.id})
    return Q(**{f"{by}__{side}e": cursor.moment}) & ties


def address(path: str, asked: QueryDict, **changes: object) -> str:
    """The address of another page of the same list: filters stay, cursors are replaced, empty values go."""
    query = asked.copy()
    for name in ("before", "after", "seen"):
        query.pop(name, None)
    for name, value in changes.items():
        query[name] = str(value)
    for name in [name for name, value in query.items() if not value]:
        del query[name]
    return f"{path}?{query.urlencode()}" if query else path
