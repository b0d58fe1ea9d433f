"""A place marked on a picture in a real browser: what is drawn is stored as fractions of the picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tasks.models import Task
from tests.end_to_end.looks import assert_well_made
from tests.end_to_end.person import PATIENCE, create_video, field
from tests.end_to_end.stage import Stage
from tests.people import make_upload
from tests.views.rows import make_account, worker_is_alive

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page

    from tests.end_to_end.stage import Team

pytestmark = pytest.mark.browser

URL = reverse("task-new", args=["product-avatar"])


@pytest.fixture
def team(stage: Stage, context: BrowserContext) -> Team:
    worker_is_alive()
    team = stage.make_team()
    make_account(team.workspace)
    stage.sign_in(context, team.mark)
    return team


def form_of(stage: Stage, team: Team, folder: Path, **more: str) -> str:
    """The address of a form that holds a product and a model of 1200 × 800 pixels."""
    product, model = (
        make_upload(team.mark, folder, name=f"{uuid4().hex[:6]}.png", size=size)
        for size in ((300, 200), (1200, 800))
    )
    answers = {
        "product": product.pk,
        "model": "own",
        "model_picture": model.pk,
        "placement": "manual",
        **more,
    }
    return f"{stage.web_url}{URL}?" + "&".join(f"{name}={value}" for name, value in answers.items())


def place_of(group: Locator) -> list[list[float]]:
    return list(json.loads(group.locator("[data-place]").input_value()))


def test_a_place_is_typed_in_pixels_moved_by_key_and_stored_in_fractions(
    page: Page, stage: Stage, team: Team, tmp_path: Path
) -> None:
    page.goto(form_of(stage, team, tmp_path))
    group = field(page, "Place of the product")
    for label, number in (
        ("Width", "300"),
        ("Height", "200"),
        ("From the left", "120"),
        ("From the top", "80"),
    ):
        group.get_by_label(label).fill(number)
        group.get_by_label(label).blur()
    assert place_of(group) == [[0.1, 0.1], [0.35, 0.1], [0.35, 0.35], [0.1, 0.35]]
    group.locator("[data-box]").press("ArrowRight")
    assert place_of(group) == [[0.11, 0.1], [0.36, 0.1], [0.36, 0.35], [0.11, 0.35]]
    assert_well_made(page, "a form with a place")
    create_video(page)
    expect(page.get_by_text("11 % from the left, 10 % from the top")).to_be_attached(timeout=PATIENCE)
    task = Task.objects.get(workspace=team.workspace)
    assert task.brief["location"] == [[0.11, 0.1], [0.36, 0.1], [0.36, 0.35], [0.11, 0.35]]
    page.goto(f"{stage.web_url}{URL}?from={task.pk}")
    again = field(page, "Place of the product")
    assert place_of(again) == task.brief["location"]
    expect(again.get_by_label("From the left")).to_have_value("132")


def test_a_box_drawn_with_the_pointer_has_the_fractions_of_where_it_lies(
    page: Page, stage: Stage, team: Team, tmp_path: Path
) -> None:
    page.goto(form_of(stage, team, tmp_path))
    group = field(page, "Place of the product")
    surface = group.locator("[data-surface]")
    surface.scroll_into_view_if_needed()
    area = surface.bounding_box()
    assert area is not None
    # From the lower right corner of the box to its upper left one, outside of where it begins.
    page.mouse.move(area["x"] + 0.9 * area["width"], area["y"] + 0.95 * area["height"])
    page.mouse.down()
    page.mouse.move(area["x"] + 0.8 * area["width"], area["y"] + 0.8 * area["height"], steps=3)
    page.mouse.up()
    wanted = [(0.8, 0.8), (0.9, 0.8), (0.9, 0.95), (0.8, 0.95)]
    for found, point in zip(place_of(group), wanted, strict=True):
        assert found == pytest.approx(point, abs=0.01)


def test_a_turned_place_stays_as_it_is_until_it_is_touched(
    page: Page, stage: Stage, team: Team, tmp_path: Path
) -> None:
    turned = [[0.5, 0.2], [0.8, 0.5], [0.5, 0.8], [0.2, 0.5]]
    page.goto(form_of(stage, team, tmp_path, location=json.dumps(turned)))
    group = field(page, "Place of the product")
    expect(group.get_by_label("Width")).to_have_value("720")
    assert place_of(group) == turned
    group.get_by_role("button", name="Forget the place").click()
    assert group.locator("[data-place]").input_value() == ""
