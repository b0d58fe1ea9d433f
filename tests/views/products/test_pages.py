"""Saved products: the list, a page, its form, and what it fills in."""

from __future__ import annotations

from html import unescape
from uuid import uuid4

import pytest
from cachetools import TTLCache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tasks.forms.products.product import fillable, page_reader
from tasks.kinds import KINDS
from tasks.kinds.base import Asset, Assets, TaskKind
from tasks.models import Membership, Product, ProductFile
from tasks.views.frame import status_cache
from tests.people import browser_of
from tests.views.rows import make_account, make_file

LINK = "https://shop.example/products/blue-cup"
# As gunicorn takes them when nothing else is set.
LONGEST_REQUEST_LINE = 4094
LEFT_OUT = "The longest of what you had typed"


def make_product(owner: Membership, name: str = "Blue cup", files: int = 2) -> Product:
    """A product with pictures."""
    product = Product.objects.create(
        workspace=owner.workspace, owner=owner.user, name=name, description="For slow mornings.", link=LINK
    )
    for place in range(files):
        upload = make_file(owner, name=f"{name} {place}.png")
        ProductFile.objects.create(product=product, upload=upload, position=place)
    return product


def linked() -> TaskKind:
    """A kind whose form has a product page's link."""
    return next(
        kind
        for kind in fillable()
        if any(field.product_part == "link" for _name, field in kind.inputs.own_fields())
    )


def names_of(product: Product) -> list[str]:
    return [file.upload.name for file in product.files.all()]


def form_of(product: Product, **changes: object) -> dict[str, object]:
    """What the product's form posts when nothing else was changed."""
    files = [str(file.upload_id) for file in product.files.all()]
    kept = {"name": product.name, "description": product.description, "link": product.link}
    return {"product_id": str(product.pk), **kept, "material": files, **changes}


def test_an_empty_list_says_how_products_come_about(mark: Membership, rita: Membership) -> None:
    reader = page_reader()
    assert reader is not None
    url = reverse("task-new", args=[reader[0].slug])
    page = browser_of(mark).get(reverse("product-list")).content.decode()
    assert "No products yet" in page
    assert f'href="{url}"' in page
    assert f'href="{url}"' not in browser_of(rita).get(reverse("product-list")).content.decode()


@pytest.mark.postgres
def test_products_are_found_by_words_of_their_name_and_never_in_another_workspace(
    mark: Membership, stefan: Membership
) -> None:
    make_product(mark, "Blue cup")
    make_product(mark, "Red plate")
    make_product(stefan, "Blue vase")
    client = browser_of(mark)
    everything = client.get(reverse("product-list")).content.decode()
    assert "Blue cup" in everything
    assert "Red plate" in everything
    assert "Blue vase" not in everything
    found = client.get(reverse("product-list"), {"q": "CUP blue"}).content.decode()
    assert "Blue cup" in found
    assert "Red plate" not in found
    assert "No product fits" in client.get(reverse("product-list"), {"q": "teapot"}).content.decode()


@pytest.mark.postgres
def test_more_products_need_no_more_queries(mark: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status_cache.condition_of, "cache", TTLCache(maxsize=10, ttl=3600))
    client = browser_of(mark)
    make_product(mark, "Cup", files=3)
    client.get(reverse("product-list"))
    few = _queries_of_the_list(client)
    for number in range(12):
        make_product(mark, f"Cup {number}", files=3)
    assert _queries_of_the_list(client) == few <= 12


def _queries_of_the_list(client: Client) -> int:
    with CaptureQueriesContext(connection) as seen:
        client.get(reverse("product-list"))
    return len(seen)


def test_a_products_page_shows_its_words_its_files_and_where_they_can_be_used(mark: Membership) -> None:
    product = make_product(mark)
    page = unescape(browser_of(mark).get(reverse("product-item", args=[product.pk])).content.decode())
    assert "For slow mornings." in page
    assert LINK in page
    for name in names_of(product):
        assert name in page
    ways = [f"{reverse('task-new', args=[kind.slug])}?saved-product={product.pk}" for kind in fillable()]
    assert ways
    assert all(way in page for way in ways)


def test_a_reviewer_reads_a_product_and_cannot_change_it(mark: Membership, rita: Membership) -> None:
    product = make_product(mark)
    page = browser_of(rita).get(reverse("product-item", args=[product.pk])).content.decode()
    assert "For slow mornings." in page
    assert reverse("product-edit", args=[product.pk]) not in page
    assert reverse("product-hide", args=[product.pk]) not in page


@pytest.mark.postgres
def test_words_are_edited_and_files_are_dropped_reordered_and_added(mark: Membership) -> None:
    product, other = make_product(mark, files=3), make_file(mark, name="new.png")
    first, second, _third = (str(file.upload_id) for file in product.files.all())
    sent = form_of(product, name="Our cup", material=[str(other.pk), second, first])
    answer = browser_of(mark).post(reverse("product-edit", args=[product.pk]), sent)
    assert answer.status_code == 303
    product.refresh_from_db()
    assert product.name == "Our cup"
    assert names_of(product) == ["new.png", "Blue cup 1.png", "Blue cup 0.png"]


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "x" * 201), ("link", "http://localhost/"), ("material", ["gone"])],
)
def test_what_cannot_be_saved_is_said_and_what_was_typed_stays(
    mark: Membership, field: str, value: object
) -> None:
    product = make_product(mark)
    answer = browser_of(mark).post(
        reverse("product-edit", args=[product.pk]),
        form_of(product, **{"description": "Typed just now.", field: value}),
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Typed just now." in page
    assert "field__errors" in page
    product.refresh_from_db()
    assert product.description == "For slow mornings."


def test_a_strangers_file_cannot_be_put_into_a_product(mark: Membership, stefan: Membership) -> None:
    product, theirs = make_product(mark), make_file(stefan, name="theirs.png")
    sent = form_of(product, material=[str(theirs.pk)])
    assert browser_of(mark).post(reverse("product-edit", args=[product.pk]), sent).status_code == 422
    assert "theirs.png" not in names_of(product)


@pytest.mark.postgres
def test_a_product_is_made_by_hand_once_however_often_the_form_is_sent(mark: Membership) -> None:
    upload, client = make_file(mark, name="cup.png"), browser_of(mark)
    sent = {
        "product_id": str(uuid4()),
        "name": "Cup",
        "description": "",
        "link": "",
        "material": [str(upload.pk)],
    }
    for _time in range(2):
        assert client.post(reverse("product-new"), sent).status_code == 303
    product = Product.objects.get()
    assert (product.name, product.owner, product.workspace) == ("Cup", mark.user, mark.workspace)
    assert names_of(product) == ["cup.png"]


def test_the_form_for_a_new_product_never_writes_on_one_of_another_workspace(
    mark: Membership, stefan: Membership
) -> None:
    product = make_product(stefan)
    sent = form_of(product, name="Taken", material=[])
    assert browser_of(mark).post(reverse("product-new"), sent).status_code == 303
    product.refresh_from_db()
    assert product.name == "Blue cup"
    assert product.workspace == stefan.workspace


def test_a_removed_product_leaves_the_list_and_its_page_puts_it_back(mark: Membership) -> None:
    product, client = make_product(mark), browser_of(mark)
    client.post(reverse("product-hide", args=[product.pk]))
    assert "Blue cup" not in client.get(reverse("product-list")).content.decode()
    assert "Put it back" in client.get(reverse("product-item", args=[product.pk])).content.decode()
    client.post(reverse("product-show", args=[product.pk]))
    assert "Blue cup" in client.get(reverse("product-list")).content.decode()


@pytest.mark.parametrize("slug", [kind.slug for kind in fillable()])
def test_a_form_opens_with_what_it_takes_of_the_product(slug: str, mark: Membership) -> None:
    make_account(mark.workspace)
    product = make_product(mark)
    page = browser_of(mark).get(reverse("task-new", args=[slug]), {"saved-product": str(product.pk)})
    shown = page.context["form"]
    for name, field in KINDS[slug].inputs.own_fields():
        if field.product_part in ("name", "description", "link"):
            assert shown[name].value() == getattr(product, field.product_part)
        elif field.product_part and isinstance(field, Asset):
            assert shown[name].value() == str(product.files.all()[0].upload_id)
        elif field.product_part and isinstance(field, Assets):
            assert shown[name].value() == [str(file.upload_id) for file in product.files.all()]
        if field.product_part == "files" and field.shown_when:
            assert shown[field.shown_when.field].value() in field.shown_when.values


def test_a_form_never_opens_with_a_strangers_product(mark: Membership, stefan: Membership) -> None:
    make_account(mark.workspace)
    product, kind = make_product(stefan), next(fillable())
    answer = browser_of(mark).get(reverse("task-new", args=[kind.slug]), {"saved-product": str(product.pk)})
    assert answer.status_code == 404


def test_without_script_reading_leads_to_the_readers_form_and_back_with_what_was_typed(
    mark: Membership,
) -> None:
    make_account(mark.workspace)
    kind, client = linked(), browser_of(mark)
    form_url = reverse("task-new", args=[kind.slug])
    typed = {"read-link": "link", "link": LINK, "audience": "Early risers", "task_id": str(uuid4())}
    answer = client.post(reverse("product-read"), typed, headers={"referer": f"http://testserver{form_url}"})
    assert answer.status_code == 303
    page = client.get(answer["Location"])
    assert page.context["form"]["link"].value() == LINK
    back = page.context["back"]
    assert back.startswith(form_url)
    assert client.get(back).context["form"]["audience"].value() == "Early risers"


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"]
)
def test_the_way_back_never_leads_out_of_the_portal(mark: Membership, back: str) -> None:
    make_account(mark.workspace)
    page = browser_of(mark).get(reverse("task-new", args=[next(fillable()).slug]), {"way-back": back})
    assert page.context["back"] == ""


@pytest.mark.parametrize("letters", [2300, 3500])
def test_a_way_back_that_would_be_too_long_leaves_the_longest_text_out_and_says_so(
    mark: Membership, letters: int
) -> None:
    make_account(mark.workspace)
    kind, client = linked(), browser_of(mark)
    form_url = reverse("task-new", args=[kind.slug])
    typed = {"read-link": "link", "link": LINK, "audience": "Early risers", "description": "é" * letters}
    answer = client.post(reverse("product-read"), typed, headers={"referer": f"http://testserver{form_url}"})
    assert len(f"GET {answer['Location']} HTTP/1.1\r\n") < LONGEST_REQUEST_LINE
    page = client.get(answer["Location"])
    assert LEFT_OUT in page.content.decode()
    back = page.context["back"]
    assert back.startswith(form_url)
    shown = client.get(back).context["form"]
    assert shown["audience"].value() == "Early risers"
    assert not shown["description"].value()


def test_a_way_back_with_everything_on_it_says_nothing_about_length(mark: Membership) -> None:
    make_account(mark.workspace)
    kind, client = linked(), browser_of(mark)
    referer = f"http://testserver{reverse('task-new', args=[kind.slug])}"
    typed = {"read-link": "link", "link": LINK, "description": "For slow mornings."}
    answer = client.post(reverse("product-read"), typed, headers={"referer": referer})
    assert LEFT_OUT not in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("referer", ["http://[", "http://[x]/", ""])
def test_a_reading_asked_for_from_nowhere_leads_back_to_the_choice_of_products(
    mark: Membership, referer: str
) -> None:
    make_account(mark.workspace)
    client = browser_of(mark)
    typed = {"read-link": "link", "link": LINK}
    answer = client.post(reverse("product-read"), typed, headers={"referer": referer})
    assert answer.status_code == 303
    assert client.get(answer["Location"]).context["back"] == reverse("task-formats")
