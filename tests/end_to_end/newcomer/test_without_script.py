"""The job in a browser without JavaScript: nothing moves by itself, and everything works."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tasks.commands.operations.demo import DEMO_PASSWORD
from tests.browser import PATIENCE
from tests.end_to_end.person import TASK_PAGE, sign_in
from tests.newcomer import Portal
from tests.parts import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PORTRAIT = ROOT / "tasks" / "kinds" / "demo" / "portrait.png"


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A page that runs no script."""
    context = browser.new_context(locale="en-GB", java_script_enabled=False, accept_downloads=True)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def test_a_video_is_made_from_a_file_sent_with_the_form(plain: Page, portal: Portal) -> None:
    sign_in(plain, portal.address, "marketer@example.com", DEMO_PASSWORD)
    bring_to_library(plain)
    plain.get_by_role("link", name="New video").first.click()
    plain.get_by_role("link", name="Image to video", exact=True).click()
    plain.locator("input[type=file]").set_input_files(PORTRAIT)
    plain.get_by_role("textbox", name="What should happen").fill("A slow smile")
    plain.get_by_role("button", name="Create video").click()
    plain.wait_for_url(TASK_PAGE)

    reload_until_finished(plain)
    with plain.expect_download() as download:
        plain.get_by_role("link", name="Download").click()
    digest = hashlib.sha256(Path(download.value.path()).read_bytes()).hexdigest()
    assert portal.rows("SELECT count(*) FROM tasks_blob WHERE sha256 = ?", digest) == [(1,)]


def bring_to_library(page: Page) -> None:
    page.get_by_role("link", name="Library").click()
    page.locator("input[type=file]").set_input_files(
        {"name": "sent without script.png", "mimeType": "image/png", "buffer": PORTRAIT.read_bytes()}
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("link", name="sent without script.png").first).to_be_visible()


def reload_until_finished(page: Page) -> None:
    """The state as it is at each reload; a minute is plenty."""
    for _turn in range(90):
        if page.get_by_role("link", name="Download").count():
            return
        page.wait_for_timeout(1000)
        page.reload()
    expect(page.get_by_role("link", name="Download")).to_be_visible()


def test_a_refused_form_keeps_what_was_typed(plain: Page, portal: Portal) -> None:
    sign_in(plain, portal.address, "marketer@example.com", DEMO_PASSWORD)
    plain.get_by_role("link", name="New video").first.click()
    plain.get_by_role("link", name="Talking avatar").click()
    plain.get_by_role("textbox", name="Script").fill("Typed with care")
    plain.get_by_role("button", name="Create video").click()
    expect(plain.get_by_role("alert")).to_be_visible()
    expect(plain.get_by_role("textbox", name="Script")).to_have_value("Typed with care")
