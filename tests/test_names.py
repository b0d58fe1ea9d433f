"""Names of people, products and files: what belongs to a letter stays, what shows nothing is no name."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from tasks.models import Membership, Product, User
from tasks.names import NAME_LENGTH, ascii_name, clean_name, download_name, safe_name
from tests.people import browser_of, make_alice, make_workspace
from tests.test_files import make_blob, make_output, make_upload

THAI, HINDI, TAMIL, BENGALI = "น้ำผึ้งป่า", "हिन्दी विज्ञापन", "தமிழ் விளம்பரம்", "বাংলা বিজ্ঞাপন"
PERSIAN, FAMILY = "می\u200cخواهم", "👨\u200d👩\u200d👧"
NOTHING = [
    *("\u200b", "\u200d\u200c", "\u3164", "\u2800\u2800", "\u00ad", "\u2060 \u200b", "\ufe0f", "\u0301"),
    "\x00",
]


@pytest.mark.parametrize("name", [THAI, HINDI, TAMIL, BENGALI, PERSIAN, FAMILY])
def test_marks_and_joiners_of_every_script_stay(name: str) -> None:
    assert clean_name(name) == name
    assert safe_name(f"{name}.mp4") == f"{name}.mp4"


@pytest.mark.parametrize("name", [THAI, HINDI, TAMIL, BENGALI, PERSIAN])
def test_a_download_is_named_in_the_script_of_its_title(name: str) -> None:
    assert download_name(f" {name}! ", fallback="video") == name.replace(" ", "-")


@pytest.mark.parametrize("name", NOTHING)
def test_what_shows_nothing_is_no_name(name: str) -> None:
    assert clean_name(name) == ""
    assert safe_name(f"{name}.mp4") == "file.mp4"
    assert download_name(name, fallback="video") == "video"


def test_a_long_name_is_cut_between_letters_and_fits_a_file_system() -> None:
    for number in range(60):
        short = download_name("x" * number + "กี่" * 100, fallback="video")
        assert len(short.encode()) <= 180 and short.endswith("กี่")
        assert safe_name("x" * number + "กี่" * 100 + ".mp4").endswith("กี่.mp4")


def test_the_quotes_of_a_name_come_as_browsers_write_them() -> None:
    assert safe_name("my %22best%22 film.mp4") == 'my "best" film.mp4'
    assert safe_name("two%0D%0Alines.mp4") == "two lines.mp4"


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Spring film.mp4", "Spring film.mp4"),
        ("Café crème (2).mp4", "Cafe creme (2).mp4"),
        ("น้ำผึ้ง.mp4", "file.mp4"),
        ("春-2.mp4", "file.mp4"),
        ("it's.mp4", "it's.mp4"),
        ("a;b\\c\r\n.mp4", "abc.mp4"),
        ("plain", "plain"),
    ],
)
def test_programs_that_know_ascii_alone_are_offered_a_sane_name(name: str, plain: str) -> None:
    assert ascii_name(name) == plain


@given(st.text(max_size=300))
def test_no_name_breaks_a_header_or_a_folder(text: str) -> None:
    for name in (safe_name(text), download_name(text, fallback="video"), ascii_name(text)):
        assert name and len(name) <= max(NAME_LENGTH, len(ascii_name(text)))
        assert not set(name) & set("/\\\r\n\0")
    assert set(ascii_name(text)).isdisjoint('";') and ascii_name(text).isascii()


# --- Every door ------------------------------------------------------------------------------------------


@pytest.fixture
def alice(db: None) -> Membership:
    return make_alice(make_workspace())


@pytest.mark.parametrize("title", [THAI, HINDI, TAMIL, BENGALI, PERSIAN])
def test_an_output_is_offered_under_its_whole_title(alice: Membership, tmp_path: Path, title: str) -> None:
    output = make_output(alice, make_blob(alice, tmp_path, b"film"), title)
    answer = browser_of(alice).get(reverse("output-file", args=[output.pk]), {"download": "1"})
    kind, plain, full = answer.headers["Content-Disposition"].split("; ")
    assert (kind, plain) == ("attachment", 'filename="file.mp4"')
    assert unquote(full) == f"filename*=utf-8''{title.replace(' ', '-')}.mp4"


def test_quotes_in_a_files_name_reach_a_person_as_quotes(alice: Membership, tmp_path: Path) -> None:
    upload = make_upload(alice, make_blob(alice, tmp_path, b"film"), name='The "best".mp4')
    answer = browser_of(alice).get(reverse("upload-file", args=[upload.pk]))
    assert answer.headers["Content-Disposition"] == "inline; filename=\"The 'best'.mp4\""


@pytest.mark.parametrize("nothing", NOTHING[:-1])
def test_a_product_is_not_named_by_what_shows_nothing(alice: Membership, nothing: str) -> None:
    browser, url = browser_of(alice), reverse("product-new")
    assert browser.post(url, {"name": nothing}).status_code == 422
    assert browser.post(url, {"name": f"\u202e{HINDI}\u200b"}).status_code == 303
    assert Product.objects.get().name == f"{HINDI}\u200b"


@pytest.mark.parametrize("nothing", NOTHING[:-1])
def test_a_person_is_not_named_by_what_shows_nothing(alice: Membership, nothing: str) -> None:
    url = reverse("profile")
    for typed, kept in ((nothing, ""), (f"{THAI}\u2066 ", THAI)):
        assert browser_of(alice).post(url, {"name": typed, "time_zone": "UTC"}).status_code == 303
        assert User.objects.get(pk=alice.user.pk).name == kept


def test_a_credential_is_not_named_by_what_shows_nothing(alice: Membership) -> None:
    sent = {"name": "\u3164", "service": "sandbox", "uid": "u", "key": "k" * 20}
    answer = browser_of(alice).post(reverse("credential-add"), sent)
    assert answer.status_code == 422
    assert "name" in answer.context["form"].errors
