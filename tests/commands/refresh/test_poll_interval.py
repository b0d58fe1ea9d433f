"""When TopView is asked again: often where an end is likely, seldom elsewhere, never in step with others."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tasks.commands.refresh.poll_interval import LONGEST_INTERVAL, interval, wanted_interval

AGES = some.floats(0, 3 * 86_400)
USUAL = some.floats(0, 86_400)
DAY = 86_400.0


def looks_until(seconds: float, usual: float) -> list[float]:
    """The ages at which a call is looked at, the first at once."""
    ages, age = [], 0.0
    while age < seconds:
        ages.append(age)
        age += wanted_interval(age, usual, shortest=3)
    return ages


@given(age=AGES, usual=USUAL, shortest=some.floats(0.01, 60))
def test_it_is_never_shorter_than_the_shortest_nor_longer_than_the_longest(
    age: float, usual: float, shortest: float
) -> None:
    assert shortest <= wanted_interval(age, usual, shortest=shortest) <= LONGEST_INTERVAL


@given(usual=some.floats(1, 300), share=some.floats(0.6, 1.5))
def test_around_the_usual_end_of_minutes_it_is_the_shortest(usual: float, share: float) -> None:
    assert wanted_interval(usual * share, usual, shortest=3) == pytest.approx(3)


@given(age=AGES, later=some.floats(0, 86_400), usual=USUAL)
def test_past_the_usual_end_it_only_grows(age: float, later: float, usual: float) -> None:
    past = usual * 1.5 + age
    assert wanted_interval(past + later, usual, shortest=3) >= wanted_interval(past, usual, shortest=3)


@given(usual=some.floats(1, DAY))
def test_what_fails_at_once_is_seen_soon(usual: float) -> None:
    assert wanted_interval(0, usual, shortest=3) == 3
    assert wanted_interval(30, usual, shortest=3) <= 6


@given(usual=some.floats(1, DAY), share=some.floats(0, 3))
def test_an_end_is_seen_within_a_small_part_of_the_time_it_took(usual: float, share: float) -> None:
    end = usual * share
    seen_after = max(looks_until(end, usual), default=0)
    assert wanted_interval(seen_after, usual, shortest=3) <= 3 + end / 8


def test_far_from_its_end_it_is_asked_about_seldom(settings: Any) -> None:
    # Every three seconds it would be 60, and 28,800 in a day.
    assert len(looks_until(180, 300)) < 25
    assert len(looks_until(DAY, DAY)) < 1500


def test_one_that_never_ends_is_asked_about_once_a_minute(settings: Any) -> None:
    settings.REFRESH_SECONDS = 3
    assert all(50 <= interval(age, 120) <= 70 for age in (3600, 90_000))
    assert len({interval(60, 120) for _number in range(5)}) > 1, "never in step with others"
