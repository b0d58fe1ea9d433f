"""A guest on a phone: from the link in a mail to the decision, and every page of it well made."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tasks.commands.notifications.email_links import guest_code
from tasks.models import (
    Comment,
    DecidedBy,
    Decision,
    DownloadRight,
    Guest,
    Identification,
    ReviewStage,
    Version,
    Visibility,
)
from tests.browser import Watch, guarded_context
from tests.end_to_end.looks import assert_well_made
from tests.end_to_end.stage import Stage, Team
from tests.media.samples import make_video
from tests.people import make_blob
from tests.reviewing import make_version, say
from tests.sharing import LINK_PASSWORD, address_of, share
from tests.views.rows import worker_is_alive

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def team(stage: Stage) -> Team:
    worker_is_alive()
    return stage.make_team()


@pytest.fixture
def version(team: Team, tmp_path: Path) -> Version:
    film = make_video(tmp_path / "film.mp4", 2, (90, 160), audio=False)
    blob = make_blob(team.workspace, film.read_bytes(), "video/mp4")
    facts: dict[str, Any] = {"poster": None, "width": 90, "height": 160, "seconds": 2.0}
    return make_version(team.mark, blob=blob, **facts)


@pytest.fixture
def phone(page: Page) -> Page:
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    return page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_guest_goes_from_the_link_to_the_decision_on_a_phone(
    stage: Stage, team: Team, version: Version, phone: Page
) -> None:
    ReviewStage.objects.create(workspace=team.workspace, decided_by=DecidedBy.GUESTS)
    link = share(
        team.mark,
        version,
        password=LINK_PASSWORD,
        may_comment=True,
        may_decide=True,
        identification=Identification.MAIL,
    )
    say(version, team.mark, "Is the logo large enough?", visibility=Visibility.EVERYONE)
    say(version, team.mark, "Between us.")
    phone.goto(stage.web_url + address_of(link))
    assert_well_made(phone, "the way in")
    phone.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    press(phone, "Open")
    # The token is left behind.
    expect(phone).to_have_url(re.compile(rf"/shared/{link.pk}/enter/$"))
    assert_well_made(phone, "password")
    phone.get_by_label("Password").fill(LINK_PASSWORD)
    press(phone, "Go on")
    assert_well_made(phone, "who")
    phone.get_by_label("Your name").fill("Gloria Gast")
    phone.get_by_label("Mail address").fill("gloria@example.test")
    press(phone, "Go on")
    expect(phone.get_by_role("heading", name="Look into your mail")).to_be_visible()
    assert_well_made(phone, "code")
    phone.get_by_label("Code from the mail").fill(guest_code(Guest.objects.get()))
    press(phone, "Go on")
    expect(phone.get_by_text("Is the logo large enough?")).to_be_visible()
    expect(phone.get_by_text("Between us.")).to_have_count(0)
    phone.wait_for_function("document.querySelector('video').readyState >= 2")
    assert_well_made(phone, "version")
    phone.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    phone.locator("#comment-new textarea").fill("Larger, please.")
    press(phone, "Comment")
    expect(phone.locator("#thread").get_by_text("Larger, please.")).to_be_visible()
    assert str(Comment.objects.get(author=None).guest) == "Gloria Gast"
    phone.get_by_label("Reason").fill("The logo is too small.")
    press(phone, "Request changes")
    expect(phone.locator("#decision").get_by_text("The logo is too small.")).to_be_visible()
    assert Decision.objects.get().guest is not None
    press(phone, "Leave")
    expect(phone.get_by_role("heading", name="You have left")).to_be_visible()
    assert_well_made(phone, "left")


def test_what_the_team_says_for_everyone_appears_by_itself_and_leaves_what_is_typed(
    stage: Stage, team: Team, version: Version, page: Page
) -> None:
    link = share(team.mark, version, may_comment=True, identification=Identification.NAME)
    page.goto(stage.web_url + address_of(link))
    press(page, "Open")
    page.get_by_label("Your name").fill("Gloria Gast")
    press(page, "Go on")
    page.locator("#comment-new textarea").fill("Half a sentence")
    say(version, team.mark, "The new cut is here.", visibility=Visibility.EVERYONE)
    expect(page.get_by_text("The new cut is here.")).to_be_visible(timeout=20_000)
    expect(page.locator("#comment-new textarea")).to_have_value("Half a sentence")


def test_a_link_that_is_ended_shows_nothing_more_to_whoever_is_looking(
    stage: Stage, team: Team, version: Version, page: Page, browser: Browser, watch: Watch
) -> None:
    watch.allowed += ["410"]
    link = share(
        team.mark,
        version,
        make_version(team.mark),
        identification=Identification.NONE,
        download=DownloadRight.NONE,
        has_watermark=True,
    )
    page.goto(stage.web_url + address_of(link))
    press(page, "Open")
    expect(page.get_by_role("heading", name="Autumn films")).to_be_visible()
    assert_well_made(page, "several pieces")
    with guarded_context(browser, watch) as inside:
        stage.sign_in(inside, team.mark)
        member = inside.new_page()
        member.goto(stage.web_url + reverse("share-new", args=[version.pk]))
        assert_well_made(member, "making a link")
        member.goto(stage.web_url + reverse("link-page", args=[link.pk]))
        assert_well_made(member, "a link")
        press(member, "End it")
        member.get_by_role("dialog").get_by_role("button", name="End it").click()
        expect(member.get_by_text("1 link is ended.")).to_be_visible()
        assert_well_made(member, "all links")
    page.reload()
    expect(page.get_by_role("heading", name="This link has ended")).to_be_visible()
