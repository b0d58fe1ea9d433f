"""AnyShoot in a real browser: a template, a mask painted by hand and by key, pictures, and one that moves."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import expect

from tasks.models import CatalogEntry, Status, Task, Upload
from tests.end_to_end.looks import assert_well_made
from tests.end_to_end.newcomer.test_keyboard import Keys
from tests.end_to_end.person import (
    PATIENCE,
    choose,
    choose_product,
    create_video,
    drop_file,
    field,
    holds,
    open_picker,
    wait_for_state,
)
from tests.parts import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.end_to_end.stage import Stage

pytestmark = pytest.mark.browser

CUP = ROOT / "tasks" / "kinds" / "demo" / "product.png"


def test_a_product_stands_where_the_template_was_painted(page: Page, stage: Stage) -> None:
    team, credential = stage.ready_team()
    catalog_name = CatalogEntry.objects.in_catalog(credential, "anyshoot-templates")
    template = catalog_name[0]
    stage.fetch_media(credential, [template])
    assert "width" in catalog_name.get(pk=template.pk).facts
    stage.sign_in(page.context, team.mark)
    page.goto(stage.web_url)
    choose_material(page, template.name)
    paint(page)
    assert_well_made(page, "the form of AnyShoot")
    create_video(page)
    wait_for_state(page, "Finished")
    expect(page.locator(".result img")).to_have_count(2, timeout=PATIENCE)
    assert_well_made(page, "the pictures of AnyShoot")
    look_at_the_books(stage, catalog_name.get(pk=template.pk))
    animate(page)


def choose_material(page: Page, template: str) -> None:
    """The product, the scene, and how many."""
    choose_product(page, "Product AnyShoot")
    drop_file(page, "Product picture", CUP, "image/png")
    expect(holds(page, "Product picture")).to_have_text("product.png")
    expect(field(page, "Place of the product").get_by_role("button", name="Paint the mask")).to_be_disabled()
    choose(open_picker(page, "Template"), template)
    page.get_by_label("Pictures", exact=True).fill("2")


def paint(page: Page) -> None:
    """A line with the brush, taken back, and a rectangle with keys alone."""
    field(page, "Place of the product").get_by_role("button", name="Paint the mask").click()
    painter = page.get_by_role("dialog", name="Place of the product")
    expect(painter).to_be_visible()
    assert_well_made(page, "the painter")
    draw_line(page, painter.locator("[data-canvas]"))
    painter.get_by_role("button", name="Undo").click()
    expect(painter.get_by_role("button", name="Undo")).to_be_disabled()
    painter.get_by_role("button", name="Use this mask").click()
    expect(painter.get_by_role("alert")).to_have_text("Nothing is painted yet.")
    keys = Keys(page)
    painter.get_by_role("button", name="Rectangle").press("Enter")
    keys.go_to("Width", "input")
    keys.press("Control+A")
    keys.write("50")
    keys.activate("Paint the shape", "button")
    expect(painter.get_by_text("The shape is painted.")).to_have_count(1)
    keys.activate("Use this mask", "button")
    expect(painter).to_be_hidden()
    expect(holds(page, "Place of the product")).to_have_text("Painted mask")


def draw_line(page: Page, canvas: Locator) -> None:
    """Press, drag and let go, in the middle of what is to be seen."""
    place = canvas.bounding_box()
    assert place is not None
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 20, steps=4)
    page.mouse.up()


def look_at_the_books(stage: Stage, template: CatalogEntry) -> None:
    """One call, with a mask of the template's own size that is white where it was painted."""
    submission = Task.objects.get().submissions.get()
    assert submission.status == Status.SUCCEEDED
    assert submission.cost == 2
    assert not stage.sandbox.violations()
    upload = Upload.objects.get(is_mask=True)
    with upload.blob.file.open("rb") as file:
        mask = Image.open(BytesIO(file.read())).convert("L")
    assert mask.size == (template.facts["width"], template.facts["height"])
    colours = {colour for _count, colour in mask.getcolors() or []}
    assert {0, 255} <= colours
    left, _top, right, _bottom = mask.point(lambda value: 255 if value > 127 else 0).getbbox() or (0, 0, 0, 0)
    assert right - left == 50


def animate(page: Page) -> None:
    """Two clicks from a picture to the product that lets it move."""
    page.locator(".result").first.get_by_role("button", name="Use as input").click()
    page.get_by_role("button", name=re.compile("^Image to video · Picture")).first.click()
    expect(page.get_by_role("heading", name="Image to video", level=1)).to_be_visible()
    expect(holds(page, "Picture")).to_be_visible()
