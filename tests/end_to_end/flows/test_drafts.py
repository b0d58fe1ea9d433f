"""Somebody's sign-in ends while a form is open: what was typed is there again afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tasks.kinds import KINDS
from tasks.models import Task
from tests.browser import Watch
from tests.end_to_end.person import PATIENCE, TASK_PAGE, field, holds
from tests.end_to_end.stage import Stage
from tests.media.samples import make_picture
from tests.people import PASSWORD, make_credential

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Route

pytestmark = pytest.mark.browser

KIND = KINDS["image-to-video"]
WORDS = "The cup turns slowly.\nSteam rises."
AGAIN = "Nothing was sent. What you had typed is here again"


def test_what_was_typed_outlives_a_sign_in_and_is_sent_once(
    stage: Stage, context: BrowserContext, page: Page, watch: Watch, tmp_path: Path
) -> None:
    watch.allowed.append("status of 401")
    stage.need_sandbox()
    stage.need_worker()
    team = stage.make_team()
    make_credential(team.workspace)
    stage.sign_in(context, team.mark)
    page.goto(f"{stage.web_url}{reverse('task-new', args=[KIND.slug])}")
    # The price is asked for after each change, and leads to the door: not before everything is filled in.
    questions: list[Route] = []
    page.route("**/price/", lambda route: questions.append(route))
    with page.expect_request("**/price/"):
        field(page, "Picture").locator("[type=file]").set_input_files(
            make_picture(tmp_path / "cup.png", (400, 300))
        )
        expect(holds(page, "Picture")).to_have_text("cup.png", timeout=PATIENCE)
        order_id = page.locator("[name=task_id]").input_value()
        words = page.get_by_role("textbox", name="What should happen")
        words.fill(WORDS)
        words.blur()
    sign_out(context)
    for question in questions:
        question.continue_()
    page.unroute("**/price/")
    sign_in(page, str(team.mark.user.email), "a wrong password")
    expect(page.get_by_role("alert")).to_be_visible()
    sign_in(page, str(team.mark.user.email), PASSWORD)
    expect(page.get_by_text(AGAIN)).to_be_visible()

    # So does the form itself.
    expect(words).to_have_value(WORDS)
    sign_out(context)
    page.locator(".order__foot button").click()
    sign_in(page, str(team.mark.user.email), PASSWORD)
    expect(page.get_by_text(AGAIN)).to_be_visible()
    expect(words).to_have_value(WORDS)
    expect(holds(page, "Picture")).to_have_text("cup.png")
    assert page.locator("[name=task_id]").input_value() == order_id
    assert PASSWORD not in page.evaluate("() => JSON.stringify(sessionStorage)")

    page.locator(".order__foot button").click()
    page.wait_for_url(TASK_PAGE)
    task = Task.objects.get(workspace=team.workspace)
    assert (str(task.pk), task.brief["prompt"]) == (order_id, WORDS)
    page.goto(f"{stage.web_url}{reverse('task-new', args=[KIND.slug])}")
    expect(words).to_have_value("")
    assert page.evaluate("() => sessionStorage.getItem('draft')") is None


def sign_out(context: BrowserContext) -> None:
    """The session is over; the page knows nothing of it."""
    context.clear_cookies(name="sessionid")


def sign_in(page: Page, email: str, password: str) -> None:
    """At the door that the page has led to."""
    expect(page.get_by_role("heading", name="Sign in", level=1)).to_be_visible()
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
