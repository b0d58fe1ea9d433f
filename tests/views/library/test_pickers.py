"""What the picker's dialog offers: catalogs and the library's files."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tasks.causes import Cause, Code
from tasks.forms.tasks.sources import facts_of
from tasks.kinds import KINDS
from tasks.kinds.base import Asset, FromLibrary
from tasks.models import CatalogState, Credential, Membership
from tests.people import browser_of, make_blob
from tests.views.rows import fill_catalog, make_account, make_file

VOICES = [
    ("Harbor", {"gender": "female", "language": "en", "accent": "American"}),
    ("Ridge", {"gender": "male", "language": "en", "accent": "British"}),
    ("Bach", {"gender": "male", "language": "de"}),
]


@pytest.fixture
def account(mark: Membership) -> Credential:
    return make_account(mark.workspace)


@pytest.fixture
def client(mark: Membership) -> Client:
    return browser_of(mark)


def offered(page: str) -> list[str]:
    return re.findall(r'data-name="([^"]*)"', page)


def open_catalog(client: Client, catalog_name: str, query: str = "") -> str:
    answer = client.get(f"{reverse('catalog-picker', args=[catalog_name])}?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.postgres
def test_a_catalog_stands_in_topviews_order(client: Client, account: Credential) -> None:
    fill_catalog(account, "voices", VOICES)
    page = open_catalog(client, "voices")
    assert offered(page) == ["Harbor", "Ridge", "Bach"]
    assert "<html" not in page


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=RID", ["Ridge"]),
        ("q=male+british", ["Ridge"]),
        ("language=de", ["Bach"]),
        ("gender=male", ["Ridge", "Bach"]),
        ("gender=male&language=en", ["Ridge"]),
        ("q=nobody", []),
    ],
)
def test_words_and_filters_narrow_it(
    client: Client, account: Credential, query: str, expected: list[str]
) -> None:
    fill_catalog(account, "voices", VOICES)
    assert offered(open_catalog(client, "voices", query)) == expected


@pytest.mark.postgres
def test_avatars_are_filtered_by_looks(client: Client, account: Credential) -> None:
    fill_catalog(
        account,
        "avatars",
        [("Nadia", {"ethnicities": ["Asian", "White"]}), ("Omar", {"ethnicities": ["Black"]})],
    )
    assert offered(open_catalog(client, "avatars", "ethnicity=White")) == ["Nadia"]


def test_languages_have_names(client: Client, account: Credential) -> None:
    fill_catalog(account, "voices", VOICES)
    page = open_catalog(client, "voices")
    assert '<option value="de">German</option>' in page
    assert "English · American" in page


def test_a_voice_can_be_heard(client: Client, account: Credential) -> None:
    entry = fill_catalog(account, "voices", VOICES[:1])[0]
    entry.sample = make_blob(account.workspace, b"sound", "audio/mpeg")
    entry.save()
    assert f'data-play="/catalog/{entry.pk}/sample/' in open_catalog(client, "voices")


@pytest.mark.postgres
def test_a_long_catalog_comes_in_pages(client: Client, account: Credential) -> None:
    fill_catalog(account, "avatars", [(f"Avatar {number}", {}) for number in range(50)])
    seen, query = [], "page=1"
    while query:
        page = open_catalog(client, "avatars", query)
        seen += offered(page)
        more = re.search(r'hx-get="[^"?]*\?([^"]*page=\d+)"', page)
        query = more[1].replace("&amp;", "&") if more else ""
    assert seen == [f"Avatar {number}" for number in range(50)]


def test_a_catalog_that_was_never_read_asks_again_by_itself(client: Client, account: Credential) -> None:
    page = open_catalog(client, "voices")
    assert "is being read from TopView" in page
    assert 'hx-trigger="every' in page


def test_a_catalog_that_could_not_be_read_says_why(client: Client, account: Credential) -> None:
    CatalogState.objects.create(
        credential=account,
        workspace=account.workspace,
        catalog="voices",
        error=Cause.of(Code.BUSY, said=""),
    )
    page = open_catalog(client, "voices")
    assert "could not be read" in page
    assert "TopView is busy" in page


def test_an_old_copy_is_shown_and_called_old(client: Client, account: Credential) -> None:
    fill_catalog(account, "voices", VOICES)
    CatalogState.objects.update(refreshed_at=timezone.now() - timedelta(days=9))
    page = open_catalog(client, "voices")
    assert "older copy" in page
    assert offered(page)


def test_the_account_that_the_form_names_is_the_one_that_is_read(client: Client, account: Credential) -> None:
    other = make_account(account.workspace, name="Other")
    fill_catalog(account, "voices", [("First", {})])
    fill_catalog(other, "voices", [("Second", {})])
    assert offered(open_catalog(client, "voices", f"account={other.pk}")) == ["Second"]


def test_a_strangers_account_is_not_read(client: Client, account: Credential, stefan: Membership) -> None:
    theirs = make_account(stefan.workspace)
    fill_catalog(theirs, "own-avatars", [("Secret face", {})])
    assert "Secret face" not in open_catalog(client, "own-avatars", f"account={theirs.pk}")


@pytest.mark.postgres
@pytest.mark.parametrize(
    "query", ["account=x", "page=-1", "page=9999999999", "page=²", "q=%00", "language=%00&gender=x"]
)
def test_garbage_in_the_address_is_no_fault(client: Client, account: Credential, query: str) -> None:
    fill_catalog(account, "voices", VOICES)
    open_catalog(client, "voices", query)


def test_an_unknown_catalog_or_role_is_not_found(client: Client, account: Credential) -> None:
    assert client.get(reverse("catalog-picker", args=["shoes"])).status_code == 404
    assert client.get(reverse("upload-picker", args=["text"])).status_code == 404


def test_names_of_a_catalog_are_escaped(client: Client, account: Credential) -> None:
    fill_catalog(account, "voices", [('"><script>alert(1)</script>', {})])
    assert "<script>alert" not in open_catalog(client, "voices")


@pytest.mark.postgres
def test_the_library_is_offered_by_role_newest_first(
    client: Client, mark: Membership, stefan: Membership
) -> None:
    old = make_file(mark, name="old.png", created_at=timezone.now() - timedelta(days=1))
    new = make_file(mark, name="new.png")
    make_file(mark, name="film.mp4", role="video")
    make_file(mark, name="hidden.png", hidden_at=timezone.now())
    make_file(stefan, name="secret.png")
    page = client.get(reverse("upload-picker", args=["image"])).content.decode()
    assert offered(page) == ["new.png", "old.png"]
    assert f'data-pick="{new.pk}"' in page
    found = client.get(f"{reverse('upload-picker', args=['image'])}?q=OLD").content.decode()
    assert re.findall(r'data-pick="([^"]*)"', found) == [str(old.pk)]


@pytest.mark.postgres
def test_a_long_library_comes_in_pages(client: Client, mark: Membership) -> None:
    at = timezone.now()
    for number in range(30):
        make_file(mark, name=f"{number}.png", created_at=at - timedelta(seconds=number))
    first = client.get(reverse("upload-picker", args=["image"])).content.decode()
    more = re.search(r'class="picker__more" hx-get="([^"]+)"', first)
    assert more
    second = client.get(more[1].replace("&amp;", "&")).content.decode()
    assert offered(first) + offered(second) == [f"{number}.png" for number in range(30)]


def test_the_picker_offers_only_what_its_field_takes_and_says_why_not(
    client: Client, mark: Membership
) -> None:
    """The limits in the button's address are the field's own, which the form's check uses too."""
    field = Asset(role="video", max_seconds=30, formats=("mp4",), label="Clip", wire="clip")
    make_file(mark, name="short.mp4", role="video", seconds=12.0)
    long = make_file(mark, name="long.mp4", role="video", seconds=92.0)
    url = f"{reverse('upload-picker', args=['video'])}?{field.queries['video']}"
    page = client.get(url).content.decode()
    assert sorted(offered(page)) == ["long.mp4", "short.mp4"]
    assert len(re.findall(r"<button class=\"pick__choose\"[^>]* disabled", page)) == 1
    assert f'id="no-{long.pk}"' in page
    assert field.refusals(facts_of(long))[0] in page


def test_the_buttons_of_a_form_carry_the_limits_of_their_field(client: Client, account: Credential) -> None:
    for kind in KINDS.values():
        page = unescape(client.get(reverse("task-new", args=[kind.slug])).content.decode())
        for _name, field in kind.inputs.own_fields():
            if isinstance(field, FromLibrary) and field.widget_kind in ("asset", "assets"):
                for role, query in field.queries.items():
                    assert f"{reverse('upload-picker', args=[role])}?{query}" in page


@pytest.mark.postgres
@pytest.mark.parametrize("query", ["formats=", "formats=mp4&max_bytes=x", "max_seconds=1"])
def test_limits_that_cannot_be_read_hide_nothing(client: Client, mark: Membership, query: str) -> None:
    make_file(mark, name="short.mp4", role="video", seconds=12.0)
    answer = client.get(f"{reverse('upload-picker', args=['video'])}?{query}")
    assert answer.status_code == 200
    assert offered(answer.content.decode()) == ["short.mp4"]
