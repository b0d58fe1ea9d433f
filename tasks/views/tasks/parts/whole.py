"""Parts of a task's page that may be long: short at first, and whole when asked (`?all=results`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from tasks.models import Task

RESULTS: Final = "results"
ACTIVITY: Final = "activity"


@dataclass(frozen=True, slots=True)
class Rest:
    """How many of all stand on the page, and where all of them do."""

    shown: int
    total: int
    url: str


@dataclass(frozen=True, slots=True)
class Whole:
    """The parts that are asked for as a whole."""

    parts: frozenset[str]

    @classmethod
    def asked_by(cls, request: HttpRequest) -> Whole:
        return cls(frozenset(request.GET.getlist("all")) & {RESULTS, ACTIVITY})

    @property
    def query(self) -> str:
        return urlencode([("all", part) for part in sorted(self.parts)])

    def rest(self, task: Task, part: str, *, shown: int, total: int) -> Rest | None:
        """None when all of a part is shown."""
        if shown >= total:
            return None
        page = reverse("task-page", args=[task.pk])
        return Rest(shown, total, f"{page}?{Whole(self.parts | {part}).query}#{part}-title")
