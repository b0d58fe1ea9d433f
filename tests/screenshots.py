"""Makes the pictures of the README: `python -m tests.screenshots`.

A portal is started as a newcomer starts it, works are ordered in a real browser, and its pages are drawn.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect, sync_playwright

from tests.browser import ARGUMENTS, chromium_path
from tests.newcomer import running_portal
from tests.parts import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

FOLDER = ROOT / "docs" / "images"
DEMO = ROOT / "tasks" / "kinds" / "demo"
EMAIL, PASSWORD = "marketer@example.com", "topview-demo"
SCREEN: ViewportSize = {"width": 1440, "height": 900}
# The form from the person to the voice.
TALL_SCREEN: ViewportSize = {"width": 1440, "height": 1400}
SCRIPT = (
    "Meet the new autumn collection: warm colours, soft wool, and three pieces that go with everything you "
    "already own. Come and try them on this Saturday."
)
PATIENCE = 180_000


def main() -> int:
    """Draw every picture; 1 when there is no browser."""
    chromium = chromium_path()
    if chromium is None:
        sys.stderr.write("No Chromium found; CHROMIUM can name one.\n")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_portal(Path(folder) / "var") as portal,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = browser.new_page(viewport=SCREEN, locale="en-GB", color_scheme="light")
        page.set_default_timeout(PATIENCE)
        _draw_all(page, portal.address)
        browser.close()
    return 0


def _draw_all(page: Page, address: str) -> None:
    _sign_in(page, address)
    _order_moving_picture(page, "The cup turns slowly while steam rises; soft morning light.")
    _finish(page)
    _order_avatar(page, "Omar in the courtyard", "Good morning! Three things are new in the shop this week.")
    _finish(page)
    _draw(page, "task")

    _fill_in(page)
    page.set_viewport_size(TALL_SCREEN)
    _draw(page, "form")
    page.set_viewport_size(SCREEN)
    page.get_by_role("button", name="Create video").click()
    expect(page.locator("#task-state .pill")).to_have_text("Running")
    page.get_by_role("link", name="Tasks").first.click()
    page.wait_for_load_state("networkidle")
    _draw(page, "list")


def _sign_in(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Hello, and welcome").wait_for()


def _open_form(page: Page, product: str) -> None:
    page.get_by_role("link", name="New video").first.click()
    page.get_by_role("link", name=product, exact=True).click()


def _order_moving_picture(page: Page, prompt: str) -> None:
    _open_form(page, "Image to video")
    page.locator("input[type=file]").set_input_files(DEMO / "product.png")
    page.locator("[data-summary] [data-name]", has_text="product.png").wait_for()
    page.get_by_role("textbox", name="What should happen").fill(prompt)
    page.get_by_role("button", name="Create video").click()


def _order_avatar(page: Page, avatar: str, script: str) -> None:
    _open_form(page, "Talking avatar")
    page.get_by_role("group", name="Avatar", exact=True).get_by_role("button", name="Choose…").click()
    page.get_by_role("button", name=avatar, exact=True).click()
    page.get_by_role("textbox", name="Script").fill(script)
    page.get_by_role("button", name="Create video").click()


def _fill_in(page: Page) -> None:
    _open_form(page, "Talking avatar")
    page.get_by_role("radio", name="My photo").check()
    photo = page.get_by_role("group", name="Photo", exact=True)
    photo.get_by_role("button", name="From the library").click()
    page.get_by_role("button", name="portrait.png", exact=True).click()
    page.get_by_role("textbox", name="Script").fill(SCRIPT)
    page.get_by_role("group", name="Voice").get_by_role("button", name="Choose…").click()
    page.get_by_role("button", name="Harbor", exact=True).click()


def _finish(page: Page) -> None:
    """Wait for the film, and show a frame from its middle."""
    video = page.locator(".result video").first
    video.wait_for()
    video.evaluate(
        """(video) => new Promise((done) => {
          video.addEventListener("seeked", done, { once: true });
          video.addEventListener("loadedmetadata", () => { video.currentTime = video.duration / 3; });
          video.preload = "auto";
          video.load();
        })"""
    )
    # The player shows for a moment more that it loads.
    page.wait_for_timeout(2_000)


def _draw(page: Page, name: str) -> None:
    """The page as it is, from its top, without passing messages and without the pointer's traces."""
    for button in page.locator(".toast [data-dismiss]").all():
        button.click()
    page.locator(".toast").first.wait_for(state="detached")
    page.evaluate("() => { scrollTo(0, 0); document.activeElement.blur(); }")
    page.mouse.move(0, 0)
    page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")
    sys.stdout.write(f"docs/images/{name}.png\n")


if __name__ == "__main__":
    raise SystemExit(main())
