"""Where queued tasks stand in their accounts' queues, and when they may start."""

from __future__ import annotations

import hashlib
from threading import Lock
from typing import NamedTuple
from uuid import UUID

from cachetools import TTLCache, cached
from django.utils.translation import gettext as _

from tasks.commands.submissions.scheduling import queue_order
from tasks.kinds import KINDS
from tasks.models import Submission
from tasks.models.estimates import usual_seconds
from tasks.views.http.formatting import lasting

_KEPT_SECONDS = 5.0


class QueuePlace(NamedTuple):
    """The number of a call in the queue, from 1, and about how many seconds until it starts."""

    number: int
    seconds: float


@cached(TTLCache(maxsize=1000, ttl=_KEPT_SECONDS), lock=Lock())
def queue_places(workspace_id: UUID) -> dict[UUID, QueuePlace]:
    """By task, of those that wait for nothing but their turn; read at most every five seconds."""
    turns = queue_order(workspace_id)
    calls = Submission.objects.filter(pk__in=turns).select_related("task") if turns else ()
    places = {}
    for call in calls:
        kind, turn = KINDS.get(call.task.kind), turns[call.pk]
        step = kind.find_step(call.step) if kind else None
        usual = usual_seconds(call.workspace_id, kind, step, call.task.brief) if kind and step else 0.0
        places[call.task_id] = QueuePlace(turn.number, turn.rounds * usual)
    return places


def queue_marks(workspace_id: UUID) -> list[tuple[str, int]]:
    """What changes when the queue moves: no task's revision does."""
    places = queue_places(workspace_id)
    words = " ".join(f"{task_id}.{place.number}" for task_id, place in sorted(places.items()))
    return [(hashlib.blake2b(words.encode(), digest_size=9).hexdigest(), len(places))] if places else []


def place_words(place: QueuePlace) -> str:
    """For a row of the list and for the task's page."""
    if not place.seconds:
        return _("Next in the queue · starts in a moment")
    words = _("Number %(number)s in the queue · starts in about %(time)s")
    return words % {"number": place.number, "time": lasting(place.seconds)}
