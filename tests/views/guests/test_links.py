"""The pages on which members make links for guests, look after them and end them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tasks import vault
from tasks.commands.guests.events import sweep_links
from tasks.commands.guests.links import Terms, make_link, rotate_links, token_of
from tasks.commands.refusals import NotPossible
from tasks.models import (
    AuditEvent,
    DownloadRight,
    GuestSession,
    Identification,
    LinkAct,
    LinkEvent,
    Membership,
    Piece,
    ShareLink,
    Version,
)
from tests.people import browser_of, make_rita, make_stranger
from tests.reviewing import make_version
from tests.sharing import address_of, guest_of, share

pytestmark = pytest.mark.django_db

LIST = reverse("link-list")


@pytest.fixture
def version(mark: Membership) -> Version:
    return make_version(mark)


def fill_in(*pieces: Piece, **changes: Any) -> dict[str, Any]:
    usual = {
        "name": "For the customer",
        "pieces": [str(piece.pk) for piece in pieces],
        "follows": "newest",
        "expires_on": f"{timezone.localdate() + timedelta(days=30)}",
        "identification": "name",
        "password": "",
        "download": "none",
    }
    return {**usual, **changes}


def send(member: Membership, version: Version, **changes: Any) -> Any:
    url = reverse("share-new", args=[version.pk])
    return browser_of(member).post(url, fill_in(version.piece, **changes))


def test_a_link_is_made_from_the_review_page_and_its_address_shown_again(
    mark: Membership, version: Version
) -> None:
    client = browser_of(mark)
    page = client.get(reverse("review-page", args=[version.pk])).content.decode()
    url = reverse("share-new", args=[version.pk])
    assert url in page
    form = client.get(url).content.decode()
    assert f'value="{timezone.localdate() + timedelta(days=30)}"' in form
    answer = send(mark, version)
    link = ShareLink.objects.get()
    assert answer.status_code == 303 and answer["Location"] == reverse("link-page", args=[link.pk])
    for _time in range(2):
        assert address_of(link) in client.get(answer["Location"]).content.decode()
    token = address_of(link).split("/")[-2]
    assert len(token) >= 32
    assert token not in str(list(ShareLink.objects.values())) + str(list(AuditEvent.objects.values()))
    assert guest_of(link)


def test_several_pieces_go_into_one_link(mark: Membership, version: Version) -> None:
    other, foreign = make_version(mark), make_version(make_stranger())
    pieces = [str(version.piece_id), str(other.piece_id)]
    assert send(mark, version, pieces=[*pieces, str(foreign.piece_id)]).status_code == 422
    assert send(mark, version, pieces=pieces).status_code == 303
    assert set(ShareLink.objects.get().versions()) == {version, other}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pieces": []}, "Choose at least one piece."),
        ({"name": ""}, "This field is required."),
        ({"expires_on": ""}, "Say until when."),
        ({"expires_on": "2020-01-01"}, "That day is over."),
        ({"expires_on": "soon"}, "Enter a valid date."),
        ({"never_ends": "on", "expires_on": ""}, "Say until when."),
        ({"password": "short"}, "at least 8 characters"),
        ({"download": "original", "has_watermark": "on"}, "The original has no watermark"),
        ({"download": "original", "has_watermark": "on"}, "or a preview"),
        ({"download": "everything"}, "Select a valid choice"),
        ({"identification": "passport"}, "Select a valid choice"),
    ],
)
def test_what_does_not_go_together_is_said_at_its_field_and_kept(
    changes: dict[str, Any], words: str, mark: Membership, version: Version
) -> None:
    answer = send(mark, version, **{"name": "Kept name", **changes})
    page = answer.content.decode()
    assert answer.status_code == 422 and words in page and not ShareLink.objects.exists()
    assert "Kept name" in page or "name" in changes


def test_only_an_admin_makes_a_link_without_end(
    mark: Membership, alice: Membership, version: Version
) -> None:
    assert send(alice, version, never_ends="on", expires_on="").status_code == 303
    assert ShareLink.objects.get().expires_at is None
    endless = Terms(name="x", expires_at=None)
    with pytest.raises(NotPossible):
        make_link(membership=mark, pieces=[version.piece], terms=endless)


def test_a_day_lasts_until_its_end_where_its_maker_lives(mark: Membership, version: Version) -> None:
    mark.user.time_zone = "Pacific/Auckland"
    mark.user.save()
    send(mark, version, expires_on="2031-05-04")
    link = ShareLink.objects.get()
    assert link.expires_at is not None and f"{link.expires_at:%Y-%m-%d %H:%M}" == "2031-05-04 12:00"
    page = browser_of(mark).get(reverse("link-page", args=[link.pk])).content.decode()
    assert 'value="2031-05-04"' in page


@pytest.mark.postgres
def test_the_database_refuses_terms_that_do_not_go_together(mark: Membership, version: Version) -> None:
    link = share(mark, version)
    rows = ShareLink.objects.filter(pk=link.pk)
    for wrong in (
        {"may_decide": True, "identification": Identification.NAME},
        {"has_watermark": True, "download": DownloadRight.ORIGINAL},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)


def test_whoever_is_in_by_a_link_opens_it_once_more_after_a_change(
    mark: Membership, version: Version
) -> None:
    link = share(mark, version)
    guest = guest_of(link)
    seen = reverse("guest-version", args=[link.pk, version.pk])
    assert guest.get(seen).status_code == 200
    changes = fill_in(version.piece, identification="none", password="a word between us")
    page = reverse("link-page", args=[link.pk])
    assert browser_of(mark).post(page, changes).status_code == 303
    assert guest.get(seen).status_code == 404
    link.refresh_from_db()
    assert guest_of(link).get(seen).status_code == 302  # to the password
    unchanged = fill_in(version.piece, identification="none")
    browser_of(mark).post(page, unchanged)
    link.refresh_from_db()
    assert link.password
    browser_of(mark).post(page, {**unchanged, "drop_password": "on"})
    link.refresh_from_db()
    assert not link.password


def test_a_piece_that_is_taken_out_of_a_link_is_gone(mark: Membership, version: Version) -> None:
    other = make_version(mark)
    link = share(mark, version, other)
    page = reverse("link-page", args=[link.pk])
    assert browser_of(mark).post(page, fill_in(other.piece)).status_code == 303
    assert set(link.versions()) == {other}


def test_marketers_look_after_their_own_links_and_admins_after_all(
    mark: Membership, alice: Membership, version: Version
) -> None:
    own, others = share(mark, version, name="Marks"), share(alice, version, name="Alices")
    page = browser_of(mark).get(LIST).content.decode()
    assert "Marks" in page and "Alices" not in page
    page = browser_of(alice).get(LIST).content.decode()
    assert "Marks" in page and "Alices" in page
    client = browser_of(mark)
    assert client.get(reverse("link-page", args=[others.pk])).status_code == 404
    assert client.post(reverse("link-page", args=[others.pk]), fill_in(version.piece)).status_code == 404
    client.post(reverse("link-revoke"), {"link": [str(own.pk), str(others.pk), "no id"]})
    assert [*ShareLink.objects.exclude(revoked_at=None)] == [own]
    client.post(reverse("link-revoke"), {"person": str(alice.user_id)})
    assert ShareLink.objects.get(revoked_at=None) == others


def test_all_links_of_a_person_are_ended_at_once(
    mark: Membership, alice: Membership, version: Version
) -> None:
    guests = [guest_of(share(mark, version)) for _time in range(2)]
    kept = share(alice, version)
    answer = browser_of(alice).post(reverse("link-revoke"), {"person": str(mark.user_id)}, follow=True)
    assert "2 links are ended." in answer.content.decode()
    assert ShareLink.objects.get(revoked_at=None) == kept
    for guest, link in zip(guests, ShareLink.objects.filter(made_by=mark.user), strict=True):
        codes = {
            guest.get(reverse("guest-version", args=[one.pk, version.pk])).status_code
            for one in ShareLink.objects.filter(made_by=mark.user)
        }
        assert codes == {404, 410}
        assert LinkEvent.objects.filter(link=link, act=LinkAct.REVOKED, who="Alice").exists()


def test_a_link_that_was_ended_cannot_be_changed_back(mark: Membership, version: Version) -> None:
    link = share(mark, version)
    client = browser_of(mark)
    client.post(reverse("link-revoke"), {"link": str(link.pk)})
    answer = client.post(reverse("link-page", args=[link.pk]), fill_in(version.piece))
    assert answer.status_code == 422 and "was revoked" in answer.content.decode()
    assert address_of(link) not in client.get(reverse("link-page", args=[link.pk])).content.decode()


def test_reviewers_make_no_links(mark: Membership, version: Version) -> None:
    rita = make_rita(mark.workspace)
    assert send(rita, version).status_code == 403
    page = browser_of(rita).get(reverse("review-page", args=[version.pk])).content.decode()
    assert reverse("share-new", args=[version.pk]) not in page


def test_events_of_a_link_stand_on_its_page_and_are_never_edited(mark: Membership, version: Version) -> None:
    link = share(mark, version)
    client = guest_of(link)
    for _time in range(3):
        client.get(reverse("guest-version", args=[link.pk, version.pk]))
    page = browser_of(mark).get(reverse("link-page", args=[link.pk])).content.decode()
    assert page.count("Watched") == 1 and "Opened" in page and "127.0.0.0/24" in page
    with pytest.raises(TypeError):
        LinkEvent.objects.filter(link=link)[0].save()


def test_events_are_forgotten_after_90_days_and_sessions_after_their_end(
    mark: Membership, version: Version
) -> None:
    link = share(mark, version)
    guest_of(link)
    LinkEvent.objects.filter(act=LinkAct.OPENED).update(at=timezone.now() - timedelta(days=91))
    GuestSession.objects.update(expires_at=timezone.now() - timedelta(days=2))
    sweep_links()
    assert [event.act for event in LinkEvent.objects.all()] == [LinkAct.MADE]
    assert not GuestSession.objects.exists()


def test_addresses_survive_new_keys_of_the_vault_and_links_the_loss_of_old_ones(
    settings: Any, mark: Membership, version: Version
) -> None:
    from cryptography.fernet import Fernet

    link = share(mark, version)
    token, old = token_of(link), settings.TOPVIEW_PORTAL_VAULT_KEYS
    url = address_of(link)
    new = Fernet.generate_key().decode()
    settings.TOPVIEW_PORTAL_VAULT_KEYS = [new, *old]
    assert rotate_links() == 1
    settings.TOPVIEW_PORTAL_VAULT_KEYS = [new]
    link.refresh_from_db()
    assert token_of(link) == token and vault.fingerprint_of(link.token_encrypted)
    settings.TOPVIEW_PORTAL_VAULT_KEYS = [Fernet.generate_key().decode()]
    page = browser_of(mark).get(reverse("link-page", args=[link.pk])).content.decode()
    assert "cannot be shown any more" in page
    assert Client().post(url).status_code == 303
