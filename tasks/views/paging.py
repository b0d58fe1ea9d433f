"""Keyset paging: a cursor names the row next to which a page begins, so no page costs more than another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict

PAGE_SIZE = 50


class Placed(Protocol):
    """A row that has a place in a newest-first list."""

    id: UUID
    created_at: datetime


RowT = TypeVar("RowT", bound=Placed)


@dataclass(frozen=True)
class Cursor:
    """A place in a list that is sorted by time and id, newest first."""

    created_at: datetime
    id: UUID

    @classmethod
    def of(cls, row: Placed) -> Cursor:
        """The place of a row."""
        return cls(row.created_at, row.id)

    @classmethod
    def read(cls, text: str | None) -> Cursor | None:
        """What an address says; None when that is nothing or cannot be read."""
        moment, _separator, row_id = (text or "").partition("_")
        try:
            return cls(datetime.strptime(moment, _FORMAT).replace(tzinfo=UTC), UUID(row_id))
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.created_at.astimezone(UTC).strftime(_FORMAT)}_{self.id.hex}"


_FORMAT = "%Y%m%dT%H%M%S.%f"


@dataclass(frozen=True)
class Page:
    """Some rows, and the cursors of the pages on both sides where these exist."""

    rows: list[Any]
    older: Cursor | None
    newer: Cursor | None
    is_first: bool


def page_of(rows: QuerySet[Any, Any], asked: QueryDict, *, size: int = PAGE_SIZE) -> Page:
    """The page that `?before=` or `?after=` asks for; the first one when neither can be read."""
    before = Cursor.read(asked.get("before"))
    if before and (found := list(rows.filter(_older_than(before))[: size + 1])):
        return _page(found, size, newer=True)
    if after := Cursor.read(asked.get("after")):
        found = list(rows.filter(_newer_than(after)).reverse()[: size + 1])
        if len(found) > size:
            return Page(
                found[size - 1 :: -1], Cursor.of(found[0]), Cursor.of(found[size - 1]), is_first=False
            )
    return _page(list(rows[: size + 1]), size, newer=False)


def _page(found: list[Any], size: int, *, newer: bool) -> Page:
    shown = found[:size]
    older = Cursor.of(shown[-1]) if len(found) > size else None
    return Page(shown, older, Cursor.of(shown[0]) if newer else None, is_first=not newer)


# The first condition bounds a scan of the index, the second settles ties: an OR alone would bound nothing.
def _older_than(cursor: Cursor) -> Q:
    return Q(created_at__lte=cursor.created_at) & (Q(created_at__lt=cursor.created_at) | Q(id__lt=cursor.id))


def _newer_than(cursor: Cursor) -> Q:
    return Q(created_at__gte=cursor.created_at) & (Q(created_at__gt=cursor.created_at) | Q(id__gt=cursor.id))


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
