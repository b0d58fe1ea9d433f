"""TopView's words for its machines are not shown to people as they came."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from tasks.kinds.base.vendor_words import charge_word, fact_word, readable
from tasks.models import Charge, Membership
from tests.people import browser_of
from tests.views.rows import fill_catalog, make_account

VOICES = [
    ("Harbor", {"language": "fr", "accent": "French", "style": "Cartoon_And_Animals", "gender": "female"}),
    ("Cliff", {"language": "en", "accent": "American", "style": "UGC", "age": "Middle Age"}),
]


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("Cartoon_And_Animals", "Cartoon and animals"),
        ("video_avatar", "Video avatar"),
        ("photo_avatar4", "Photo avatar4"),
        ("Middle Age", "Middle age"),
        ("running", "Running"),
        ("UGC", "UGC"),
        ("UGC_style", "UGC style"),
        (None, ""),
    ],
)
def test_a_word_is_written_in_sentence_case(word: str | None, shown: str) -> None:
    assert readable(word) == shown


@pytest.mark.parametrize(
    ("fact", "word", "shown"),
    [
        ("ethnicity", "Middle Eastern", "Middle Eastern"),
        ("ethnicity", "Middle_Eastern", "Middle eastern"),
        ("category", "Home & Living", "Home & Living"),
        ("accent", "american", "American"),
        ("language", "fr", "French"),
        ("language", "tlh", "tlh"),
        ("gender", "MALE", "Male"),
        ("plan", "free", "Free"),
    ],
)
def test_the_facts_of_an_entry_are_written_as_people_write_them(fact: str, word: str, shown: str) -> None:
    assert fact_word(fact, word) == shown


@pytest.mark.parametrize("task_type", ["pa_download_without_watermark", "product_anyfit_v2_product_model"])
def test_charges_for_what_no_format_makes_have_names(task_type: str) -> None:
    assert charge_word(task_type) != readable(task_type)


def test_catalogs_show_words_and_say_each_once(mark: Membership) -> None:
    fill_catalog(make_account(mark.workspace), "voices", VOICES)
    page = browser_of(mark).get(reverse("catalog-page", args=["voices"])).content.decode()
    assert "French · Female · Cartoon and animals" in page
    assert ">Cartoon and animals</option>" in page
    assert "Cartoon_And_Animals</option>" not in page


def test_a_charge_of_a_type_that_no_product_here_has_is_shown_in_words(alice: Membership) -> None:
    account = make_account(alice.workspace)
    facts = {"workspace": alice.workspace, "credential": account, "cost": 1, "remote_id": "elsewhere"}
    Charge.objects.create(charged_at=timezone.now(), task_type="image_face_swap", **facts)
    page = browser_of(alice).get(reverse("account-log", args=[account.pk])).content.decode()
    assert "Image face swap" in page
    assert ">image_face_swap<" not in page
