"""A reviewer's morning by keyboard alone, and the review page in each of its states."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tasks.commands.review.comments import delete_comment, resolve_comment
from tasks.models import Decision, Verdict, Version, Visibility
from tests.end_to_end.looks import assert_well_made
from tests.end_to_end.newcomer.test_keyboard import Keys
from tests.end_to_end.pages.test_comments import film_version, open_page
from tests.end_to_end.stage import Stage, Team
from tests.reviewing import judge, make_version, say
from tests.views.rows import worker_is_alive

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser

LONG = "The logo stays for too short a time, and the words under it cannot be read on a phone. " * 10
DRAWN = {"tool": "box", "colour": 1, "width": 60, "points": [[1000, 1000], [9000, 5000]]}


@pytest.fixture
def team(stage: Stage, context: BrowserContext) -> Team:
    worker_is_alive()
    team = stage.make_team()
    stage.sign_in(context, team.rita)
    return team


def test_ten_versions_are_decided_on_without_a_pointer(
    stage: Stage, team: Team, page: Page, tmp_path: Path
) -> None:
    first = film_version(team, tmp_path, (90, 160))
    others = [make_version(team.mark, blob=first.blob, poster=None, seconds=4.0) for _ in range(9)]
    keys = Keys(page)
    page.goto(f"{stage.web_url}{reverse('review-inbox')}")
    keys.activate("Start", "a")
    for place, version in enumerate([first, *others]):
        page.wait_for_url(f"**{reverse('review-page', args=[version.pk])}", wait_until="load")
        if place == 3:
            page.keyboard.press("c")
            page.keyboard.type("The logo is too small.")
            page.keyboard.press("Control+Enter")
            expect(page.locator(".comment")).to_have_count(1)
        if place in (3, 7):
            keys.go_to("Reason", "textarea")
            page.keyboard.type("The logo is too small.")
            keys.activate("Request changes", "button")
        else:
            keys.activate("Approve", "button")
    page.wait_for_url(f"**{reverse('review-inbox')}")
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    decided = Decision.objects.filter(version__workspace=team.workspace)
    assert [one.verdict == Verdict.CHANGES for one in decided] == [place in (3, 7) for place in range(10)]


def talked_about(team: Team, version: Version) -> None:
    """A version with comments of every kind."""
    pinned = say(version, team.mark, LONG, frame_in=3, frame_out=20, visibility=Visibility.EVERYONE)
    say(version, team.rita, "Yes. @Mark, can you look?", to=pinned)
    say(version, team.rita, "Here.", frame_in=7, drawing={"v": 1, "strokes": [DRAWN]})
    resolve_comment(comment=say(version, team.rita, "Louder."), membership=team.mark)
    gone = say(version, team.rita, "x")
    say(version, team.mark, "What do you mean?", to=gone)
    delete_comment(comment=gone, membership=team.rita)


def test_the_review_page_is_well_made_in_each_of_its_states(
    stage: Stage, team: Team, page: Page, tmp_path: Path
) -> None:
    version = film_version(team, tmp_path, (90, 160))
    open_page(stage, page, version)
    assert_well_made(page, "no comments")
    talked_about(team, version)
    open_page(stage, page, version, "?f=7")
    page.locator(".comment", has_text="Here.").locator(".review__words").click()
    page.locator("summary", has_text="Reply").first.click()
    page.locator("summary", has_text="Edit").first.click()
    page.get_by_role("button", name="Draw on the picture").click()
    page.locator("#comment-new textarea").press_sequentially("See @")
    expect(page.locator("#mentions")).to_be_visible()
    assert_well_made(page, "comments, their forms and the tools for drawing")
    page.locator("#comment-new textarea").press("Escape")
    page.get_by_label("From", exact=True).fill("999")
    page.locator("#comment-new textarea").press("Control+Enter")
    expect(page.get_by_text("This lies beyond the end").first).to_be_visible()
    assert_well_made(page, "a refused comment")
    judge(version, team.rita)
    open_page(stage, page, version, "?show=resolved")
    assert_well_made(page, "approved, resolved comments alone")
    page.goto(f"{stage.web_url}{reverse('review-inbox')}")
    assert_well_made(page, "inbox")
