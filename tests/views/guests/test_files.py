"""Bytes for guests: whole and in parts, never past the portal, and no longer than their link lasts."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tasks.commands.guests.links import revoke_links
from tasks.models import (
    DownloadRight,
    Identification,
    LinkAct,
    LinkEvent,
    Membership,
    PlayerMedia,
    Version,
    VersionEvent,
)
from tasks.views.http import serving
from tests.people import browser_of, make_blob, make_mark, make_workspace
from tests.reviewing import make_version
from tests.sharing import body_of, give_bytes, guest_of, share

pytestmark = pytest.mark.django_db

FILM = bytes(range(256)) * 1000


@pytest.fixture
def mark(settings: Any, tmp_path: Any) -> Membership:
    settings.MEDIA_ROOT = str(tmp_path)
    return make_mark(make_workspace())


@pytest.fixture
def version(mark: Membership) -> Version:
    version = make_version(mark)
    give_bytes(version, FILM)
    return version


def address(name: str, link: Any, version: Version) -> str:
    return reverse(name, args=[link.pk, version.pk])


def test_a_guest_gets_parts_of_a_film_and_the_whole(version: Version, mark: Membership) -> None:
    link = share(mark, version)
    client = guest_of(link)
    whole = client.get(address("guest-file", link, version))
    assert body_of(whole) == FILM
    part = client.get(address("guest-file", link, version), headers={"Range": "bytes=300-309"})
    assert part.status_code == 206 and body_of(part) == FILM[300:310]
    assert part["X-Robots-Tag"] == "noindex, nofollow" and "private" in part["Cache-Control"]


def test_no_front_server_sends_to_guests_since_it_would_not_stop(
    settings: Any, version: Version, mark: Membership
) -> None:
    settings.X_ACCEL_PREFIX = "/inside/"
    link = share(mark, version, download=DownloadRight.ORIGINAL)
    answer = guest_of(link).get(address("guest-download", link, version))
    assert "X-Accel-Redirect" not in answer and body_of(answer) == FILM
    assert getattr(answer, "file_to_stream", None) is None


@pytest.mark.parametrize("name", ["guest-download", "guest-file"])
def test_a_running_answer_ends_soon_after_the_link(
    name: str, version: Version, mark: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert serving.LOOK_SECONDS + serving.DOWNLOAD_STALL_SECONDS < 600
    monkeypatch.setattr(serving, "LOOK_SECONDS", 0)
    link = share(mark, version, download=DownloadRight.ORIGINAL)
    answer: Any = guest_of(link).get(address(name, link, version))
    parts = iter(answer.streaming_content)
    assert next(parts) and next(parts)
    revoke_links(links=[link], actor=mark.user)
    with pytest.raises(ConnectionResetError):
        next(parts)


def test_a_download_has_a_name_that_says_what_it_is_and_is_written_down(
    version: Version, mark: Membership
) -> None:
    link = share(mark, version, download=DownloadRight.ORIGINAL)
    client = guest_of(link)
    page = client.get(address("guest-version", link, version)).content.decode()
    assert address("guest-download", link, version) in page
    answer = client.get(address("guest-download", link, version))
    assert answer["Content-Disposition"].startswith("attachment") and "-v1." in answer["Content-Disposition"]
    assert LinkEvent.objects.get(link=link, act=LinkAct.DOWNLOADED).version == version
    link.refresh_from_db()
    assert link.last_used_at and (timezone.now() - link.last_used_at).total_seconds() < 60


def test_a_page_without_the_right_offers_no_download(version: Version, mark: Membership) -> None:
    link = share(mark, version)
    page = guest_of(link).get(address("guest-version", link, version)).content.decode()
    assert address("guest-download", link, version) not in page
    assert address("guest-file", link, version) in page


def test_pages_of_guests_hold_no_address_of_members(version: Version, mark: Membership) -> None:
    link = share(mark, version, make_version(mark), download=DownloadRight.ORIGINAL)
    client = guest_of(link)
    for url in (reverse("guest-list", args=[link.pk]), address("guest-version", link, version)):
        page = client.get(url).content.decode()
        for inside in ("/review/", "/outputs/", "/previews/", "/tasks/", "/settings/"):
            assert inside not in page
        assert mark.user.email not in page


def test_a_watermark_lies_over_the_player(version: Version, mark: Membership) -> None:
    link = share(mark, version, has_watermark=True)
    page = guest_of(link).get(address("guest-version", link, version)).content.decode()
    assert 'class="watermark"' in page and f"Autumn films · {timezone.now():%Y-%m-%d}" in page


def test_the_proof_of_a_piece_names_guests_who_saw_and_took_it_for_good(
    version: Version, mark: Membership
) -> None:
    link = share(
        mark,
        version,
        download=DownloadRight.ORIGINAL,
        identification=Identification.NAME,
        name="To the customer",
    )
    client = guest_of(link)
    client.post(reverse("guest-enter", args=[link.pk]), {"name": "Gloria Gast"})
    for _time in range(2):
        client.get(address("guest-version", link, version))
        client.get(address("guest-download", link, version))
    LinkEvent.objects.all().delete()
    acts = VersionEvent.objects.filter(guest__name="Gloria Gast").values_list("act", flat=True)
    assert sorted(acts) == ["downloaded", "seen"]
    page = browser_of(mark).get(reverse("piece-proof", args=[version.piece_id])).content.decode()
    assert page.count("Gloria Gast") == 2 and page.count("To the customer") == 2


def test_strip_captions_and_outline_come_through_the_door_alone(version: Version, mark: Membership) -> None:
    strip = make_blob(mark.workspace, b"strip", "image/webp")
    PlayerMedia.objects.create(
        workspace=mark.workspace, source=version.blob, strip=strip, tiles=4, tile_seconds=1.0
    )
    link = share(mark, version)
    client = guest_of(link)
    page = client.get(address("guest-version", link, version)).content.decode()
    assert address("guest-strip", link, version) in page and "/review/" not in page
    assert body_of(client.get(address("guest-strip", link, version))) == b"strip"
    captions = client.get(address("guest-captions", link, version))
    assert captions.status_code == 200 and captions.content.startswith(b"WEBVTT")
