"""How the results of a task stand in review."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.models import Decision, OutputState, ReviewState, Task, Version, VersionState
from tasks.models.pieces import DECIDED, states_before
from tasks.models.task_pages import Results
from tasks.views.http.formatting import exact


@dataclass(frozen=True, slots=True)
class Review:
    """A version made of one of the task's results; `decision` is the last word on it."""

    version: Version
    decision: Decision | None
    since: str

    @property
    def can_be_sent(self) -> bool:
        """Whether its result may be sent once more."""
        return self.version.state in states_before(VersionState.OPEN)

    @property
    def wants_changes(self) -> bool:
        """Whether it waits for its maker."""
        return self.version.state == VersionState.CHANGES


def reviews_of(task: Task) -> list[Review]:
    """The versions made of its results that are in review or were decided on. No query for a task of none."""
    if task.review_state == ReviewState.NONE:
        return []
    rows = Version.objects.filter(output__task=task).exclude(state=VersionState.RECALLED)
    rows = rows.select_related("piece").prefetch_related("decisions").order_by("piece__created_at", "-number")
    return [
        Review(
            version,
            list(version.decisions.all())[-1] if version.state in DECIDED else None,
            exact(version.changed_at),
        )
        for version in rows
    ]


def can_send(results: Results, reviews: list[Review]) -> bool:
    """Whether some saved result of the page is not in review, nor was decided on."""
    closed = {review.version.output_id for review in reviews if not review.can_be_sent}
    shown = (output for outputs in results.shown.values() for output in outputs)
    return any(output.state == OutputState.SAVED and output.pk not in closed for output in shown)
