"""A picture of one product becomes a video of another in two clicks, and is made again with a change."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tasks.kinds import KINDS, background_removal, image_to_video
from tests.end_to_end.film import watch_film
from tests.end_to_end.looks import assert_well_made
from tests.end_to_end.person import PATIENCE, create_video, drop_file, field, holds, wait_for_state
from tests.end_to_end.stage import Stage
from tests.parts import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser

PRODUCT = ROOT / "tasks" / "kinds" / "demo" / "product.png"
PICTURE, FILM = background_removal.KIND, image_to_video.KIND


def test_a_picture_becomes_a_video_and_a_second_version(
    stage: Stage, context: BrowserContext, page: Page
) -> None:
    team, _credential = stage.ready_team()
    stage.sign_in(context, team.mark)
    make_picture(stage, page)

    page.locator(".result", has_text="Cut-out").get_by_role("button", name="Use as input").click()
    assert_well_made(page, "a result with its uses open")
    page.get_by_role("button", name=re.compile(f"^{FILM.label} · Picture$")).click()
    expect(page.get_by_role("heading", name=str(FILM.label), level=1)).to_be_visible()
    expect(holds(page, "Picture")).to_have_text("Cut-out.png")
    create_video(page)
    wait_for_state(page, "Finished")
    watch_film(page.locator(".result video"))
    assert stage.sandbox.state()["calls"]["uploadObject"] == 1

    page.get_by_role("link", name="Duplicate").click()
    note = page.locator(".order__note")
    expect(note).to_contain_text("Nothing is changed from the first yet.")
    page.get_by_text("10 seconds", exact=True).click()
    expect(note).to_contain_text("Changed from the first: Length.")
    assert_well_made(page, "the form of a task that is made again")
    create_video(page)
    expect(page.get_by_role("main")).to_contain_text("Version 2 of")
    row = page.get_by_role("row", name=re.compile("^Length"))
    expect(row).to_contain_text("5 seconds")
    expect(row).to_contain_text("10 seconds")
    assert_well_made(page, "a second version")
    assert stage.sandbox.violations() == []


def make_picture(stage: Stage, page: Page) -> None:
    """Drop a picture, have its background removed, and wait for the copy."""
    assert PICTURE.slug in KINDS
    page.goto(f"{stage.web_url}{reverse('task-new', args=[PICTURE.slug])}")
    drop_file(page, "Picture", PRODUCT, "image/png")
    expect(field(page, "Picture").locator("[data-summary]")).to_be_visible()
    create_video(page)
    wait_for_state(page, "Finished")
    expect(
        page.locator(".result", has_text="Cut-out").get_by_role("button", name="Use as input")
    ).to_be_visible(timeout=PATIENCE)
