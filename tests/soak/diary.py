"""What was done to the portal in one run, for the judgement and the report."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID


@dataclass
class Diary:
    """Filled by several threads at once; read when they have ended."""

    #: Orders that the portal has answered with the page of their task.
    answered: set[UUID] = field(default_factory=set)
    #: Orders that it never answered: they may exist or not.
    unanswered: set[UUID] = field(default_factory=set)
    #: Answers that nobody should see: refused forms, errors of the server.
    odd: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    sent_twice: int = 0
    went_on: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note_order(self, slug: str, task_id: UUID, *, answered: bool, twice: bool) -> None:
        """An order left a browser."""
        with self._lock:
            self.kinds[slug] += 1
            (self.answered if answered else self.unanswered).add(task_id)
            self.sent_twice += twice

    def note_odd(self, what: str) -> None:
        """Somebody was shown what nobody should see."""
        with self._lock:
            self.odd.append(what)
