"""The pages of delivery in every state: no finding of axe, on a desktop and a phone, light and dark."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone

from tasks.models import Blob, Package, Verdict
from tests.browser import Watch
from tests.delivering import approved_version, package_of
from tests.end_to_end.looks import assert_well_made
from tests.end_to_end.stage import Stage, Team
from tests.reviewing import judge, make_version
from tests.views.rows import worker_is_alive

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser

TITLE = "Good morning, team: three things that are new in the autumn collection, and where to find them"


@pytest.fixture
def team(stage: Stage, context: BrowserContext) -> Team:
    worker_is_alive()
    team = stage.make_team()
    stage.sign_in(context, team.rita)
    return team


def look(stage: Stage, page: Page, path: str, name: str = "") -> None:
    page.goto(f"{stage.web_url}{path}")
    assert_well_made(page, name or path)


def archive(package: Package) -> str:
    return reverse("package-file", args=[package.pk, package.name])


def test_packages_and_what_goes_into_them(stage: Stage, team: Team, page: Page) -> None:
    look(stage, page, reverse("package-list"), "no packages")
    look(stage, page, reverse("package-new"), "nothing approved")
    films = [approved_version(team.mark, team.rita, title=f"{TITLE} {number}") for number in range(3)]
    waiting = make_version(team.mark)
    package_of(team.rita, *films)
    package_of(team.mark, waiting, only_approved=False)
    look(stage, page, reverse("package-list"), "packages")
    look(stage, page, f"{reverse('package-new')}?show=all&version={waiting.pk}", "choosing")
    page.get_by_role("button", name="Make package").click()
    assert_well_made(page, "refused, since one is not approved")


def test_a_package_in_each_of_its_states(stage: Stage, team: Team, page: Page, watch: Watch) -> None:
    film = approved_version(team.mark, team.rita, title=TITLE)
    package = package_of(team.rita, film, approved_version(team.mark, team.rita))
    address = reverse("package-page", args=[package.pk])
    look(stage, page, address, "ready")
    Blob.objects.filter(versions=film).update(crc32=None)
    look(stage, page, address, "being prepared")
    judge(film, team.rita, Verdict.WITHDRAWN, "The price is wrong.")
    look(stage, page, address, "not approved any more")
    watch.allowed += [".zip"]
    look(stage, page, archive(package), "refused")
    Package.objects.filter(pk=package.pk).update(expires_at=timezone.now() - timedelta(days=1))
    look(stage, page, archive(package), "expired")


def test_verifying_and_names(stage: Stage, team: Team, page: Page, context: BrowserContext) -> None:
    film = approved_version(team.mark, team.rita, title=TITLE)
    look(stage, page, reverse("verify"))
    look(stage, page, f"{reverse('verify')}?sha256=nonsense", "no sum")
    look(stage, page, f"{reverse('verify')}?sha256={'0' * 64}", "unknown")
    look(stage, page, f"{reverse('verify')}?sha256={film.blob.sha256}&name=film.mp4", "approved")
    stage.sign_in(context, team.alice)
    look(stage, page, reverse("file-names"))
