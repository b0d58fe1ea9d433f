"""An order above the workspace's limit is confirmed once more by its maker, with the number."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from tasks.kinds import KINDS, image_to_video_models, marketing_video
from tasks.models import AuditEvent, Membership, Status, Submission, Task, Workspace, estimates
from tests.people import browser_of
from tests.views.rows import make_account, make_file, make_output, make_task

VIDEO = image_to_video_models.KIND
NEW = reverse("task-new", args=[VIDEO.slug])
SPENDING = reverse("spending")


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    estimates._past.cache_clear()


def answers(member: Membership, **changes: str) -> dict[str, Any]:
    """Veo 3.1, 8 seconds, 2160p, with sound, four times: 105.6 credits."""
    first = str(make_file(member).pk)
    video = {"model": "veo-3-1", "seconds": "8", "resolution": "2160", "sound": "on", "count": "4"}
    return {"first": first, "prompt": "It turns.", "task_id": str(uuid4()), **video, **changes}


def confirmation(page: str) -> str:
    found = re.search(r'name="confirmed" value="([^"]+)"', page)
    assert found
    return unescape(found[1])


def asked(client: Client, address: str, sent: dict[str, Any]) -> str:
    """The page that asks about the price."""
    answer = client.post(address, sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Please confirm the price" in page
    return page


@pytest.mark.postgres
def test_an_order_above_the_limit_is_asked_about_with_the_number_and_then_made(mark: Membership) -> None:
    make_account(mark.workspace)
    client, sent = browser_of(mark), answers(mark)
    page = asked(client, NEW, sent)
    assert "This costs 105.6 credits." in page and "Above 20 credits" in page
    assert "It turns." in page and f'value="{sent["first"]}"' in page and "Order for 105.6 credits" in page
    assert not Task.objects.exists()
    assert client.post(NEW, {**sent, "confirmed": confirmation(page)}).status_code == 303
    assert Task.objects.get().pk == Task.objects.get(pk=sent["task_id"]).pk
    event = AuditEvent.objects.get(verb="price-confirmed")
    assert (event.actor, event.facts["credits"]) == (mark.user, "105.6")


def test_an_order_up_to_the_limit_is_made_at_once(mark: Membership) -> None:
    make_account(mark.workspace)
    exactly = answers(mark, model="topview-lite", seconds="10", count="4", resolution="", sound="")
    assert browser_of(mark).post(NEW, exactly).status_code == 303
    Workspace.objects.update(confirm_above=Decimal("105.6"))
    assert browser_of(mark).post(NEW, answers(mark)).status_code == 303
    assert not AuditEvent.objects.filter(verb="price-confirmed").exists()


def test_a_confirmation_holds_for_one_form_one_number_and_one_person(
    mark: Membership, alice: Membership
) -> None:
    make_account(mark.workspace)
    client, sent = browser_of(mark), answers(mark)
    agreed = confirmation(asked(client, NEW, sent))
    page = asked(client, NEW, {**sent, "confirmed": agreed, "count": "3"})
    assert "This costs 79.2 credits." in page
    asked(client, NEW, {**sent, "confirmed": agreed, "prompt": "It jumps."})
    asked(browser_of(alice), NEW, {**sent, "confirmed": agreed})
    asked(client, NEW, {**sent, "confirmed": "105.6"})
    asked(client, NEW, {**sent, "confirmed": "nonsense \u20ac"})
    assert not Task.objects.exists()


def test_an_order_sent_twice_is_asked_about_once(mark: Membership) -> None:
    make_account(mark.workspace)
    client, sent = browser_of(mark), answers(mark)
    agreed = {**sent, "confirmed": confirmation(asked(client, NEW, sent))}
    assert client.post(NEW, agreed).status_code == client.post(NEW, agreed).status_code == 303
    assert client.post(NEW, sent).headers["Location"] == reverse("task-page", args=[sent["task_id"]])
    assert Submission.objects.count() == 1


def test_a_price_that_may_be_above_the_limit_is_asked_about(mark: Membership) -> None:
    make_account(mark.workspace)
    page = asked(browser_of(mark), NEW, answers(mark, resolution="", count="1", sound="on"))
    assert "This may cost up to 26.4 credits." in page


def test_a_price_that_is_not_known_is_not_asked_about(mark: Membership) -> None:
    kind = KINDS["image-to-video"]
    make_account(mark.workspace)
    Workspace.objects.update(confirm_above=0)
    sent = {"image": str(make_file(mark).pk), "mode": "best", "duration": "10", "count": "4"}
    address = reverse("task-new", args=[kind.slug])
    assert browser_of(mark).post(address, {**sent, "task_id": str(uuid4())}).status_code == 303


@pytest.mark.postgres
def test_what_such_orders_have_cost_counts_where_no_rate_is_published(mark: Membership) -> None:
    kind = KINDS["image-to-video"]
    make_account(mark.workspace)
    brief = {"schema": 1, "mode": "best", "duration": "10", "count": "4"}
    task = make_task(mark, kind=kind, brief=brief, cost=Decimal(62))
    task.submissions.update(finished_at=task.created_at)
    sent = {**brief, "image": str(make_file(mark).pk), "task_id": str(uuid4())}
    assert "62 credits" in asked(browser_of(mark), reverse("task-new", args=[kind.slug]), sent)


def test_the_questions_about_a_duplicate_and_about_the_price_are_answered_one_after_the_other(
    mark: Membership,
) -> None:
    make_account(mark.workspace)
    client, sent = browser_of(mark), answers(mark)
    agreed = {**sent, "confirmed": confirmation(asked(client, NEW, sent))}
    assert client.post(NEW, agreed).status_code == 303
    again = {**sent, "task_id": str(uuid4()), "from": sent["task_id"]}
    assert "Please confirm" not in client.post(NEW, again).content.decode()
    page = asked(client, NEW, {**again, "reason": "A second take."})
    assert 'value="A second take."' in page
    again = {**again, "reason": "A second take.", "confirmed": confirmation(page)}
    assert client.post(NEW, again).status_code == 303
    assert Submission.objects.count() == 2


def test_trying_again_is_asked_about_like_the_first_attempt(mark: Membership) -> None:
    make_account(mark.workspace)
    client, sent = browser_of(mark), answers(mark)
    agreed = {**sent, "confirmed": confirmation(asked(client, NEW, sent))}
    client.post(NEW, agreed)
    Submission.objects.update(status=Status.FAILED, accepted_at=None)
    Task.objects.get().touch()
    call = Submission.objects.get()
    again = reverse("submission-retry", args=[call.pk])
    page = asked(client, again, {})
    assert "This costs 105.6 credits." in page and Submission.objects.count() == 1
    assert client.post(again, {"confirmed": agreed["confirmed"]}).status_code == 422
    assert client.post(again, {"confirmed": confirmation(page)}).status_code == 303
    assert Submission.objects.count() == 2


def test_the_reason_given_for_trying_again_is_kept_while_the_price_is_asked_about(mark: Membership) -> None:
    make_account(mark.workspace)
    client, sent = browser_of(mark), answers(mark)
    client.post(NEW, {**sent, "confirmed": confirmation(asked(client, NEW, sent))})
    call = Submission.objects.get()
    Submission.objects.update(status=Status.FAILED, accepted_at=call.created_at)
    call.task.touch()
    again = reverse("submission-retry", args=[call.pk])
    page = asked(client, again, {"reason": "It failed at TopView."})
    assert 'value="It failed at TopView."' in page
    both = {"reason": "It failed at TopView.", "confirmed": confirmation(page)}
    assert client.post(again, both).status_code == 303


@pytest.mark.postgres
def test_several_exports_at_once_are_asked_about_by_their_sum(mark: Membership) -> None:
    kind = marketing_video.KIND
    task = make_task(mark, kind=kind, brief={"schema": 1, "way": "preview", "length": "15-30"})
    facts: dict[str, Any] = {"segments": [], "title": "A film"}
    films = [
        make_output(task, position=number, facts={**facts, "script_id": number, "film": str(number)})
        for number in range(5)
    ]
    client = browser_of(mark)
    address = reverse("task-next", args=[task.pk, "export"])
    sent = {"order_id": str(uuid4()), "output": [str(film.pk) for film in films]}
    assert "This costs 25 credits." in (page := asked(client, address, sent))
    assert not task.submissions.filter(step="export").exists()
    fewer = {**sent, "output": sent["output"][:4]}
    more = {**sent, "confirmed": confirmation(page)}
    assert client.post(address, more).status_code == 303
    assert client.post(address, more).status_code == 303
    assert client.post(address, fewer).status_code == 303
    assert task.submissions.filter(step="export").count() == 5


def test_an_admin_changes_the_limit_and_that_is_written_down(alice: Membership, mark: Membership) -> None:
    make_account(mark.workspace)
    client = browser_of(alice)
    assert 'value="20"' in client.get(SPENDING).content.decode()
    assert client.post(SPENDING, {"confirm_above": "200"}).status_code == 303
    event = AuditEvent.objects.get(verb="limit-changed")
    assert (event.actor, event.facts) == (alice.user, {"confirm_above": "200"})
    assert browser_of(mark).post(NEW, answers(mark)).status_code == 303


@pytest.mark.postgres
@pytest.mark.parametrize("limit", ["", "-1", "much", "1e99", "NaN", "0.00001"])
def test_a_limit_that_is_no_amount_is_refused_and_kept(limit: str, alice: Membership) -> None:
    answer = browser_of(alice).post(SPENDING, {"confirm_above": limit})
    assert answer.status_code == 422
    assert f'value="{limit}"' in answer.content.decode() or not limit
    assert Workspace.objects.get(pk=alice.workspace_id).confirm_above == 20


def test_the_limit_of_one_workspace_is_not_that_of_another(alice: Membership, stefan: Membership) -> None:
    browser_of(alice).post(SPENDING, {"confirm_above": "5"})
    assert Workspace.objects.get(pk=stefan.workspace_id).confirm_above == 20
