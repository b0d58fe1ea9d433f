"""The table of transitions: the code, the page that describes it and the list written here say the same."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from tasks.causes import Cause
from tasks.models import (
    ALLOWED,
    DEAD,
    IN_FLIGHT,
    WATCHED,
    InvalidTransition,
    Status,
    Submission,
    TaskStatus,
    Transition,
)
from tasks.models.transitions import overall_status
from tests.models.conftest import Make

# Written by hand, so that a change of the table must be meant twice.
EXPECTED = {
    "queued": {"preparing", "cancelled"},
    "preparing": {"queued", "cancelled", "failed", "submitting"},
    "submitting": {"running", "queued", "refused", "unknown"},
    "running": {"succeeded", "failed", "stopped"},
    "stopped": {"succeeded", "failed"},
    "unknown": {"running", "abandoned"},
    "abandoned": {"running"},
    "succeeded": set(),
    "failed": set(),
    "refused": set(),
    "cancelled": set(),
}
PAIRS = list(itertools.product(Status, Status))
ARCHITECTURE = Path(__file__).resolve().parents[2] / "docs" / "architecture.md"


def as_text(table: dict[Status, frozenset[Status]]) -> dict[str, set[str]]:
    """The table in plain words."""
    return {status.value: {one.value for one in to} for status, to in table.items()}


def printed_table() -> dict[str, set[str]]:
    """The rows of the page's table: `| from, from | to, to | when |`."""
    words = {status.value for status in Status}
    found: dict[str, set[str]] = {word: set() for word in words}
    for line in ARCHITECTURE.read_text().splitlines():
        cells = [re.split(r",\s*", cell.strip()) for cell in line.split("|")[1:3]]
        if len(cells) == 2 and words.issuperset(cells[0]) and words.issuperset(cells[1]):
            for word in cells[0]:
                found[word].update(cells[1])
    return found


def test_the_table_is_the_one_that_was_decided():
    assert as_text(ALLOWED) == EXPECTED


def test_the_page_prints_the_same_table():
    assert printed_table() == EXPECTED


def test_every_status_belongs_to_the_groups_it_should():
    assert set(DEAD) == {"refused", "failed", "cancelled", "abandoned"}
    assert set(IN_FLIGHT) == {"submitting", "running", "stopped", "unknown"}
    assert set(WATCHED) == {"running", "stopped"}


def test_nothing_leads_back_to_before_the_call_once_it_may_have_been_accepted():
    reached, waiting = set(), {Status.RUNNING, Status.UNKNOWN}
    while waiting:
        reached |= waiting
        waiting = {to for status in waiting for to in ALLOWED[status]} - reached
    assert not reached & {Status.QUEUED, Status.PREPARING, Status.SUBMITTING}


@pytest.mark.parametrize(("seen", "to"), [pair for pair in PAIRS if pair[1] not in EXPECTED[pair[0]]])
def test_a_move_that_the_table_lacks_is_a_fault_of_ours(seen: Status, to: Status):
    submission = Submission(status=seen)
    with pytest.raises(InvalidTransition, match=f"{seen} cannot become {to}"):
        submission.advance(to, cause="test")
    assert submission.status == seen


@pytest.mark.parametrize(("seen", "to"), [pair for pair in PAIRS if pair[1] in EXPECTED[pair[0]]])
def test_a_move_of_the_table_is_written_with_its_line_and_its_version(make: Make, seen: Status, to: Status):
    submission = make(status=seen)
    revision = submission.task.revision
    assert submission.advance(to, cause="test", reason=Cause.earlier("because"), detail="d" * 600)
    submission.refresh_from_db()
    submission.task.refresh_from_db()
    assert (submission.status, submission.reason) == (to, Cause.earlier("because"))
    assert submission.task.revision > revision
    assert submission.task.status == overall_status([(to, 0)])
    (transition,) = Transition.objects.all()
    assert (transition.from_status, transition.to_status, transition.cause, transition.detail) == (
        seen,
        to,
        "test",
        "d" * 500,
    )
    assert (transition.submission, transition.workspace_id, transition.actor) == (
        submission,
        submission.workspace_id,
        None,
    )


Q, P, S, R = Status.QUEUED, Status.PREPARING, Status.SUBMITTING, Status.RUNNING
OK, F, X, C = Status.SUCCEEDED, Status.FAILED, Status.REFUSED, Status.CANCELLED
U, A, T = Status.UNKNOWN, Status.ABANDONED, Status.STOPPED


@pytest.mark.parametrize(
    ("parts", "word"),
    [
        ([OK], "succeeded"),
        ([F], "failed"),
        ([X], "failed"),
        ([A], "failed"),
        ([C], "cancelled"),
        ([C, C], "cancelled"),
        ([C, F], "failed"),
        ([OK, C], "succeeded"),
        ([OK, F], "partly_failed"),
        ([OK, X], "partly_failed"),
        ([OK, A], "partly_failed"),
        ([OK, OK], "succeeded"),
        ([OK, T], "stopped"),
        ([OK, F, T, R], "running"),
        ([OK, F, T, R, Q], "queued"),
        ([OK, F, T, R, Q, P], "preparing"),
        ([OK, F, T, R, Q, P, S], "submitting"),
        ([OK, F, T, R, Q, P, S, U], "unknown"),
    ],
)
def test_a_task_is_summed_up_by_its_weightiest_part(parts: list[Status], word: str):
    for order in (parts, parts[::-1]):
        assert overall_status([(part, 0) for part in order]) == word


def test_a_success_with_lost_parts_is_partly_failed():
    assert overall_status([(OK, 1)]) == TaskStatus.PARTLY_FAILED
    assert overall_status([(OK, 0), (OK, 2)]) == TaskStatus.PARTLY_FAILED


def test_an_open_choice_stands_between_what_moves_and_what_has_ended():
    assert overall_status([(OK, 0), (F, 0)], choice_open=True) == TaskStatus.CHOOSING
    assert overall_status([(OK, 0), (R, 0)], choice_open=True) == TaskStatus.RUNNING
