"""A place typed into the form without script: fractions are stored, anything else is told and kept."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.urls import reverse

from tasks.models import Membership, Task
from tests.people import browser_of
from tests.views.rows import make_account, make_file

URL = reverse("task-new", args=["product-avatar"])
PLACE = [[0.25, 0.1], [0.75, 0.1], [0.75, 0.6], [0.25, 0.6]]


def order(member: Membership, place: object) -> dict[str, object]:
    product, model = (make_file(member, name=name, width=400, height=300) for name in ("cup.png", "ann.png"))
    answers = {"product": str(product.pk), "model": "own", "model_picture": str(model.pk)}
    text = place if isinstance(place, str) else json.dumps(place)
    return {"task_id": str(uuid4()), **answers, "placement": "manual", "location": text}


def test_a_place_in_fractions_is_stored_as_it_was_typed(mark: Membership) -> None:
    make_account(mark.workspace)
    client = browser_of(mark)
    assert client.post(URL, order(mark, PLACE)).status_code == 303
    task = Task.objects.get()
    assert (task.brief["location"], task.brief["schema"], task.brief_schema) == (PLACE, 2, 2)
    page = client.get(reverse("task-page", args=[task.pk])).content.decode()
    assert "25 % from the left, 10 % from the top; 50 % × 50 % of the picture" in page


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ([[100, 30], [300, 30], [300, 180], [100, 180]], "not pixels"),
        ([PLACE[3], *PLACE[2::-1]], "Name the corners in this order"),
        ([[x + 1, y] for x, y in PLACE], "beside the picture"),
        (PLACE[:2], "four points"),
        ("10.5,20.0 30.5,40.0", "four points"),
    ],
    ids=["pixels", "order", "beside", "two points", "the client's help"],
)
def test_what_is_no_place_is_told_at_its_field_and_stays_in_it(
    mark: Membership, place: object, said: str
) -> None:
    make_account(mark.workspace)
    posted = order(mark, place)
    answer = browser_of(mark).post(URL, posted)
    assert (answer.status_code, Task.objects.count()) == (422, 0)
    field = answer.context["form"]["location"]
    assert said in str(field.errors)
    assert field.value() == posted["location"]


def test_the_form_says_how_a_place_is_typed(mark: Membership) -> None:
    make_account(mark.workspace)
    page = browser_of(mark).get(URL).content.decode()
    assert "upper left, upper right, lower right, lower left" in page
    assert "pixels of the picture, from its upper left corner, as" not in page
