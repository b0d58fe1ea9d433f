"""The catalogs as a person meets them: read by the worker, looked at, marked, used, made and deleted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tasks.models import CatalogEntry, Favourite
from tests.end_to_end.looks import assert_well_made
from tests.end_to_end.person import follow
from tests.end_to_end.stage import Stage
from tests.people import make_upload

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser

PATIENCE = 60_000


def test_catalogs_are_looked_at_marked_and_used(stage: Stage, context: BrowserContext, page: Page) -> None:
    team, account = stage.ready_team()
    names = ("product-avatars", "voices", "anyshoot-templates", "ethnicities", "photo-avatars")
    for name in names:
        stage.fetch_media(account, CatalogEntry.objects.in_catalog(account, name)[:2])
    stage.sign_in(context, team.mark)
    for name in names:
        page.goto(f"{stage.web_url}{reverse('catalog-page', args=[name])}")
        assert_well_made(page, name)
    page.goto(f"{stage.web_url}{reverse('catalog-list')}")
    assert_well_made(page, "all catalogs")

    follow(page, page.get_by_role("link", name="Product avatars", exact=True))
    page.get_by_role("combobox", name="Gender").select_option("female")
    expect(page).to_have_url(re.compile("gender=female"))
    star = page.get_by_role("button", name=re.compile("^Favourite")).first
    star.focus()
    star.press("Enter")
    expect(star).to_have_attribute("aria-pressed", "true")
    assert Favourite.objects.filter(user=team.mark.user).count() == 1
    page.goto(f"{stage.web_url}{reverse('catalog-page', args=['product-avatars'])}?favourites=only")
    expect(page.locator(".catalog > li")).to_have_count(1)
    follow(page, page.locator(".tile__name").first)
    assert_well_made(page, "one model")
    page.locator(".item__usage").first.click()
    chosen = Favourite.objects.get(user=team.mark.user).remote_id
    expect(page.locator(f"input[value='{chosen}']")).to_have_count(1)


def test_an_own_portrait_is_made_and_deleted(
    stage: Stage, context: BrowserContext, page: Page, tmp_path: Path
) -> None:
    team, _account = stage.ready_team()
    photo = make_upload(team.mark, tmp_path, name="face.png")
    stage.sign_in(context, team.mark)
    page.goto(f"{stage.web_url}{reverse('photo-avatar-new')}?photo={photo.pk}")
    assert_well_made(page, "a new portrait")
    page.get_by_role("button", name="Make the photo avatar").click()
    own = page.locator(".catalog > li", has_text="Mine")
    expect(own).to_have_count(1, timeout=PATIENCE)
    follow(page, own.locator(".tile__name"))
    follow(page, page.get_by_role("link", name="Delete at TopView"))
    assert_well_made(page, "a question")
    page.get_by_role("button", name="Delete at TopView").click()
    expect(page.get_by_text("does not have this any more")).to_be_visible(timeout=PATIENCE)
