"""Price and time before anything is paid: documented or from our own past, with the size of the sample."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from tasks.models import Membership, Status, history
from tasks.views.expectation import Expectation, expectation
from tests.people import browser_of
from tests.views.rows import COUNTING, make_account, make_file, make_task

PRICE_URL = reverse("task-price", args=[COUNTING.slug])
STEP = COUNTING.steps[0]
BRIEF = {"schema": 1, "prompt": "It turns.", "mode": "lite", "duration": "5", "count": "2"}


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    history._kept._found = {}


def paid(member: Membership, cost: str | None, seconds: float = 60, **changes: str) -> None:
    """A finished task of the past."""
    now = timezone.now()
    make_task(
        member,
        brief={**BRIEF, **changes},
        cost=None if cost is None else Decimal(cost),
        created_at=now - timedelta(seconds=seconds),
        finished_at=now,
    )


def expected(member: Membership, asked: dict[str, Any] | None = None, count: int = 1) -> Expectation:
    return expectation(member.workspace, COUNTING, STEP, BRIEF if asked is None else asked, count)


def test_a_published_price_is_told_and_multiplied(mark: Membership) -> None:
    step = replace(STEP, price=lambda brief: Decimal(5), price_note="TopView's price.")
    told = expectation(mark.workspace, COUNTING, step, BRIEF, 3)
    assert (told.price, told.price_basis) == ("Costs 15 credits.", "TopView's price.")


def test_without_a_price_and_a_past_no_number_is_made_up(mark: Membership) -> None:
    told = expected(mark)
    assert not any(sign.isdigit() for sign in told.price + told.price_basis)
    assert told.price_basis == str(STEP.price_note)


def test_past_charges_of_the_same_shape_give_median_range_and_sample(mark: Membership) -> None:
    for cost in ("4", "6", "5"):
        paid(mark, cost)
    paid(mark, "90", mode="best")
    paid(mark, None)
    told = expected(mark)
    assert told.price == "Usually costs 5 credits, from 4 credits to 6 credits."
    assert told.price_basis == "Based on 3 of yours like this."


def test_equal_charges_are_one_number(mark: Membership) -> None:
    paid(mark, "2.5")
    paid(mark, "2.5")
    told = expected(mark, count=2)
    assert (told.price, told.price_basis) == ("Costs 5 credits.", "Based on 2 of yours like this.")


def test_charges_of_another_shape_are_named_as_such(mark: Membership) -> None:
    paid(mark, "7", mode="best")
    assert expected(mark).price_basis == "Based on 1 of yours with other answers."


def test_what_others_paid_and_what_failed_tells_nothing(mark: Membership, stefan: Membership) -> None:
    paid(stefan, "3")
    make_task(mark, brief=BRIEF, status=Status.FAILED, cost=Decimal(8), finished_at=timezone.now())
    assert expected(mark).price_basis == str(STEP.price_note)


def test_the_time_comes_from_enough_own_tasks_with_their_number(mark: Membership) -> None:
    for seconds in (100, 200):
        paid(mark, "1", seconds=seconds)
    assert "until 3 of yours" in expected(mark).time_basis
    history._kept._found = {}
    paid(mark, "1", seconds=300)
    told = expected(mark)
    assert (told.time, told.time_basis) == ("Usually takes 3 min.", "Measured on 3 of yours.")


@pytest.mark.parametrize(
    ("balance", "words", "short"),
    [("20", "20 credits: enough.", False), ("5", "perhaps not enough.", True), ("1", ": not enough.", True)],
)
def test_the_balance_is_held_against_the_price(
    mark: Membership, balance: str, words: str, short: bool
) -> None:
    account = make_account(mark.workspace, balance=Decimal(balance))
    paid(mark, "4")
    paid(mark, "6")
    told = expectation(mark.workspace, COUNTING, STEP, BRIEF, credential=account)
    assert words in told.balance
    assert told.is_short is short


def test_an_unknown_balance_or_price_says_nothing_about_the_balance(mark: Membership) -> None:
    account = make_account(mark.workspace, balance=Decimal(10))
    assert expectation(mark.workspace, COUNTING, STEP, BRIEF, credential=account).balance == ""
    paid(mark, "4")
    assert expectation(mark.workspace, COUNTING, STEP, BRIEF, credential=None).balance == ""


def test_the_fragment_follows_what_is_filled_in(mark: Membership) -> None:
    make_account(mark.workspace, balance=Decimal(100))
    paid(mark, "4")
    paid(mark, "40", mode="best")
    client = browser_of(mark)
    file = next(name for name, field in COUNTING.inputs.own_fields() if field.widget_kind == "asset")
    sent = {**BRIEF, file: str(make_file(mark).pk), "task_id": str(uuid4())}
    assert "Costs 4 credits." in client.post(PRICE_URL, sent).content.decode()
    page = client.post(PRICE_URL, {**sent, "mode": "best"}).content.decode()
    assert "Costs 40 credits." in page
    assert "100 credits" in page


@pytest.mark.parametrize(
    "sent", [{}, {"mode": "none", "count": "x"}, {"image": "\x00", "duration": "\U0001f600"}]
)
def test_a_form_filled_half_or_with_nonsense_gives_what_is_known(
    mark: Membership, sent: dict[str, str]
) -> None:
    make_account(mark.workspace)
    paid(mark, "4")
    page = browser_of(mark).post(PRICE_URL, sent).content.decode()
    assert "Based on 1 of yours with other answers." in page
    assert "Usually takes" in page


def test_the_page_starts_with_the_price_of_the_answers_it_shows(mark: Membership) -> None:
    make_account(mark.workspace)
    paid(mark, "4", count="1")
    page = browser_of(mark).get(reverse("task-new", args=[COUNTING.slug])).content.decode()
    assert "Based on 1 of yours like this." in page
    assert f'hx-post="{PRICE_URL}"' in page


def test_an_unknown_product_has_no_price(mark: Membership) -> None:
    assert browser_of(mark).post(reverse("task-price", args=["no-such-thing"])).status_code == 404


def test_steps_that_start_by_themselves_are_counted_in(mark: Membership) -> None:
    first = replace(STEP, price=lambda brief: Decimal(1), price_note="The cut-out.")
    second = replace(
        STEP, slug="more", works_on=(STEP.slug,), is_automatic=True, price=lambda brief: Decimal("0.5")
    )
    chain = replace(COUNTING, steps=(first, second))
    told = expectation(mark.workspace, chain, first, BRIEF)
    assert (told.price, told.price_basis) == ("Costs 1.5 credits.", f"The cut-out. {STEP.price_note}")
    assert told.time == expected(mark).time.replace("3 min", "6 min")


def test_a_chain_of_which_one_price_is_unknown_has_no_price(mark: Membership) -> None:
    first = replace(STEP, price=lambda brief: Decimal(1))
    second = replace(STEP, slug="more", works_on=(STEP.slug,), is_automatic=True)
    told = expectation(mark.workspace, replace(COUNTING, steps=(first, second)), first, BRIEF)
    assert told.price == "Price not known yet."
