"""Bytes for guests: whole and in parts, never past the portal, and no longer than their link lasts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import pytest
from django.urls import reverse
from django.utils import timezone

from tasks.commands.guests.links import revoke_links
from tasks.commands.library.previews import make_previews
from tasks.models import (
    DownloadRight,
    Identification,
    LinkAct,
    LinkEvent,
    Membership,
    PlayerMedia,
    Preview,
    PreviewState,
    Version,
    VersionEvent,
)
from tasks.views.http import serving
from tests.media.samples import make_video
from tests.people import browser_of, make_blob
from tests.reviewing import make_version
from tests.sharing import body_of, give_bytes, guest_of, share

pytestmark = pytest.mark.django_db

FILM = bytes(range(256)) * 1000


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


def test_a_guest_who_may_have_a_preview_gets_that_and_never_the_original(
    version: Version, mark: Membership
) -> None:
    link = share(mark, version, download=DownloadRight.PREVIEW, has_watermark=True)
    preview = Preview.objects.get(source=version.blob)
    assert preview.is_coming and not preview.stands_in
    client, url = guest_of(link), address("guest-download", link, version)
    assert client.get(url).status_code == 404
    page = client.get(address("guest-version", link, version)).content.decode()
    # Players go on with the film itself.
    assert url not in page and f'src="{address("guest-file", link, version)}"' in page
    small = make_blob(mark.workspace, b"small", "video/mp4")
    Preview.objects.update(state=PreviewState.READY, blob=small)
    assert url in client.get(address("guest-version", link, version)).content.decode()
    answer = client.get(url)
    assert body_of(answer) == b"small" and "-preview.mp4" in answer["Content-Disposition"]


def test_the_worker_makes_the_small_copy_of_a_film_that_every_browser_plays(
    mark: Membership, tmp_path: Path
) -> None:
    film = make_video(tmp_path / "film.mp4", 1, (1280, 720), audio=False).read_bytes()
    version = make_version(mark)
    give_bytes(version, film)
    link = share(mark, version, download=DownloadRight.PREVIEW)
    make_previews()
    small = body_of(guest_of(link).get(address("guest-download", link, version)))
    (tmp_path / "small.mp4").write_bytes(small)
    with av.open(str(tmp_path / "small.mp4")) as container:
        assert container.streams.video[0].height == 480
    assert small != film
    inside = browser_of(mark).get(reverse("review-page", args=[version.pk])).content.decode()
    assert "small preview" not in inside


def test_of_a_picture_the_preview_is_its_poster(mark: Membership) -> None:
    version = make_version(mark, role="image", format="png")
    link = share(mark, version, download=DownloadRight.PREVIEW)
    poster = version.output.poster
    assert poster is not None
    with poster.file.open() as file:
        expected = file.read()
    assert body_of(guest_of(link).get(address("guest-download", link, version))) == expected
