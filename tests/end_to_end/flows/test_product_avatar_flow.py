"""Product avatar in a real browser: product and model, a choice of pictures, the video by keyboard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tasks.models import Status, Task
from tests.end_to_end.looks import assert_well_made
from tests.end_to_end.newcomer.test_keyboard import Keys
from tests.end_to_end.person import (
    PATIENCE,
    choose_product,
    create_video,
    drop_file,
    holds,
    open_picker,
    wait_for_state,
)
from tests.parts import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.end_to_end.stage import Stage

pytestmark = pytest.mark.browser

CUP = ROOT / "tasks" / "kinds" / "demo" / "product.png"
CHOICE = "Waiting for your choice"
NO_FACE = "TopView found no face in this picture"


def test_a_product_is_shown_by_a_model_who_then_speaks(page: Page, stage: Stage) -> None:
    team, _credential = stage.ready_team()
    stage.sandbox.fault("faceless", next=1)
    stage.sign_in(page.context, team.mark)
    page.goto(stage.web_url)
    order_pictures(page)
    see_pictures(page)
    speak_by_keyboard(page)
    see_video(page)
    look_at_the_books(stage)


def order_pictures(page: Page) -> None:
    """A product of one's own, and a model who was filtered out of the catalog."""
    choose_product(page, "Product avatar")
    drop_file(page, "Product picture", CUP, "image/png")
    expect(holds(page, "Product picture")).to_have_text("product.png")
    dialog = open_picker(page, "Model")
    dialog.get_by_label("Gender").select_option("female")
    first = dialog.locator("[data-pick]").first
    expect(first).to_be_visible()
    first.click()
    expect(dialog).to_be_hidden()
    page.get_by_label("How it is shown").fill("She holds the cup in front of her and smiles.")
    assert_well_made(page, "the form of a product avatar")
    create_video(page)


def see_pictures(page: Page) -> None:
    """The cut-out went on by itself; of two pictures one has no face, and says so."""
    wait_for_state(page, CHOICE)
    expect(page.locator(".result").locator("img")).to_have_count(3, timeout=PATIENCE)
    expect(page.locator(".result", has_text=NO_FACE)).to_have_count(1)
    assert_well_made(page, "the pictures")


def speak_by_keyboard(page: Page) -> None:
    """The second picture takes one quality alone: another is refused before anything is sent."""
    keys = Keys(page)
    keys.activate("Make the video", "a")
    expect(page.get_by_role("heading", name="Make the video", level=1)).to_be_visible()
    expect(page.locator(".option")).to_have_count(2)
    keys.press("Tab")  # the way past the head of the page
    keys.go_to("Picture 1", "input")
    keys.press("ArrowDown")
    expect(page.get_by_role("radio", name="Picture 2")).to_be_checked()
    assert_well_made(page, "the choice of a picture")
    keys.go_to("Avatar 2", "input")
    keys.press("ArrowDown")
    expect(page.get_by_role("radio", name="Avatar 4 1080p")).to_be_checked()
    keys.go_to("Script", "textarea")
    keys.write("Taste it.")
    keys.activate("Choose…", "button")
    dialog = page.get_by_role("dialog", name="Voice")
    expect(dialog.locator("[data-pick]").first).to_be_visible()
    dialog.locator("[data-pick]").first.press("Enter")
    expect(dialog).to_be_hidden()
    keys.activate("Make the video", "button")
    expect(page.locator("#field-mode")).to_contain_text(NO_FACE)
    expect(page.get_by_role("textbox", name="Script")).to_have_value("Taste it.")
    page.get_by_role("radio", name="Avatar 4 1080p").focus()
    keys.press("ArrowUp")
    keys.activate("Make the video", "button")


def see_video(page: Page) -> None:
    """It stands under its step, with the pictures it was chosen from."""
    wait_for_state(page, "Finished")
    expect(page.locator(".result video")).to_have_count(1, timeout=PATIENCE)
    assert_well_made(page, "the finished product avatar")


def look_at_the_books(stage: Stage) -> None:
    """Three calls, and nothing sent that the contract does not know."""
    task = Task.objects.get()
    steps = dict(task.submissions.values_list("step", "status"))
    assert steps == dict.fromkeys(("cutout", "pictures", "video"), Status.SUCCEEDED)
    assert task.submissions.get(step="video").source == task.outputs.get(
        submission__step="pictures", facts__face=False
    )
    assert stage.sandbox.accepted() == 3
    assert not stage.sandbox.violations()
