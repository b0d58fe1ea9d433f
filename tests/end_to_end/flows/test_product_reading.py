"""*Read the product page* in a real browser: the form goes on being filled in, and fills itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tasks.forms.products.product import fillable
from tasks.kinds.base import TaskKind
from tasks.models import Product, Task
from tests.end_to_end.looks import assert_well_made
from tests.end_to_end.person import PATIENCE, create_video, field

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.end_to_end.stage import Stage

pytestmark = pytest.mark.browser

LINK = "https://shop.example/products/blue-cup"
OWN_WORDS = "Our own words."


def test_a_page_is_read_beside_the_link_and_fills_the_form(page: Page, stage: Stage) -> None:
    team, _credential = stage.ready_team()
    stage.sign_in(page.context, team.mark)
    kind = next(kind for kind in fillable() if takes_a_link(kind))
    page.goto(f"{stage.web_url}{reverse('task-new', args=[kind.slug])}")
    read_while_writing(page)
    change_what_was_read(page)
    create_video(page)
    look_at_what_was_ordered(stage)
    use_the_saved_product(page, stage)


def takes_a_link(kind: TaskKind) -> bool:
    """Whether a product page can be read beside its form's link."""
    return any(field.product_part == "link" for _name, field in kind.inputs.own_fields())


def read_while_writing(page: Page) -> None:
    """Press the button and go on typing; what was typed stays until the page's words are asked for."""
    page.get_by_role("textbox", name="Address of the product page").fill(LINK)
    page.get_by_role("button", name="Read the product page").click()
    description = page.get_by_role("textbox", name="Description")
    description.fill(OWN_WORDS)
    expect(page.get_by_role("status").get_by_text("The page is read: Blue cup.")).to_be_visible(
        timeout=PATIENCE
    )
    expect(page.get_by_role("textbox", name="Name of the product")).to_have_value("Blue cup")
    expect(description).to_have_value(OWN_WORDS)
    assert_well_made(page, "a form beside which a page was read")


def change_what_was_read(page: Page) -> None:
    """Take the page's description, drop one file and move another."""
    files = field(page, "Pictures and clips").locator("[data-item]")
    expect(page.get_by_role("radio", name="My pictures and clips")).to_be_checked()
    expect(files).to_have_count(4)
    page.get_by_role("button", name="Take the page's words").click()
    description = page.get_by_role("textbox", name="Description")
    expect(description).to_have_value(
        "Blue cup, as offered at shop.example. This text was made by the sandbox."
    )
    files.nth(0).get_by_role("button", name="Take off the list").click()
    files.nth(0).get_by_role("button", name="Move later").click()
    expect(files).to_have_count(3)


def look_at_what_was_ordered(stage: Stage) -> None:
    """The files in the order chosen, known to TopView already; one page read."""
    task = Task.objects.latest("created_at")
    files = list(Product.objects.get().files.all())
    wanted = [str(files[place].upload_id) for place in (2, 1, 3)]
    assert [value for value in task.brief.values() if isinstance(value, list)] == [wanted]
    assert stage.sandbox.accepted("submitScraperTask") == 1
    assert not stage.sandbox.violations()


def use_the_saved_product(page: Page, stage: Stage) -> None:
    """The product stands beside the library, and fills a form again."""
    page.goto(f"{stage.web_url}{reverse('library')}")
    page.get_by_role("link", name="Products", exact=True).click()
    assert_well_made(page, "the list of products")
    page.get_by_role("link", name="Blue cup", exact=True).click()
    assert_well_made(page, "a product")
    page.get_by_role("link", name="Edit").click()
    assert_well_made(page, "the form of a product")
    page.go_back()
    page.get_by_role("region", name="Use as input").get_by_role("link", name="Marketing video").click()
    expect(page.get_by_role("textbox", name="Name of the product")).to_have_value("Blue cup")
    expect(field(page, "Pictures and clips").locator("[data-item]")).to_have_count(4)
