"""The door of guests: every address, whatever is wrong with the link or with whoever comes by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from tasks.commands.review.sending import recall
from tasks.guest_access import Right, cookie_name
from tasks.models import (
    DownloadRight,
    Guest,
    GuestSession,
    Identification,
    Membership,
    ShareItem,
    ShareLink,
    Version,
    VersionState,
)
from tasks.views.guests.urls import urlpatterns
from tests.people import make_alice, make_stranger
from tests.reviewing import make_version, send
from tests.sharing import address_of, body_of, give_bytes, guest_of, share

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

FILM = b"f" * 100_000


def shared_routes() -> Iterator[URLPattern]:
    for pattern in urlpatterns:
        if str(pattern.pattern).startswith("shared/"):
            yield pattern


ROUTES = {str(route.name): route for route in shared_routes()}
# What guests without anything left to say may do with them.
POSTS = {"guest-leave", "guest-comment", "guest-decide"}
# Which bytes there are is another matter.
OPEN_TO_WHOEVER_CAME = {"guest-enter", "guest-leave"}


@pytest.fixture
def version(mark: Membership) -> Version:
    version = make_version(mark)
    give_bytes(version, FILM)
    return version


def ask(client: Client, name: str, link: ShareLink, version: Version) -> Any:
    url = reverse(name, args=[link.pk, version.pk][: 2 if "version_id" in str(ROUTES[name].pattern) else 1])
    return client.post(url) if name in POSTS else client.get(url)


def with_every_right(mark: Membership, version: Version) -> tuple[ShareLink, Client]:
    """A link that allows everything, and a guest who has proved who they are."""
    rights = {"may_comment": True, "may_decide": True, "download": DownloadRight.ORIGINAL}
    link = share(mark, version, identification=Identification.MAIL, **rights)
    client = guest_of(link)
    facts = {"name": "Gloria Gast", "mail": "gloria@example.test", "verified_at": timezone.now()}
    guest = Guest.objects.create(link=link, **facts)
    GuestSession.objects.filter(link=link).update(guest=guest)
    return link, client


def test_every_shared_address_goes_through_the_door() -> None:
    assert len(ROUTES) > 5
    for name, route in ROUTES.items():
        assert isinstance(getattr(route.callback, "guest_right", None), Right), name


def test_no_other_room_has_an_address_under_shared() -> None:
    from tasks.urls import urlpatterns as all_patterns

    def found(patterns: Any, before: str = "") -> Iterator[str]:
        for pattern in patterns:
            whole = before + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                yield from found(pattern.url_patterns, whole)
            elif whole.startswith("shared"):
                yield str(pattern.name)

    assert set(found(all_patterns)) == set(ROUTES)


def no_cookie(link: ShareLink, client: Client) -> None:
    client.cookies.clear()


def wrong_cookie(link: ShareLink, client: Client) -> None:
    client.cookies[cookie_name(link.pk)] = "guessed"


def revoked(link: ShareLink, client: Client) -> None:
    ShareLink.objects.filter(pk=link.pk).update(revoked_at=timezone.now())


def expired(link: ShareLink, client: Client) -> None:
    ShareLink.objects.filter(pk=link.pk).update(expires_at=timezone.now())


def changed(link: ShareLink, client: Client) -> None:
    ShareLink.objects.filter(pk=link.pk).update(epoch=link.epoch + 1)


def session_over(link: ShareLink, client: Client) -> None:
    GuestSession.objects.filter(link=link).update(expires_at=timezone.now())


def no_password(link: ShareLink, client: Client) -> None:
    ShareLink.objects.filter(pk=link.pk).update(password="some hash")


def no_name(link: ShareLink, client: Client) -> None:
    ShareLink.objects.filter(pk=link.pk).update(identification=Identification.NAME)


TURNED_AWAY: dict[Callable[[ShareLink, Client], None], int] = {
    no_cookie: 404,
    wrong_cookie: 404,
    revoked: 410,
    expired: 410,
    changed: 404,
    session_over: 404,
}


@pytest.mark.parametrize("name", ROUTES)
@pytest.mark.parametrize("harm", TURNED_AWAY, ids=lambda harm: harm.__name__)
def test_no_address_answers_whoever_is_not_let_in(
    name: str, harm: Callable[[ShareLink, Client], None], version: Version, mark: Membership
) -> None:
    link = share(mark, version, download=DownloadRight.ORIGINAL)
    client = guest_of(link)
    harm(link, client)
    answer = ask(client, name, link, version)
    assert answer.status_code == TURNED_AWAY[harm]
    assert FILM[:50] not in body_of(answer) and version.piece.title.encode() not in body_of(answer)
    assert answer["Cache-Control"] == "no-store" and answer["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize("name", sorted(set(ROUTES) - OPEN_TO_WHOEVER_CAME))
@pytest.mark.parametrize("harm", [no_password, no_name], ids=lambda harm: harm.__name__)
def test_no_address_shows_anything_before_what_the_link_asks_for(
    name: str, harm: Callable[[ShareLink, Client], None], version: Version, mark: Membership
) -> None:
    link = share(mark, version, download=DownloadRight.ORIGINAL)
    client = guest_of(link)
    harm(link, client)
    answer = ask(client, name, link, version)
    assert answer.status_code == 302 and answer["Location"] == reverse("guest-enter", args=[link.pk])


@pytest.mark.parametrize("name", [name for name in ROUTES if "version_id" in str(ROUTES[name].pattern)])
def test_a_link_opens_nothing_but_what_it_holds(name: str, version: Version, mark: Membership) -> None:
    link, client = with_every_right(mark, version)
    own, elsewhere = make_version(mark), make_version(make_stranger())
    for foreign in (own, elsewhere):
        assert ask(client, name, link, foreign).status_code == 404
    other = share(mark, own)
    # Let in by one link, nobody is let in by another.
    assert ask(client, name, other, own).status_code == 404
    ShareItem.objects.filter(link=link).delete()
    assert ask(client, name, link, version).status_code == 404


def test_a_right_that_is_taken_away_is_gone_at_once(version: Version, mark: Membership) -> None:
    link = share(mark, version, download=DownloadRight.ORIGINAL)
    client = guest_of(link)
    assert body_of(ask(client, "guest-download", link, version)) == FILM
    ShareLink.objects.filter(pk=link.pk).update(download=DownloadRight.NONE)
    answer = ask(client, "guest-download", link, version)
    assert answer.status_code == 403 and answer["Cache-Control"] == "no-store"
    assert body_of(ask(client, "guest-file", link, version)) == FILM


def test_a_version_that_is_taken_out_of_review_is_gone_for_guests(version: Version, mark: Membership) -> None:
    link = share(mark, version)
    client = guest_of(link)
    version.advance(VersionState.RECALLED)
    for name in ("guest-version", "guest-file", "guest-poster"):
        assert ask(client, name, link, version).status_code == 404


def test_a_link_shows_the_newest_version_or_the_one_of_its_making(mark: Membership) -> None:
    first = make_version(mark)
    newest, pinned = share(mark, first), share(mark, first, follows="pinned")
    second = make_version(mark, piece=first.piece)
    for link, shown, hidden in ((newest, second, first), (pinned, first, second)):
        client = guest_of(link)
        assert ask(client, "guest-version", link, shown).status_code == 200
        assert ask(client, "guest-file", link, hidden).status_code == 404
        onwards = ask(client, "guest-version", link, hidden)
        assert onwards.status_code == 303
        assert onwards["Location"] == reverse("guest-version", args=[link.pk, shown.pk])


def test_a_link_shows_the_version_that_was_sent_last(mark: Membership) -> None:
    first = make_version(mark)
    piece = first.piece
    link = share(mark, first)
    recall(version=first, membership=mark)
    second = make_version(mark, piece=piece)
    again = send(first.output, mark, piece=piece)
    second.refresh_from_db()
    assert again == first and second.state == VersionState.SUPERSEDED
    assert list(link.versions()) == [first]
    assert list(share(mark, first, follows="pinned").versions()) == [first]
    # Where nothing else is left, what was superseded is still better than nothing.
    recall(version=again, membership=mark)
    assert list(link.versions()) == [second]


def test_looking_at_the_address_opens_nothing_since_mail_scanners_do_it(
    version: Version, mark: Membership
) -> None:
    link = share(mark, version)
    for client in (Client(), Client(headers={"User-Agent": "scanner"})):
        page = client.get(address_of(link))
        assert page.status_code == 200 and version.piece.title not in page.content.decode()
        assert link.name not in page.content.decode()
        assert set(client.cookies) <= {settings.CSRF_COOKIE_NAME}
        assert page["Referrer-Policy"] == "no-referrer" and page["Cache-Control"] == "no-store"
    assert not GuestSession.objects.exists()
    nobodys = Client().get(reverse("share-open", args=["nobodys"]))
    assert nobodys.status_code == 200


def test_opening_leaves_the_token_behind_and_sets_a_cookie_for_this_link_alone(
    version: Version, mark: Membership
) -> None:
    link = share(mark, version)
    client = Client(enforce_csrf_checks=True)
    answer = client.post(address_of(link), headers={"Origin": "null"})
    assert answer.status_code == 303 and answer["Location"] == reverse("guest-list", args=[link.pk])
    cookie = answer.cookies[cookie_name(link.pk)]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == f"/shared/{link.pk}/"
    assert cookie.value not in str(GuestSession.objects.values_list())
    page = client.get(reverse("guest-list", args=[link.pk]), follow=True)
    token = address_of(link).split("/")[-2]
    assert version.piece.title in page.content.decode() and token not in page.content.decode()


@pytest.mark.parametrize("end", [revoked, expired], ids=lambda end: end.__name__)
def test_a_link_that_has_ended_looks_like_one_that_never_was(
    end: Callable[[ShareLink, Client], None], version: Version, mark: Membership
) -> None:
    link = share(mark, version)
    url = address_of(link)
    end(link, Client())
    ended, never = Client().post(url), Client().post(reverse("share-open", args=["n" * 32]))
    assert ended.status_code == never.status_code == 404
    assert not GuestSession.objects.exists() and not ended.cookies.get(cookie_name(link.pk))
    assert "This link has ended" in ended.content.decode() and "This link has ended" in never.content.decode()


def test_whoever_guesses_tokens_is_slowed_down_and_others_are_not(
    settings: Any, version: Version, mark: Membership
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    link = share(mark, version)
    guesser, guest = {"X-Forwarded-For": "203.0.113.1"}, {"X-Forwarded-For": "198.51.100.7"}
    guess = reverse("share-open", args=["g" * 32])
    codes = {Client().post(guess, headers=guesser).status_code for _ in range(20)}
    assert codes == {404}
    answer = Client().post(guess, headers=guesser)
    assert answer.status_code == 429 and int(answer["Retry-After"]) > 3000
    assert Client().post(address_of(link), headers=guesser).status_code == 429
    assert Client().post(address_of(link), headers=guest).status_code == 303


def test_a_guest_leaves_and_the_browser_shows_nothing_any_more(version: Version, mark: Membership) -> None:
    link = share(mark, version)
    client = guest_of(link)
    secret = client.cookies[cookie_name(link.pk)].value
    assert client.post(reverse("guest-leave", args=[link.pk])).status_code == 200
    client.cookies[cookie_name(link.pk)] = secret
    assert ask(client, "guest-file", link, version).status_code == 404


def test_a_session_ends_with_the_link_at_the_latest(version: Version, mark: Membership) -> None:
    soon = timezone.now() + timedelta(hours=1)
    link = share(mark, version, expires_at=soon)
    guest_of(link)
    assert GuestSession.objects.get(link=link).expires_at <= soon
    endless = share(make_alice(mark.workspace), version, expires_at=None)
    guest_of(endless)
    left = GuestSession.objects.get(link=endless).expires_at - timezone.now()
    assert timedelta(days=6) < left <= timedelta(days=7)


def test_a_signed_in_member_is_no_guest_by_that(version: Version, mark: Membership) -> None:
    link = share(mark, version)
    client = Client()
    client.force_login(mark.user, "django.contrib.auth.backends.ModelBackend")
    assert ask(client, "guest-file", link, version).status_code == 404


def test_a_link_opens_no_page_of_members(version: Version, mark: Membership) -> None:
    client = guest_of(share(mark, version))
    parts: list[UUID] = [version.pk]
    for name in ("review-page", "version-file"):
        assert client.get(reverse(name, args=parts)).status_code == 302
