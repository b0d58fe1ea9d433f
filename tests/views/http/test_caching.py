"""What browsers may keep: nothing of a private page, and of files only what the portal allows again."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests import people
from tests.test_access_matrix import MATRIX, Filled, browser_for, filled

__all__ = ["filled"]

FILES = ("output-file", "output-poster", "preview-file", "upload-file", "upload-poster")
SHOWN_OR_SENT = ("output-strip", "version-strip", "version-file", "package-file")
CATALOG = ("catalog-picture", "catalog-sample", "catalog-clip")


@pytest.mark.parametrize("name", MATRIX)
def test_no_browser_keeps_a_private_page_a_fragment_or_a_table(name: str, filled: Filled, db: None) -> None:
    url = reverse(name, kwargs=filled.addresses[name])
    for client in (browser_for(filled, "admin"), Client()):
        answer = client.get(url)
        kept = answer.headers["Cache-Control"]
        if name in (*FILES, *SHOWN_OR_SENT, *CATALOG) and answer.status_code == 200:
            assert kept == "private, no-cache" and answer.headers["ETag"]
        else:
            assert "no-store" in kept, answer


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/no/such/page/", "/accounts/login/", "/operator/"])
def test_no_other_page_is_kept_either(url: str) -> None:
    answer = people.browser_of(people.make_stranger()).get(url)
    assert "no-store" in answer.headers["Cache-Control"]


def test_signing_out_empties_the_browsers_cache(db: None) -> None:
    browser = people.browser_of(people.make_stranger())
    assert "Clear-Site-Data" not in browser.get(reverse("profile")).headers
    answer = browser.post(reverse("account_logout"))
    assert answer.status_code == 302
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in browser.get(reverse("account_login")).headers
