"""A restoring ends what may have been ended since the backup was made: links for guests."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from tasks.commands.guests.links import revoke_links
from tasks.models import AuditEvent, GuestSession, LinkAct, LinkEvent, Membership, Package, ShareLink
from tests.commands.backups import back_up, place, restore
from tests.delivering import package_of
from tests.people import browser_of, make_mark
from tests.reviewing import make_version
from tests.sharing import address_of, guest_of, share

__all__ = ["place"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_link_that_was_ended_after_the_backup_is_not_open_again(alice: Membership, place: Path) -> None:
    version = make_version(alice)
    link, before = share(alice, version), share(alice, version)
    revoke_links(links=[before], actor=alice.user)
    url = address_of(link)
    back_up(place)
    revoke_links(links=[link], actor=alice.user)

    said = restore(place, "--replace")

    assert Client().post(url).status_code == 404
    assert "Guest links ended: 1." in said
    assert LinkEvent.objects.filter(act=LinkAct.ENDED_BY_RESTORE).get().link == link
    assert AuditEvent.objects.get(verb="link-revoked", subject_id=str(link.pk)).facts["by"] == "restore"
    page = browser_of(alice).get(reverse("link-page", args=[link.pk])).content.decode()
    assert "Ended by a restore" in page


def test_whoever_looks_after_a_link_opens_it_again_after_a_restoring(alice: Membership, place: Path) -> None:
    mark = make_mark(alice.workspace)
    version = make_version(alice)
    link, ended = share(alice, version), share(alice, version)
    revoke_links(links=[ended], actor=alice.user)
    guest_of(link)
    back_up(place)
    restore(place, "--replace")
    again = [reverse("link-reopen", args=[one.pk]) for one in (link, ended)]

    assert browser_of(mark).post(again[0]).status_code == 404
    client = browser_of(alice)
    assert again[0] in client.get(reverse("link-page", args=[link.pk])).content.decode()
    assert again[1] not in client.get(reverse("link-page", args=[ended.pk])).content.decode()
    assert [client.post(url).status_code for url in again] == [303, 303]

    after = ShareLink.objects.get(pk=link.pk)
    assert after.revoked_at is None and after.epoch > link.epoch
    assert guest_of(after).get(reverse("guest-list", args=[link.pk])).status_code == 303
    assert AuditEvent.objects.filter(verb="link-reopened", subject_id=str(link.pk)).exists()
    assert LinkEvent.objects.filter(act=LinkAct.REOPENED).get().link == link
    # What a person has ended stays so.
    assert ShareLink.objects.get(pk=ended.pk).revoked_at is not None


def test_packages_that_are_open_after_a_restoring_are_named(alice: Membership, place: Path) -> None:
    version = make_version(alice)
    package_of(alice, version, name="Spring films", only_approved=False)
    over = package_of(alice, version, name="Old films", only_approved=False)
    Package.objects.filter(pk=over.pk).update(expires_at=over.created_at)
    back_up(place)

    said = restore(place, "--replace")

    assert "Open packages: spring-films (Studio)." in said


def test_links_stay_as_they_are_where_sessions_are_kept(alice: Membership, place: Path) -> None:
    link = share(alice, make_version(alice))
    guest_of(link)
    back_up(place)

    said = restore(place, "--replace", "--keep-sessions")

    assert ShareLink.objects.get().revoked_at is None and GuestSession.objects.count() == 1
    assert "Guest links" not in said
