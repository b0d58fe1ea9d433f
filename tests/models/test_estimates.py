"""When a call should end: from this workspace's own past, else from the product's first guess."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from tasks.kinds import image_to_video, photo_avatar
from tasks.kinds.base import TaskKind
from tasks.models import Membership, Status, Submission, estimates
from tests.views.rows import make_task

FILM, SPEECH = image_to_video.KIND, photo_avatar.KIND
GUESS = FILM.steps[0].usual_seconds


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    estimates._past.cache_clear()
    yield
    estimates._past.cache_clear()


def finished(mark: Membership, seconds: float, kind: TaskKind = FILM, **brief: object) -> None:
    """A call of the past that TopView took so long for, after an hour in the queue."""
    now = timezone.now()
    accepted_at = now - timedelta(seconds=seconds)
    made_at = accepted_at - timedelta(hours=1)
    make_task(
        mark, kind=kind, brief=dict(brief), created_at=made_at, accepted_at=accepted_at, finished_at=now
    )


def looked_ahead(
    mark: Membership, since: datetime, kind: TaskKind = FILM, **brief: object
) -> tuple[float, float, float]:
    """Seconds until it usually ends, is slow, and is past its deadline."""
    task = make_task(mark, kind=kind, brief=dict(brief), status=Status.RUNNING)
    expected = estimates.forecast(Submission.objects.get(task=task), since)
    moments = (expected.usual_at, expected.slow_at, expected.deadline_at)
    usual, slow, deadline = ((moment - since).total_seconds() for moment in moments)
    return usual, slow, deadline


def test_without_a_past_the_product_guesses(mark: Membership) -> None:
    usual, slow, deadline = looked_ahead(mark, timezone.now(), mode="lite")
    assert usual == GUESS
    assert usual * 2 <= slow <= deadline == FILM.steps[0].deadline_seconds


def test_the_time_at_topview_counts_and_not_the_time_in_the_queue(mark: Membership) -> None:
    for seconds in (50, 60, 70):
        finished(mark, seconds, mode="lite")
    usual, slow, _deadline = looked_ahead(mark, timezone.now(), mode="lite")
    assert usual == pytest.approx(60, abs=1)
    assert slow == pytest.approx(120, abs=2)


def test_slow_is_slower_than_nearly_all_before(mark: Membership) -> None:
    for seconds in (50, 50, 50, 60, 60, 60, 60, 400, 400, 400):
        finished(mark, seconds, mode="lite")
    usual, slow, _deadline = looked_ahead(mark, timezone.now(), mode="lite")
    assert usual == pytest.approx(60, abs=1)
    assert slow == pytest.approx(500, abs=2)


def test_calls_of_the_same_shape_count_before_others(mark: Membership) -> None:
    for seconds in (500, 500, 500, 500):
        finished(mark, seconds, mode="best")
    assert looked_ahead(mark, timezone.now(), mode="lite")[0] == pytest.approx(500, abs=1)
    for seconds in (50, 60, 70):
        finished(mark, seconds, mode="lite")
    estimates._past.cache_clear()
    assert looked_ahead(mark, timezone.now(), mode="lite")[0] == pytest.approx(60, abs=1)


def test_a_call_that_may_take_a_day_is_not_measured_by_those_that_take_minutes(mark: Membership) -> None:
    for _number in range(5):
        finished(mark, 300, SPEECH, off_peak=False)
    usual, slow, deadline = looked_ahead(mark, timezone.now(), SPEECH, off_peak=True)
    assert deadline == photo_avatar.OFF_PEAK_DEADLINE == 24 * 3600
    assert 3600 < usual < slow <= deadline


def test_a_day_long_past_gives_a_day_long_forecast(mark: Membership) -> None:
    for hours in (17, 18, 19):
        finished(mark, hours * 3600, SPEECH, off_peak=True)
    usual, slow, deadline = looked_ahead(mark, timezone.now(), SPEECH, off_peak=True)
    assert usual == pytest.approx(18 * 3600, abs=2)
    assert slow == deadline, "what is past its deadline is past being slow"


def test_a_product_that_is_gone_has_no_forecast(mark: Membership) -> None:
    task = make_task(mark, status=Status.RUNNING)
    type(task).objects.update(kind="gone")
    with pytest.raises(LookupError):
        estimates.forecast(Submission.objects.select_related("task").get(task=task), timezone.now())
