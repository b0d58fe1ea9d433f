"""The queue in the main database: the oldest message first, and before all of them what is urgent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django_q.brokers.orm import ORM

# A message is taken when its time has come: nothing has waited for longer than since then.
_BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)


class Queue(ORM):  # type: ignore[misc]  # django-q2 has no types
    """django-q2's own, which takes messages in no order in particular."""

    @staticmethod
    def get_connection(list_key: str | None = None) -> Any:
        """The messages, those first that have waited longest."""
        return ORM.get_connection(list_key).order_by("lock", "pk")


class Front(Queue):
    """Its front: what is put here is taken next."""

    def enqueue(self, task: str) -> int:
        """Put a message before all that wait."""
        message = self.get_connection().create(key=self.list_key, payload=task, lock=_BEFORE_ALL)
        return int(message.pk)
