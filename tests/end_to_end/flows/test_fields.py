"""Several files in an order, and a mask that is painted, in a real browser; mostly by keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import expect

from tasks.models import Task, Upload
from tests.end_to_end.looks import assert_well_made
from tests.end_to_end.person import PATIENCE, create_video, field
from tests.end_to_end.stage import Stage
from tests.media.samples import make_picture
from tests.people import make_credential, make_upload
from tests.views.tasks.test_fields import SEVERAL, SHOOT_URL, VIEWS_URL, showing_several

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page

pytestmark = pytest.mark.browser


def names_in(group: Locator) -> list[str]:
    return group.locator("[data-item] [data-name]").all_inner_texts()


def item(group: Locator, name: str) -> Locator:
    return group.locator("[data-item]").filter(has_text=name)


@pytest.fixture
def signed_in(stage: Stage, context: BrowserContext, page: Page, tmp_path: Path) -> Page:
    """A marketer's page; the library holds two pictures."""
    stage.need_sandbox()
    stage.need_worker()
    team = stage.make_team()
    make_credential(team.workspace)
    for number in (1, 2):
        make_upload(team.mark, tmp_path, name=f"known-{number}.png", size=(300 + number, 200))
    stage.sign_in(context, team.mark)
    return page


def test_several_files_are_picked_uploaded_moved_and_sent_in_their_order(
    signed_in: Page, stage: Stage, tmp_path: Path
) -> None:
    page = signed_in
    model = next(iter(showing_several().items()))
    page.goto(f"{stage.web_url}{VIEWS_URL}?{model[0]}={model[1]}")
    group = field(page, "Reference pictures")
    pick_both(page, group)
    paths = [make_picture(tmp_path / f"new-{number}.png", (310 + number, 300)) for number in (1, 2)]
    group.locator("[type=file]").set_input_files(paths)
    expect(group.locator("[data-item]")).to_have_count(4, timeout=PATIENCE)
    assert names_in(group) == ["known-2.png", "known-1.png", "new-1.png", "new-2.png"]
    later = item(group, "known-2.png").get_by_role("button", name="Move later")
    later.press("Enter")
    expect(group.locator("[data-said]")).to_have_text("known-2.png: 2 of 4")
    expect(later).to_be_focused()
    later.press("Enter")
    later.press("Enter")
    expect(item(group, "known-2.png").get_by_role("button", name="Move earlier")).to_be_focused()
    item(group, "new-1.png").get_by_role("button", name="Take off the list").press("Enter")
    assert names_in(group) == ["known-1.png", "new-2.png", "known-2.png"]
    expect(group.get_by_text("3 of at most 7")).to_be_visible()
    assert_well_made(page, "a form with several files")
    page.get_by_label("What should happen").fill("They meet.")
    create_video(page)
    task = Task.objects.latest("created_at")
    sent = {str(upload.pk): upload.name for upload in task.uploads.all()}
    assert [sent[upload_id] for upload_id in task.brief[SEVERAL]] == [
        "known-1.png",
        "new-2.png",
        "known-2.png",
    ]


def pick_both(page: Page, group: Locator) -> None:
    """From the library: the dialog stays open for more, and a second press takes a file back."""
    group.get_by_role("button", name="From the library").click()
    dialog = page.get_by_role("dialog", name="Reference pictures", exact=True)
    first, second = (
        dialog.get_by_role("button", name=f"known-{number}.png", exact=True) for number in (1, 2)
    )
    first.click()
    expect(first).to_have_attribute("aria-pressed", "true")
    first.click()
    expect(first).to_have_attribute("aria-pressed", "false")
    second.click()
    first.click()
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_be_hidden()
    assert names_in(group) == ["known-2.png", "known-1.png"]


def test_a_mask_has_its_pictures_own_size_and_can_be_painted_on(
    signed_in: Page, stage: Stage, tmp_path: Path
) -> None:
    page = signed_in
    page.goto(f"{stage.web_url}{SHOOT_URL}?scene=own")
    bring(page, make_picture(tmp_path / "scene.png", (1200, 800)))
    group = field(page, "Place of the product")
    group.get_by_role("button", name="Paint the mask").click()
    painter = page.get_by_role("dialog", name="Place of the product")
    painter.get_by_role("button", name="Larger").click()
    across(page, painter)
    painter.get_by_role("button", name="Undo").click()
    painter.get_by_role("button", name="Redo").click()
    add_shape(painter, "Rectangle", (0, 0, 100, 100))
    painter.get_by_role("button", name="Use this mask").click()
    expect(group.locator("[data-summary]")).to_contain_text("1200 × 800", timeout=PATIENCE)
    first = painted()
    assert first.size == (1200, 800)
    assert first.getpixel((50, 50)) == 255
    assert first.getpixel((600, 400)) == 255
    assert first.getpixel((1150, 50)) == 0
    group.get_by_role("button", name="Paint on").click()
    add_shape(painter, "Ellipse", (500, 300, 200, 200), "Cut it out")
    painter.get_by_role("button", name="Use this mask").click()
    expect(painter).to_be_hidden(timeout=PATIENCE)
    second = painted()
    assert second.getpixel((50, 50)) == 255
    assert second.getpixel((600, 400)) == 0
    # Another picture: the mask does not belong to it.
    field(page, "Picture of the scene").get_by_role("button", name="Remove").click()
    bring(page, make_picture(tmp_path / "other.png", (600, 900)))
    expect(group.locator("[data-summary]")).to_be_hidden()
    expect(group.locator("[data-value]")).to_have_value("")


def bring(page: Page, path: Path) -> None:
    group = field(page, "Picture of the scene")
    group.locator("[type=file]").set_input_files(path)
    expect(group.locator("[data-summary]")).to_be_visible(timeout=PATIENCE)


def across(page: Page, painter: Locator) -> None:
    """A short line through the middle of what is to be seen."""
    box = painter.locator("[data-scroller]").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 20, y)
    page.mouse.down()
    page.mouse.move(x + 20, y, steps=4)
    page.mouse.up()


def add_shape(
    painter: Locator, shape: str, box: tuple[int, int, int, int], act: str = "Paint the shape"
) -> None:
    """A shape given by numbers: from the left, from the top, width, height."""
    painter.get_by_role("button", name=shape).press("Enter")
    for label, number in zip(
        ("Width", "Height", "From the left", "From the top"), (*box[2:], *box[:2]), strict=True
    ):
        painter.get_by_label(label).fill(str(number))
        painter.get_by_label(label).blur()
    painter.get_by_role("button", name=act).press("Enter")


def painted() -> Image.Image:
    """The newest mask in grey."""
    upload = Upload.objects.filter(is_mask=True).latest("created_at")
    with upload.blob.file.open("rb") as file, Image.open(file) as picture:
        return picture.convert("L")
