"""Price and time before anything is paid: documented or from our own past, with the size of the sample."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from tasks.contract import load_models
from tasks.kinds import KINDS, image_to_video_models
from tasks.kinds.base import FollowUp, Rate, Step, TaskKind, cost_of
from tasks.models import Membership, Status, estimates
from tasks.views.tasks.estimate import SOURCES, Estimate, estimate_of
from tests.people import browser_of
from tests.views.rows import COUNTING, PICKING, make_account, make_file, make_task

PRICE_URL = reverse("task-price", args=[COUNTING.slug])
STEP = COUNTING.steps[0]
AT_ONCE = FollowUp(works_on=(STEP.slug,), is_automatic=True)
MODELS = image_to_video_models.KIND
BRIEF = {"schema": 1, "prompt": "It turns.", "mode": "lite", "duration": "5", "count": "2"}


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    estimates._past.cache_clear()


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


def expected(member: Membership, asked: dict[str, Any] | None = None, count: int = 1) -> Estimate:
    return estimate_of(member.workspace, COUNTING, STEP, BRIEF if asked is None else asked, count)


def at_price(credits: str, *, is_doubtful: bool = False) -> Step:
    """The step with a published price that is always the same."""
    rate = Rate(Decimal(credits), "codex", date(2026, 5, 13), is_doubtful)
    pricing = replace(STEP.pricing, cost=lambda brief, prices: cost_of([rate]))
    return replace(STEP, pricing=pricing)


def test_a_published_price_is_told_with_its_source_and_date_and_multiplied(mark: Membership) -> None:
    told = estimate_of(mark.workspace, COUNTING, at_price("5"), BRIEF, 3)
    assert told.price == "Costs 15 credits."
    assert told.price_basis == "Published rate, by TopView's own client, May 13, 2026."


def test_a_published_price_goes_before_what_was_paid(mark: Membership) -> None:
    paid(mark, "3.15")
    assert estimate_of(mark.workspace, COUNTING, at_price("5"), BRIEF).price == ("Costs 5 credits.")


def test_a_doubtful_price_is_called_so_and_calls_no_balance_enough(mark: Membership) -> None:
    account = make_account(mark.workspace, balance=Decimal(100))
    step = at_price("5", is_doubtful=True)
    told = estimate_of(mark.workspace, COUNTING, step, BRIEF, credential=account)
    assert told.price == "Perhaps 5 credits; that is doubtful."
    assert "100 credits" in told.balance and "enough" not in told.balance and not told.is_short


def test_whoever_publishes_a_rate_has_a_name_for_people() -> None:
    assert set(load_models()["sources"]) <= set(SOURCES)


def test_the_price_of_a_named_model_is_never_what_other_models_have_cost(mark: Membership) -> None:
    """Veo 3.1 for 8 seconds in 2160p with sound, four times, is no 3.15 credits because others were."""
    account = make_account(mark.workspace, balance=Decimal(50))
    cheap = {"model": "topview-lite", "seconds": "5", "count": "1", "sound": "off"}
    for cost in ("3", "3.15", "3.3"):
        make_task(
            mark, kind=MODELS, brief={"schema": 1, **cheap}, cost=Decimal(cost), finished_at=timezone.now()
        )
    asked = {"model": "veo-3-1", "seconds": "8", "resolution": "2160", "sound": "on", "count": "4"}
    told = estimate_of(mark.workspace, MODELS, MODELS.steps[0], asked, credential=account)
    assert told.price == "Costs 105.6 credits."
    assert "not enough" in told.balance and told.is_short


def test_without_a_price_and_a_past_no_number_is_made_up(mark: Membership) -> None:
    told = expected(mark)
    assert not any(sign.isdigit() for sign in told.price + told.price_basis)
    assert told.price_basis == str(STEP.pricing.note)


def test_past_charges_of_the_same_shape_give_median_range_and_sample(mark: Membership) -> None:
    for cost in ("4", "6", "5"):
        paid(mark, cost)
    paid(mark, "90", mode="best")
    paid(mark, None)
    told = expected(mark)
    assert told.price == "Usually costs 5 credits, from 4 credits to 6 credits."
    assert told.price_basis == "Estimate from 3 similar tasks."


def test_equal_charges_are_one_number(mark: Membership) -> None:
    paid(mark, "2.5")
    paid(mark, "2.5")
    told = expected(mark, count=2)
    assert (told.price, told.price_basis) == ("Costs 5 credits.", "Estimate from 2 similar tasks.")


@pytest.mark.parametrize("change", [{"mode": "best"}, {"duration": "10"}, {"count": "1"}])
def test_charges_of_another_shape_tell_nothing(mark: Membership, change: dict[str, str]) -> None:
    account = make_account(mark.workspace, balance=Decimal(100))
    paid(mark, "7", 60, **change)
    told = estimate_of(mark.workspace, COUNTING, STEP, BRIEF, credential=account)
    assert (told.price, told.price_basis, told.balance) == ("Price not known.", str(STEP.pricing.note), "")


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.slug)
def test_every_step_says_which_answers_its_price_follows(kind: TaskKind) -> None:
    for step in kind.steps:
        inputs = step.follow_up.inputs
        fields = dict(kind.inputs.own_fields()) | dict(inputs.own_fields() if inputs else ())
        assert set(step.pricing.priced_by or ()) <= set(fields)


def test_where_nothing_is_said_every_answer_that_may_change_the_price_makes_another_shape() -> None:
    step = replace(STEP, pricing=replace(STEP.pricing, priced_by=None))
    shapes = {
        COUNTING.shape(step, {**BRIEF, **change})
        for change in ({}, {"mode": "best"}, {"duration": "10"}, {"count": "1"}, {"image": "x"})
    }
    assert len(shapes) == 5
    assert COUNTING.shape(step, {**BRIEF, "prompt": "Else."}) in shapes


def test_a_past_brief_that_cannot_be_read_tells_nothing(mark: Membership) -> None:
    brief = {
        "schema": 1,
        "engine": "avatar-1",
        "speech": "recording",
        "recording": "x",
        "recorded_seconds": "?",
    }
    make_task(mark, kind=PICKING, brief=brief, cost=Decimal(4), finished_at=timezone.now())
    assert estimate_of(
        mark.workspace, PICKING, PICKING.steps[0], {**brief, "recorded_seconds": "9"}
    ).price == ("Price not known.")


def test_what_others_paid_and_what_failed_tells_nothing(mark: Membership, stefan: Membership) -> None:
    paid(stefan, "3")
    make_task(mark, brief=BRIEF, status=Status.FAILED, cost=Decimal(8), finished_at=timezone.now())
    assert expected(mark).price_basis == str(STEP.pricing.note)


def test_the_time_comes_from_enough_own_tasks_with_their_number(mark: Membership) -> None:
    for seconds in (100, 200):
        paid(mark, "1", seconds=seconds)
    assert "until 3 similar tasks" in expected(mark).time_basis
    estimates._past.cache_clear()
    paid(mark, "1", seconds=300)
    told = expected(mark)
    assert (told.time, told.time_basis) == ("Usually takes 3 min.", "Estimate from 3 similar tasks.")


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
    told = estimate_of(mark.workspace, COUNTING, STEP, BRIEF, credential=account)
    assert words in told.balance
    assert told.is_short is short


def test_an_unknown_balance_or_price_says_nothing_about_the_balance(mark: Membership) -> None:
    account = make_account(mark.workspace, balance=Decimal(10))
    assert estimate_of(mark.workspace, COUNTING, STEP, BRIEF, credential=account).balance == ""
    paid(mark, "4")
    assert estimate_of(mark.workspace, COUNTING, STEP, BRIEF, credential=None).balance == ""


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
    assert "Price not known." in page
    assert "Usually takes" in page


def test_the_page_starts_with_the_price_of_the_answers_it_shows(mark: Membership) -> None:
    make_account(mark.workspace)
    paid(mark, "4", count="1")
    page = browser_of(mark).get(reverse("task-new", args=[COUNTING.slug])).content.decode()
    assert "Estimate from 1 similar task." in page
    assert f'hx-post="{PRICE_URL}"' in page


def test_an_unknown_product_has_no_price(mark: Membership) -> None:
    assert browser_of(mark).post(reverse("task-price", args=["no-such-thing"])).status_code == 404


def test_steps_that_start_by_themselves_are_counted_in(mark: Membership) -> None:
    first = at_price("1")
    second = replace(at_price("0.5"), slug="more", follow_up=AT_ONCE)
    chain = replace(COUNTING, steps=(first, second))
    told = estimate_of(mark.workspace, chain, first, BRIEF)
    assert told.price == "Costs 1.5 credits."
    assert told.time == expected(mark).time.replace("3 min", "6 min")


def test_a_chain_of_which_one_price_is_unknown_has_no_price(mark: Membership) -> None:
    first = at_price("1")
    second = replace(STEP, slug="more", follow_up=AT_ONCE)
    told = estimate_of(mark.workspace, replace(COUNTING, steps=(first, second)), first, BRIEF)
    assert told.price == "Price not known."
