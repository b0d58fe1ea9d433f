"""Packages, the page that verifies files, and names of files, as a browser sees them."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tasks.concurrency import archives
from tasks.models import Membership, Package, PackageAct, Role, Verdict, Version, Workspace
from tasks.views.delivery import sending
from tasks.views.http import serving
from tests.delivering import approved_version, bytes_of, package_of
from tests.people import (
    browser_of,
    make_alice,
    make_blob,
    make_member,
    make_stranger,
)
from tests.reviewing import judge, make_version
from tests.views.rows import make_output, make_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(rita: Membership) -> Client:
    return browser_of(rita)


def file_of(package: Package) -> str:
    return reverse("package-file", args=[package.pk, package.name])


def sent(answer: Any) -> bytes:
    return b"".join(cast(StreamingHttpResponse, answer))


def order(browser: Client, *versions: Version, **changes: object) -> Any:
    data = {"id": uuid4(), "version": [one.pk for one in versions], "days": 30, "comments": "all"}
    return browser.post(reverse("package-new"), data | changes)


def test_a_reviewer_makes_a_package_and_downloads_it(
    browser: Client, mark: Membership, rita: Membership
) -> None:
    films = [approved_version(mark, rita, title=f"Film {number}") for number in range(2)]
    shown = browser.get(reverse("package-new")).content.decode()
    assert all(str(one.pk) in shown for one in films)
    made = order(browser, *films, name="Autumn sale")
    package = Package.objects.get()
    assert made.status_code == 303 and made["Location"] == reverse("package-page", args=[package.pk])
    page = browser.get(made["Location"]).content.decode()
    # Nobody has measured the files yet.
    assert "Being prepared" in page and f'href="{file_of(package)}"' not in page
    assert browser.get(file_of(package)).status_code == 503
    ready = package_of(rita, *films, name="Autumn sale")
    page = browser.get(reverse("package-page", args=[ready.pk])).content.decode()
    assert "film-0-v1.mp4" in page and f'href="{file_of(ready)}"' in page
    answer = browser.get(file_of(ready))
    assert answer["Content-Length"] == str(ready.size)
    assert answer["Content-Disposition"] == 'attachment; filename="autumn-sale.zip"'
    whole = sent(answer)
    assert zipfile.ZipFile(io.BytesIO(whole)).testzip() is None
    assert "Downloaded" in browser.get(reverse("package-page", args=[ready.pk])).content.decode()
    assert "autumn-sale" in browser.get(reverse("package-list")).content.decode()


def test_any_part_can_be_asked_for_and_an_open_one_goes_to_the_end(
    browser: Client, mark: Membership, rita: Membership
) -> None:
    package = package_of(mark, approved_version(mark, rita))
    whole, url, tag = bytes_of(package), file_of(package), f'"{package.digest}"'
    part = browser.get(url, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part["Content-Range"]) == (206, f"bytes 100-199/{package.size}")
    assert sent(part) == whole[100:200]
    rest = browser.get(url, headers={"Range": "bytes=7-", "If-Range": tag})
    assert rest["Content-Length"] == str(package.size - 7) and sent(rest) == whole[7:]
    assert sent(browser.get(url, headers={"Range": "bytes=-5"})) == whole[-5:]
    other = browser.get(url, headers={"Range": "bytes=7-", "If-Range": '"other"'})
    assert (other.status_code, sent(other)) == (200, whole)
    head = browser.head(url)
    assert (head["Content-Length"], head["ETag"], head.content) == (str(package.size), tag, b"")
    assert browser.get(url, headers={"If-None-Match": tag}).status_code == 304
    past = browser.get(url, headers={"Range": f"bytes={package.size}-"})
    assert (past.status_code, past["Content-Range"]) == (416, f"bytes */{package.size}")
    (event,) = package.events.filter(act=PackageAct.DOWNLOADED)
    assert event.requests == 4


def test_what_is_expired_or_revoked_is_gone(browser: Client, mark: Membership, rita: Membership) -> None:
    expired, revoked = (package_of(mark, approved_version(mark, rita)) for _ in range(2))
    Package.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    browser_of(mark).post(reverse("package-revoke", args=[revoked.pk]))
    for package in (expired, revoked):
        answer = browser.get(file_of(package))
        assert answer.status_code == 410 and b"PK\x03\x04" not in answer.content
        page = browser.get(reverse("package-page", args=[package.pk])).content.decode()
        assert f'href="{file_of(package)}"' not in page
    assert "revoked by Mark" in browser.get(file_of(revoked)).content.decode()
    shown = browser.get(reverse("package-list")).content.decode()
    assert "Expired" in shown and "Revoked" in shown


def test_an_approval_that_is_withdrawn_closes_the_download_and_says_whose(
    browser: Client, mark: Membership, rita: Membership
) -> None:
    good, other = (approved_version(mark, rita, title=title) for title in ("Cup", "Plate"))
    package = package_of(mark, good, other)
    judge(other, rita, Verdict.WITHDRAWN)
    for headers in ({}, {"Range": "bytes=0-"}):
        answer = browser.get(file_of(package), headers=headers)
        assert answer.status_code == 409
        assert "Plate" in answer.content.decode() and "Cup" not in answer.content.decode()
    page = browser.get(reverse("package-page", args=[package.pk])).content.decode()
    assert "Plate" in page and f'href="{file_of(package)}"' not in page
    assert not package.events.filter(act=PackageAct.DOWNLOADED).exists()


def test_what_is_not_approved_is_offered_by_choice_alone_and_marked(
    browser: Client, mark: Membership, rita: Membership
) -> None:
    waiting = make_version(mark)
    assert str(waiting.pk) not in browser.get(reverse("package-new")).content.decode()
    assert str(waiting.pk) in browser.get(reverse("package-new") + "?show=all").content.decode()
    refused = order(browser, waiting, name="Kept")
    assert refused.status_code == 422
    words = refused.content.decode()
    assert "is not approved" in words and 'value="Kept"' in words and "with_unapproved" in words
    assert f'value="{waiting.pk}" checked' in words
    assert order(browser, waiting, with_unapproved="on").status_code == 303
    package = Package.objects.get()
    assert not package.only_approved
    for address in (reverse("package-list"), reverse("package-page", args=[package.pk])):
        assert "Not all approved" in browser.get(address).content.decode()


@pytest.mark.parametrize(
    "changes",
    [{"version": []}, {"version": ["odd"]}, {"days": "5"}, {"days": ""}, {"comments": "some"}, {"id": "x"}],
)
def test_what_cannot_be_read_is_told_and_nothing_is_made(
    changes: dict[str, object], browser: Client, mark: Membership, rita: Membership
) -> None:
    assert order(browser, approved_version(mark, rita), **changes).status_code == 422
    assert not Package.objects.exists()


def test_versions_of_another_workspace_cannot_be_packed(mark: Membership, rita: Membership) -> None:
    stranger = browser_of(make_stranger())
    assert order(stranger, approved_version(mark, rita)).status_code == 422
    assert not Package.objects.exists()


def test_at_most_a_quarter_of_the_threads_send_archives(
    browser: Client, mark: Membership, rita: Membership, settings: Any
) -> None:
    settings.WEB_THREADS = 4
    large = make_version(mark, blob=make_blob(mark.workspace, bytes(range(256)) * 500, "video/mp4"))
    package = package_of(mark, large, only_approved=False)
    release = archives.take()
    assert release is not None
    busy = browser.get(file_of(package))
    assert (busy.status_code, bool(busy["Retry-After"])) == (503, True)
    release()
    answer = browser.get(file_of(package))
    assert answer.status_code == 200
    assert browser.get(file_of(package)).status_code == 503
    assert len(sent(answer)) == package.size
    assert browser.get(file_of(package)).status_code == 200


def test_the_inbox_hands_what_is_ticked_to_a_new_package(
    browser: Client, mark: Membership, rita: Membership
) -> None:
    film = approved_version(mark, rita)
    inbox = browser.get(reverse("review-inbox") + "?tab=decided").content.decode()
    assert f'name="version" value="{film.pk}" form="to-deliver"' in inbox
    page = browser.get(reverse("package-new") + f"?version={film.pk}&version=odd").content.decode()
    assert f'value="{film.pk}" checked' in page


def test_a_search_keeps_what_is_ticked(browser: Client, mark: Membership, rita: Membership) -> None:
    cup, plate = (approved_version(mark, rita, title=title) for title in ("Cup", "Plate"))
    page = browser.get(reverse("package-new"), {"q": "plat", "version": str(cup.pk)}).content.decode()
    assert f'value="{cup.pk}" checked' in page and str(plate.pk) in page
    assert "No piece has this" in browser.get(reverse("package-new"), {"q": "zzz"}).content.decode()


def test_one_approved_file_is_downloaded_under_the_name_of_the_workspaces_pattern(
    browser: Client, mark: Membership, rita: Membership
) -> None:
    film = approved_version(mark, rita, title="口红 Autumn", width=1080, height=1920)
    Workspace.objects.update(file_names="{date} {piece} ({n})")
    url = reverse("version-file", args=[film.pk]) + "?download=1"
    assert url in browser.get(reverse("review-page", args=[film.pk])).content.decode()
    header = browser.get(url)["Content-Disposition"]
    assert f"{film.sent_at:%Y-%m-%d}%20%E5%8F%A3%E7%BA%A2-autumn%20%281%29.mp4" in header


@pytest.mark.parametrize(
    ("pattern", "status"),
    [
        ("{piece}-v{n}", 303),
        ("ACME_{piece}", 303),
        ("v{n}", 422),
        ("{piece}{piece}", 422),
        ("{piece}-{nothing}", 422),
        ("a/{piece}", 422),
        ("{piece}: {n}", 422),
        ("{piece}" + "口" * 20, 422),
        ("", 422),
    ],
)
def test_an_admin_sets_how_files_are_called(pattern: str, status: int, mark: Membership) -> None:
    alice = browser_of(make_alice(mark.workspace))
    answer = alice.post(reverse("file-names"), {"pattern": pattern})
    assert answer.status_code == status
    mark.workspace.refresh_from_db()
    assert (mark.workspace.file_names == pattern) is (status == 303)
    if status == 422:
        assert f'value="{pattern}"' in answer.content.decode() or not pattern


def verified(browser: Client, text: str) -> str:
    return browser.get(reverse("verify"), {"sha256": text}).content.decode()


def test_a_sum_tells_who_approved_the_file(browser: Client, mark: Membership, rita: Membership) -> None:
    film = approved_version(mark, rita, title="Blue cup")
    digest = film.blob.sha256
    for text in (digest, digest.upper(), f"{digest}  blue-cup-v1.mp4", f" sha256:{digest}\n"):
        page = verified(browser, text)
        assert "Blue cup, version 1" in page and "Rita" in page and "tone--good" in page
    judge(film, rita, Verdict.WITHDRAWN, "The price is wrong.")
    page = verified(browser, digest)
    assert "Approval withdrawn" in page and "The price is wrong." in page
    newer = make_version(mark, piece=film.piece)
    assert f"version {newer.number}" in verified(browser, digest)


def test_a_sum_tells_the_decisions_of_its_own_workspace_alone(
    browser: Client, mark: Membership, rita: Membership
) -> None:
    film, stranger = approved_version(mark, rita, title="Blue cup"), make_stranger()
    with film.blob.file.open("rb") as file:
        same = make_blob(stranger.workspace, file.read(), "video/mp4")
    theirs = make_version(stranger, blob=same)
    judge(theirs, make_member(stranger.workspace, Role.REVIEWER, "Olga"), Verdict.REJECTED, "Not for us.")
    ours, others = (verified(one, same.sha256) for one in (browser, browser_of(stranger)))
    assert "Rita" in ours and "Olga" not in ours and "Not for us." not in ours
    assert "Olga" in others and "Rita" not in others and "Blue cup" not in others


def test_a_sum_of_bytes_that_were_replaced_since_says_so(
    browser: Client, mark: Membership, rita: Membership
) -> None:
    film = approved_version(mark, rita)
    old = film.blob.sha256
    judge(film, rita, Verdict.WITHDRAWN)
    Version.objects.filter(pk=film.pk).update(blob=make_blob(mark.workspace, b"another", "video/mp4"))
    assert "Replaced since" in verified(browser, old)


def test_a_sum_that_is_not_known_or_of_another_workspace_tells_nothing(
    browser: Client, mark: Membership, rita: Membership
) -> None:
    unsent = make_output(make_task(mark, title="Never sent"))
    assert unsent.blob is not None
    page = verified(browser, unsent.blob.sha256)
    assert "Never reviewed" in page and "Never sent" in page
    assert "Unknown here" in verified(browser, hashlib.sha256(b"other").hexdigest())
    assert "This is no SHA-256" in verified(browser, "12345")
    assert "Unknown here" not in verified(browser, "")
    film = approved_version(mark, rita)
    stranger = browser_of(make_stranger())
    page = stranger.get(reverse("verify"), {"sha256": film.blob.sha256}).content.decode()
    assert "Unknown here" in page and film.piece.title not in page


@pytest.mark.parametrize("end", ["withdrawn", "revoked", "expired", "left", "deactivated"])
def test_a_download_that_is_under_way_ends_when_its_reader_may_have_it_no_more(
    end: str, browser: Client, mark: Membership, rita: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "LOOK_SECONDS", 0)
    monkeypatch.setattr(sending, "_CHUNK_BYTES", 100)
    version = approved_version(mark, rita)
    package = package_of(rita, version)
    answer = cast(StreamingHttpResponse, browser.get(file_of(package)))
    chunks = iter(answer)
    assert next(chunks)
    if end == "withdrawn":
        judge(version, rita, Verdict.WITHDRAWN, "The price is wrong.")
    elif end == "left":
        rita.delete()
    elif end == "deactivated":
        type(rita.user).objects.filter(pk=rita.user_id).update(is_active=False)
    else:
        column = "revoked_at" if end == "revoked" else "expires_at"
        Package.objects.filter(pk=package.pk).update(**{column: timezone.now()})
    with pytest.raises(ConnectionResetError):
        list(chunks)


def test_a_search_for_what_no_database_stores_finds_nothing(browser: Client, mark: Membership) -> None:
    for query in ("\x00", "x" * 10_000):
        assert browser.get(reverse("package-new"), {"q": query}).status_code == 200


def test_comments_of_the_team_go_into_a_package_by_choice_alone(browser: Client, mark: Membership) -> None:
    page = browser.get(reverse("package-new")).content.decode()
    assert '<option value="everyone" selected>' in page
