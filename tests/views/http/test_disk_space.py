"""A full disk: one rule for every door that takes a file, asked before a byte of it is kept."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from tasks.models import Membership, Product, Upload
from tests.media.samples import make_picture
from tests.people import browser_of, make_mark, make_workspace
from tests.views.rows import COUNTING

WORDS = "disk is nearly full"
DOORS = {
    "library": (reverse("upload-new"), "file"),
    "product": (reverse("product-new"), "material-file"),
    "photo avatar": (reverse("photo-avatar-new"), "photo-file"),
    "order": (reverse("task-new", args=[COUNTING.slug]), "photo-file"),
    "sign-in": (reverse("account_login"), "file"),
}


@pytest.fixture
def mark(db: None) -> Membership:
    return make_mark(make_workspace())


@pytest.mark.parametrize("door", DOORS)
def test_no_door_takes_even_a_small_picture(
    door: str, mark: Membership, settings: Any, tmp_path: Path
) -> None:
    settings.DISK_FULL_BYTES = 2**62
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "waiting"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    picture = io.BytesIO(make_picture(tmp_path / "small.png", (320, 240)).read_bytes())
    picture.name = "small.png"
    url, field = DOORS[door]
    client = browser_of(mark, checks_tokens=True)
    client.cookies["csrftoken"] = token = "x" * 32
    sent = {"csrfmiddlewaretoken": token, "name": "Cup", field: picture}
    answer = client.post(url, sent, headers={"accept": "application/json"})
    assert answer.status_code == 507
    assert WORDS in answer.json()["errors"][0]
    assert not Upload.objects.exists() and not Product.objects.exists()
    assert list(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir()) == []


def test_a_form_without_a_file_is_taken_all_the_same(mark: Membership, settings: Any) -> None:
    settings.DISK_FULL_BYTES = 2**62
    assert browser_of(mark).post(reverse("product-new"), {"name": "Cup"}).status_code == 303
    assert Product.objects.count() == 1


def test_a_browser_is_shown_a_page_that_says_so(mark: Membership, settings: Any) -> None:
    settings.DISK_FULL_BYTES = 2**62
    picture = io.BytesIO(b"x")
    picture.name = "small.png"
    sent = {"name": "Cup", "material-file": picture}
    answer = browser_of(mark).post(reverse("product-new"), sent, headers={"accept": "text/html"})
    assert answer.status_code == 507
    assert "There is no room for files" in answer.content.decode()
