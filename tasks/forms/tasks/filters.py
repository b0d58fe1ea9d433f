"""Filters of lists, as they stand in addresses. What cannot be read filters nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tasks.kinds import KINDS
from tasks.models import MOVING, AssetRole, Product, Task, TaskStatus, Upload

ModelT = TypeVar("ModelT", bound=Model)


@dataclass(frozen=True)
class StatusGroup:
    """Statuses that people look for together."""

    word: str | Promise
    statuses: tuple[str, ...]


STATUS_GROUPS = {
    "moving": StatusGroup(_("In progress"), tuple(MOVING)),
    # Not a matter of the status alone: the task itself says that it does.
    "attention": StatusGroup(_("Needs attention"), ()),
    "finished": StatusGroup(_("Finished"), (TaskStatus.SUCCEEDED,)),
    "partly": StatusGroup(_("Partly failed"), (TaskStatus.PARTLY_FAILED,)),
    "failed": StatusGroup(_("Failed"), (TaskStatus.FAILED,)),
    "cancelled": StatusGroup(_("Cancelled"), (TaskStatus.CANCELLED,)),
}


@dataclass(frozen=True)
class TaskFilter:
    """`?status=` (a group's name) and `?kind=` (a slug)."""

    status: str = ""
    kind: str = ""

    @classmethod
    def read(cls, asked: QueryDict) -> TaskFilter:
        """The filters of an address."""
        status, kind = asked.get("status", ""), asked.get("kind", "")
        return cls(status if status in STATUS_GROUPS else "", kind if kind in KINDS else "")

    @property
    def is_set(self) -> bool:
        """Whether anything is left out."""
        return bool(self.status or self.kind)

    @property
    def needs_attention(self) -> bool:
        """Whether only what a person should look at is asked for."""
        return self.status == "attention"

    @property
    def statuses(self) -> tuple[str, ...]:
        """The statuses of the group; none when every status is asked for."""
        return STATUS_GROUPS[self.status].statuses if self.status else ()

    def apply(self, rows: QuerySet[Task]) -> QuerySet[Task]:
        """Only the tasks that are asked for, newest first."""
        if self.kind:
            rows = rows.filter(kind=self.kind)
        if self.needs_attention:
            # As the partial index has it, which holds nothing else.
            rows = rows.filter(needs_attention=True)
        if not self.statuses:
            return rows.order_by("-created_at", "-id")
        if len(self.statuses) == 1:
            # Written as an equality, with which the index also gives the order.
            return rows.filter(status=self.statuses[0]).order_by("-created_at", "-id")
        # Such groups are small in a large table. Left to the plain order, SQLite walks the whole list to find
        # them; it cannot use an index for an expression, and so looks them up by status and sorts them.
        newest = Coalesce("created_at", "created_at").desc()
        return rows.filter(status__in=self.statuses).order_by(newest, "-id")


LIBRARY_ROLES = (AssetRole.IMAGE, AssetRole.VIDEO, AssetRole.AUDIO)


@dataclass(frozen=True)
class LibraryFilter:
    """`?role=` and `?q=`, words of the file's name."""

    role: str = ""
    q: str = ""

    @classmethod
    def read(cls, asked: QueryDict) -> LibraryFilter:
        """The filters of an address."""
        role = asked.get("role", "")
        return cls(role if role in LIBRARY_ROLES else "", words_of(asked.get("q", "")))

    @property
    def is_set(self) -> bool:
        """Whether anything is left out."""
        return bool(self.role or self.q)

    def apply(self, rows: QuerySet[Upload]) -> QuerySet[Upload]:
        """Only the files that are asked for."""
        if self.role:
            rows = rows.filter(role=self.role)
        for word in self.q.split():
            rows = rows.filter(name__icontains=word)
        return rows


@dataclass(frozen=True)
class ProductFilter:
    """`?q=`, words of the product's name."""

    q: str = ""

    @classmethod
    def read(cls, asked: QueryDict) -> ProductFilter:
        """The filter of an address."""
        return cls(words_of(asked.get("q", "")))

    def apply(self, rows: QuerySet[Product]) -> QuerySet[Product]:
        """Only the products that are asked for."""
        for word in self.q.split():
            rows = rows.filter(name__icontains=word)
        return rows


def words_of(text: str) -> str:
    """What somebody searches for, as databases take it: no NUL, and not endless."""
    return " ".join(text.replace("\x00", "").split())[:100]
