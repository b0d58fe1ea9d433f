"""The longest flow in a real browser: previews, new words for one of them by keyboard alone, two exports."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tasks.models import Status, Task
from tests.end_to_end.looks import assert_well_made
from tests.end_to_end.newcomer.test_keyboard import Keys
from tests.end_to_end.person import PATIENCE, choose_product, create_video, drop_file, wait_for_state
from tests.parts import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.end_to_end.stage import Stage

pytestmark = pytest.mark.browser

CUP = ROOT / "tasks" / "kinds" / "demo" / "product.png"
TITLES = ["Straight to the point", "A small story", "Three reasons"]
CHOICE = "Waiting for your choice"


def test_previews_are_edited_and_two_of_them_exported(page: Page, stage: Stage) -> None:
    team, _credential = stage.ready_team()
    stage.sign_in(page.context, team.mark)
    page.goto(stage.web_url)
    order_previews(page)
    see_previews(page)
    change_words_by_keyboard(page)
    export_two(page)
    look_at_the_books(stage)


def order_previews(page: Page) -> None:
    """The form with own material, filled in."""
    choose_product(page, "Marketing video")
    page.get_by_role("radio", name="My pictures and clips").check()
    drop_file(page, "Pictures and clips", CUP, "image/png")
    expect(page.locator("[data-items] > li")).to_have_count(1)
    page.get_by_role("textbox", name="Name of the product").fill("Clay cup")
    page.get_by_role("textbox", name="Description").fill("A cup of red clay that keeps tea warm.")
    page.get_by_label("Language").select_option("German")
    assert_well_made(page, "the form of a marketing video")
    create_video(page)


def see_previews(page: Page) -> None:
    """One for each script, with its name and its words."""
    wait_for_state(page, CHOICE)
    for title in TITLES:
        result = page.locator(".result", has_text=title)
        expect(result).to_contain_text("Meet Clay cup.", timeout=PATIENCE)
    assert_well_made(page, "the previews")


def change_words_by_keyboard(page: Page) -> None:
    """Choose the second preview, write other words, and see them."""
    # With reduced motion every change of style takes an instant, in which the focus cannot be measured.
    page.emulate_media(reduced_motion="no-preference")
    keys = Keys(page)
    keys.activate("Make a new preview", "a")
    expect(page.get_by_role("heading", name="Change the words", level=1)).to_be_visible()
    keys.activate(TITLES[1], "a")
    page.wait_for_url(re.compile(r"\?output="))
    keys.go_to("Part 1", "textarea")
    keys.press("Control+A")
    keys.write("Tea time with a clay cup.")
    expect(page.locator("[data-count]").first).to_have_text("25")
    keys.activate("Make a new preview", "button")
    expect(page.locator(".result", has_text="Tea time with a clay cup.")).to_be_visible(timeout=PATIENCE)
    wait_for_state(page, CHOICE)


def export_two(page: Page) -> None:
    """The price is told before, and each export stands under the name of its script."""
    page.get_by_role("link", name="Make a new preview").click()
    assert_well_made(page, "the words of a script")
    page.get_by_role("link", name="Back to the task").click()
    page.get_by_role("link", name="Export").click()
    for title in TITLES[:2]:
        page.get_by_role("checkbox", name=title).check()
    expect(page.locator(".order__note")).to_contain_text("5 credits")
    assert_well_made(page, "the choice of exports")
    page.get_by_role("button", name="Export").click()
    wait_for_state(page, "Finished")
    group = page.get_by_role("heading", name="Export", level=3).locator("xpath=following-sibling::*[1]")
    for title in TITLES[:2]:
        expect(group.locator(".result", has_text=title).locator("video")).to_be_visible(timeout=PATIENCE)
    expect(group.locator(".result")).to_have_count(2)


def look_at_the_books(stage: Stage) -> None:
    """Two exports, two charges, and nothing sent that the contract does not know."""
    task = Task.objects.get()
    assert set(task.submissions.values_list("status", flat=True)) == {Status.SUCCEEDED}
    rows = stage.sandbox.result("GET", "/user/credit/logs?pageNo=1&pageSize=100")["data"]
    assert [float(row["costCredit"]) for row in rows] == [5.0, 5.0]
    assert stage.sandbox.accepted("exportM2v") == 2
    assert not stage.sandbox.violations()
