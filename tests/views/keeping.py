"""What pages keep in memory for some seconds, which a slow machine may outlast."""

from __future__ import annotations

from tasks.models import estimates
from tasks.views.frame import status_cache
from tasks.views.tasks import rows
from tasks.views.tasks.parts.queue_position import queue_places


def forget_all() -> None:
    """What is kept in memory, so that every page reads all that it shows."""
    for kept in (
        status_cache.condition_of.cache,
        status_cache.admin_condition_of.cache,
        status_cache.waiting_count.cache,
        queue_places.cache,
        estimates._past.cache,
        rows._drawn,
    ):
        kept.clear()
