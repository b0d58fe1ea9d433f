"""Filters of the credit log, as they stand in addresses. What cannot be read filters nothing."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tasks.models import ChargeQuerySet

WHOSE = {"ours": _("Made here"), "others": _("Not made here")}


@dataclass(frozen=True)
class ChargeFilter:
    """`?type=` (TopView's word) and `?whose=` (a key of WHOSE)."""

    task_type: str = ""
    whose: str = ""

    @classmethod
    def read(cls, asked: QueryDict) -> ChargeFilter:
        """The filters of an address."""
        whose = asked.get("whose", "")
        return cls(asked.get("type", "").replace("\x00", "")[:80], whose if whose in WHOSE else "")

    @property
    def is_set(self) -> bool:
        """Whether anything is left out."""
        return bool(self.task_type or self.whose)

    def kept(self) -> QueryDict:
        """The same as the query of an address."""
        kept = QueryDict(mutable=True)
        kept.update({"type": self.task_type, "whose": self.whose})
        return kept

    def apply(self, rows: ChargeQuerySet) -> ChargeQuerySet:
        """Only the charges that are asked for."""
        if self.task_type:
            rows = rows.filter(task_type=self.task_type)
        if self.whose:
            rows = rows.filter(submission__isnull=self.whose == "others")
        return rows
