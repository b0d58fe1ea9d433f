"""The dialogs in which something is chosen, for eyes and for the focus. The catalogs are rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.end_to_end.person import choose, field, open_picker
from tests.end_to_end.stage import Stage
from tests.people import make_upload
from tests.views.rows import PICKING, fill_catalog, make_account, worker_is_alive

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Locator, Page

pytestmark = pytest.mark.browser

# How long a person keeps the button down, in ms, and then some.
HELD = 600


@pytest.fixture
def form(stage: Stage, context: BrowserContext, page: Page) -> Page:
    """The form of a product, with forty avatars and two voices to choose from."""
    worker_is_alive()
    team = stage.make_team()
    account = make_account(team.workspace)
    looks = {"gender": "female", "ethnicities": [], "default_voice": ""}
    fill_catalog(account, "avatars", [(f"Avatar {number}", looks) for number in range(40)])
    speech = {"language": "English", "gender": "female"}
    fill_catalog(account, "voices", [("Harbor", speech), ("Meadow", speech)])
    stage.sign_in(context, team.mark)
    page.goto(f"{stage.web_url}{reverse('task-new', args=[PICKING.slug])}")
    return page


def search(box: Locator, word: str, found: Locator) -> None:
    """Type a word that one thing alone has, and see it found."""
    box.fill(word)
    expect(found).to_have_count(1)


def test_a_dialog_never_offers_what_belongs_to_another_field(form: Page) -> None:
    open_picker(form, "Avatar")
    form.keyboard.press("Escape")
    # The answer for the voices is held back: what stands there meanwhile must not be avatars.
    held = []
    form.route("**/pick/voices/**", lambda route: held.append(route))
    with form.expect_request("**/pick/voices/**"):
        field(form, "Voice").get_by_role("button", name="Choose…").click()
    dialog = form.get_by_role("dialog", name="Voice")
    expect(dialog).to_be_visible()
    expect(dialog.locator("[data-pick]")).to_have_count(0)
    form.wait_for_function("() => document.querySelector('#picker-body').matches(':empty')")
    held[0].continue_()
    expect(dialog.locator("[data-pick]")).to_have_count(2)


def test_the_focus_stays_in_the_dialog_while_its_content_is_replaced(form: Page) -> None:
    dialog = open_picker(form, "Avatar")
    # In one go: it goes away by itself once it is seen.
    dialog.evaluate("(dialog) => dialog.querySelector('.picker__more button')?.focus()")
    expect(dialog.locator("[data-pick]")).to_have_count(40)
    assert form.evaluate("() => document.activeElement.closest('dialog') !== null"), "the focus is lost"


def test_what_is_chosen_is_marked_when_the_dialog_opens_again(form: Page) -> None:
    choose(open_picker(form, "Voice"), "Meadow")
    field(form, "Voice").get_by_role("button", name="Change").click()
    dialog = form.get_by_role("dialog", name="Voice")
    expect(dialog.get_by_role("button", name="Meadow", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(dialog.get_by_role("button", name="Harbor", exact=True)).to_have_attribute("aria-pressed", "false")
    form.keyboard.press("Escape")
    field(form, "Voice").get_by_role("button", name="Remove: Voice").click()
    expect(field(form, "Voice").get_by_role("button", name="Choose…")).to_be_focused()


def test_a_slow_press_right_after_a_word_was_typed_chooses(form: Page) -> None:
    dialog = open_picker(form, "Avatar")
    search(dialog.get_by_role("searchbox"), "Avatar 39", dialog.locator("[data-pick]"))
    # The box loses the focus when the button goes down; nobody's button is up again within the same instant.
    dialog.get_by_role("button", name="Avatar 39", exact=True).click(delay=HELD)
    expect(dialog).to_be_hidden()


def test_a_slow_press_right_after_a_word_was_typed_follows(form: Page, stage: Stage) -> None:
    form.goto(f"{stage.web_url}{reverse('catalog-page', args=['voices'])}")
    found = form.locator(".tile__name")
    search(form.get_by_role("searchbox"), "Meadow", found)
    found.click(delay=HELD)
    expect(form.get_by_role("heading", name="Meadow")).to_be_visible()


def test_a_slow_press_right_after_a_file_was_searched_for_follows(
    stage: Stage, context: BrowserContext, page: Page, tmp_path: Path
) -> None:
    team = stage.make_team()
    for name in ("face.png", "shoe.png"):
        make_upload(team.mark, tmp_path, name=name)
    stage.sign_in(context, team.mark)
    page.goto(f"{stage.web_url}{reverse('library')}")
    found = page.locator("a.tile__name")
    search(page.get_by_role("searchbox"), "shoe", found)
    found.click(delay=HELD)
    expect(page.get_by_role("heading", name="shoe.png")).to_be_visible()
