"""Fields that nobody has filled in are drawn once for everybody, and nothing of anybody is in them."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from tasks.kinds import KINDS
from tasks.models import Membership
from tasks.templatetags import kinds
from tests.people import browser_of, make_credential

pytestmark = pytest.mark.django_db

# What each answer draws for itself.
OWN = re.compile(r'value="[\w-]{36}"|csrfmiddlewaretoken" value="\w+"|csrftoken": "\w+"')


def form_page(member: Membership, slug: str, query: str = "") -> str:
    answer = browser_of(member).get(f"{reverse('task-new', args=[slug])}{query}")
    assert answer.status_code == 200
    return OWN.sub("", answer.content.decode())


@pytest.mark.parametrize("slug", KINDS)
def test_a_form_looks_the_same_drawn_anew_and_drawn_once(
    mark: Membership, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_credential(mark.workspace)
    kept = [form_page(mark, slug) for _ in range(2)][-1]
    monkeypatch.setattr(kinds, "_is_blank", lambda context, field: False)
    assert form_page(mark, slug) == kept


def test_what_one_person_typed_stands_in_no_form_of_another(mark: Membership, alice: Membership) -> None:
    make_credential(mark.workspace)
    url = reverse("task-new", args=["image-to-video"])
    refused = browser_of(mark).post(url, {"prompt": "A secret launch."})
    assert refused.status_code == 422 and "A secret launch." in refused.content.decode()
    asked = form_page(mark, "image-to-video", "?prompt=A+secret+launch.")
    assert "A secret launch." in asked
    plain = form_page(alice, "image-to-video")
    assert "A secret launch." not in plain and 'class="field__errors"' not in plain


def test_fields_that_were_drawn_are_not_drawn_again(
    mark: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_credential(mark.workspace)
    page = form_page(mark, "marketing-video")
    monkeypatch.setattr(kinds, "get_template", None)
    assert form_page(mark, "marketing-video") == page
