"""A busy portal in a real browser: what it did not take is kept and sent again by itself."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.urls import reverse
from playwright.sync_api import expect

from tasks.models import Product, Upload
from tests.browser import Watch
from tests.end_to_end.looks import assert_well_made
from tests.parts import ROOT
from tests.people import make_upload

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from tests.end_to_end.stage import Stage

pytestmark = pytest.mark.browser

PORTRAIT = ROOT / "tasks" / "kinds" / "demo" / "portrait.png"


@pytest.fixture(autouse=True)
def expected(watch: Watch) -> None:
    """Chromium writes a busy answer to its console."""
    watch.allowed.append("status of 503")


def busy_once(page: Page, path: str) -> list[str]:
    """Answer the first request for the path as a busy portal does; the requests that came, by method."""
    seen: list[str] = []

    def answer(route: Route) -> None:
        seen.append(route.request.method)
        if len(seen) == 1:
            route.fulfill(status=503, headers={"Retry-After": "1"}, json={"errors": ["busy"]})
        else:
            route.continue_()

    page.route(f"**{path}", answer)
    return seen


def test_a_form_that_a_locked_database_did_not_take_is_sent_again_by_itself(page: Page, stage: Stage) -> None:
    team = stage.make_team()
    stage.sign_in(page.context, team.mark)
    page.goto(f"{stage.web_url}{reverse('product-new')}")
    page.get_by_role("textbox", name="Name").fill('Cup "blue"')
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", name="The portal is busy just now")).to_be_visible(timeout=60_000)
        assert_well_made(page, "a busy portal")
        expect(page.get_by_role("button", name="Send again now")).to_be_visible()
    finally:
        other.execute("ROLLBACK")
        other.close()
    expect(page.get_by_role("heading", name='Cup "blue"')).to_be_visible(timeout=60_000)
    assert Product.objects.filter(workspace=team.workspace).count() == 1


def test_a_file_that_a_busy_portal_did_not_take_is_sent_again_by_itself(page: Page, stage: Stage) -> None:
    team = stage.make_team()
    stage.sign_in(page.context, team.mark)
    page.goto(f"{stage.web_url}{reverse('library')}")
    seen = busy_once(page, reverse("upload-new"))
    page.locator("input[type=file]").set_input_files(PORTRAIT)
    expect(page.locator(".upload--failed")).to_have_count(0)
    page.wait_for_function("() => performance.getEntriesByType('resource').length > 0")
    for _ in range(100):
        if Upload.objects.filter(workspace=team.workspace).exists():
            break
        page.wait_for_timeout(200)
    assert seen == ["POST", "POST"]
    assert Upload.objects.filter(workspace=team.workspace).count() == 1


def test_a_picture_that_a_busy_portal_did_not_send_is_shown_a_little_later(
    page: Page, stage: Stage, tmp_path: Path
) -> None:
    team = stage.make_team()
    upload = make_upload(team.mark, tmp_path)
    stage.sign_in(page.context, team.mark)
    address = reverse("upload-file", args=[upload.pk])
    seen = busy_once(page, address)
    page.goto(f"{stage.web_url}{reverse('library-item', args=[upload.pk])}")
    page.wait_for_function(
        "path => [...document.images].some((one) => one.currentSrc.endsWith(path) && one.naturalWidth)",
        arg=address,
        timeout=30_000,
    )
    assert seen == ["GET", "HEAD", "GET"]
