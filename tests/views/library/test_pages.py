"""The library: tiles, one file's page, and taking a file out."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tasks.kinds import accepting
from tasks.models import Membership, Upload
from tests.people import browser_of
from tests.views.rows import make_account, make_file, make_task

LIBRARY = reverse("library")


def names(member: Membership, query: str = "") -> list[str]:
    page = browser_of(member).get(f"{LIBRARY}?{query}").content.decode()
    return re.findall(r'class="tile__name"[^>]*>([^<]*)<', page)


def item(member: Membership, upload: Upload) -> str:
    answer = browser_of(member).get(reverse("library-item", args=[upload.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.postgres
def test_files_stand_newest_first_without_hidden_or_strange_ones(
    mark: Membership, stefan: Membership
) -> None:
    make_file(mark, name="old.png", created_at=timezone.now() - timedelta(days=1))
    make_file(mark, name="new.png")
    make_file(mark, name="gone.png", hidden_at=timezone.now())
    make_file(stefan, name="secret.png")
    assert names(mark) == ["new.png", "old.png"]


@pytest.mark.postgres
def test_role_and_words_narrow_it(mark: Membership) -> None:
    make_file(mark, name="autumn cup.png")
    make_file(mark, name="autumn film.mp4", role="video")
    assert names(mark, "role=video") == ["autumn film.mp4"]
    assert names(mark, "q=CUP+autumn") == ["autumn cup.png"]
    assert names(mark, "q=cup&role=video") == []


def test_the_library_offers_no_files_of_the_library_to_upload(mark: Membership) -> None:
    page = browser_of(mark).get(LIBRARY).content.decode()
    assert "data-upload-url" in page
    assert reverse("upload-picker", args=["image"]) not in page


@pytest.mark.postgres
@pytest.mark.parametrize("query", ["role=shoes", "q=%00", "before=x", "after=_"])
def test_garbage_in_the_address_shows_everything(mark: Membership, query: str) -> None:
    make_file(mark, name="here.png")
    assert names(mark, query) == ["here.png"]


@pytest.mark.postgres
def test_pages_follow_each_other_without_gaps(mark: Membership) -> None:
    at = timezone.now()
    for number in range(60):
        make_file(mark, name=f"{number}.png", created_at=at)
    first = browser_of(mark).get(LIBRARY).content.decode()
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = names(mark, older[1].partition("?")[2].replace("&amp;", "&"))
    shown = re.findall(r'class="tile__name"[^>]*>([^<]*)<', first) + second
    assert sorted(shown) == sorted(f"{number}.png" for number in range(60))


def test_an_empty_library_and_an_empty_search_differ(mark: Membership) -> None:
    client = browser_of(mark)
    assert "The library is empty" in client.get(LIBRARY).content.decode()
    assert "No file fits" in client.get(f"{LIBRARY}?q=x").content.decode()


def test_only_those_who_may_spend_can_bring_files(mark: Membership, rita: Membership) -> None:
    assert "data-upload-url" in browser_of(mark).get(LIBRARY).content.decode()
    assert "data-upload-url" not in browser_of(rita).get(LIBRARY).content.decode()


def test_a_name_is_escaped(mark: Membership) -> None:
    upload = make_file(mark, name="<script>alert(1)</script>.png")
    assert "<script>alert" not in browser_of(mark).get(LIBRARY).content.decode()
    assert "<script>alert" not in item(mark, upload)


@pytest.mark.postgres
def test_a_file_names_the_tasks_that_use_it(mark: Membership) -> None:
    upload = make_file(mark)
    make_task(mark, title="The first film").uploads.add(upload)
    assert "The first film" in item(mark, upload)
    assert "used once" in browser_of(mark).get(LIBRARY).content.decode()


def test_use_as_input_leads_to_a_form_that_holds_it(mark: Membership, rita: Membership) -> None:
    make_account(mark.workspace)
    upload = make_file(mark, name="cup.png")
    links = re.findall(r'item__usage" href="([^"]+)"', item(mark, upload))
    assert len(links) == len(accepting("image"))
    for link in links:
        page = browser_of(mark).get(link.replace("&amp;", "&")).content.decode()
        assert f'value="{upload.pk}"' in page
    assert "item__usage" not in item(rita, upload)


def test_a_removed_file_leaves_the_library_and_its_page_stays(mark: Membership) -> None:
    upload = make_file(mark)
    answer = browser_of(mark).post(reverse("library-remove", args=[upload.pk]), follow=True)
    assert "out of the library" in answer.content.decode()
    assert names(mark) == []
    assert "out of the library" in item(mark, upload)


def test_a_reviewer_or_a_stranger_removes_nothing(
    mark: Membership, rita: Membership, stefan: Membership
) -> None:
    upload = make_file(mark)
    url = reverse("library-remove", args=[upload.pk])
    assert browser_of(rita).post(url).status_code == 403
    assert browser_of(stefan).post(url).status_code == 404
    assert browser_of(stefan).get(reverse("library-item", args=[upload.pk])).status_code == 404
    assert names(mark) == [upload.name]


@pytest.mark.postgres
def test_more_tiles_need_no_more_queries(mark: Membership) -> None:
    client: Any = browser_of(mark)
    make_file(mark)
    client.get(LIBRARY)
    with CaptureQueriesContext(connection) as few:
        client.get(LIBRARY)
    for number in range(10):
        make_file(mark, name=f"{number}.png")
    with CaptureQueriesContext(connection) as many:
        client.get(LIBRARY)
    assert len(many) == len(few)
