"""What comes of odd data and of faults in a kind: two errors, and in the log the story of a fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tasks.causes import Cause, Code
from tasks.commands.ledger.published_prices import PUBLISHED
from tasks.kinds import image_to_video
from tasks.kinds.base import Brief, Result, Step, UnexpectedShape, UnusableBrief
from tests.programming_errors import ProgrammingErrors

STEP = image_to_video.KIND.steps[0]


def fault(*given: Any) -> Any:
    """A kind's function that takes everything for what it is not."""
    return given[0].no_such_thing


def with_fault(step: Step) -> Step:
    """The step with a fault in each of its functions that follow a call."""
    wire = replace(step.wire, body=fault, outputs=fault, failed_parts=fault, expected_outputs=fault)
    return replace(step, wire=wire, pricing=replace(step.pricing, cost=fault), deadline_of=fault)


OF_A_BRIEF: dict[str, Callable[[Step, Brief], Any]] = {
    "body": lambda step, brief: step.body(brief, {}),
    "expected outputs": lambda step, brief: step.expected_outputs(brief),
    "price": lambda step, brief: step.price(brief, PUBLISHED),
    "deadline": lambda step, brief: step.deadline(brief),
}
OF_AN_ANSWER: dict[str, Callable[[Step, Result], Any]] = {
    "outputs": lambda step, result: step.outputs(result, {}),
    "failed parts": lambda step, result: step.failed_parts(result, {}),
}


@pytest.mark.parametrize("count", [{}, {"count": "many"}], ids=["none", "no number"])
def test_a_stored_answer_that_cannot_be_read_makes_the_brief_unusable(count: Brief) -> None:
    with pytest.raises(UnusableBrief) as unusable:
        STEP.expected_outputs(count)
    assert unusable.value.cause == Cause.of(Code.BRIEF_OUTDATED)


@pytest.mark.parametrize("what", OF_A_BRIEF)
def test_a_fault_where_a_brief_is_read_makes_it_unusable_and_is_logged(
    what: str, programming_errors: ProgrammingErrors
) -> None:
    with pytest.raises(UnusableBrief):
        OF_A_BRIEF[what](with_fault(STEP), {"count": "1"})
    assert [type(error) for error in programming_errors.take()] == [AttributeError]


@pytest.mark.parametrize("what", OF_AN_ANSWER)
def test_a_fault_where_an_answer_is_read_makes_its_shape_unexpected_and_is_logged(
    what: str, programming_errors: ProgrammingErrors
) -> None:
    with pytest.raises(UnexpectedShape):
        OF_AN_ANSWER[what](with_fault(STEP), {"videos": []})
    assert [type(error) for error in programming_errors.take()] == [AttributeError]
