"""What guests say and read: what is for everyone, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tasks.commands.review.comments import delete_comment, edit_comment, reply
from tasks.models import (
    Comment,
    GuestAttempt,
    Identification,
    LinkAct,
    LinkEvent,
    Mail,
    MailCause,
    Membership,
    ShareLink,
    Version,
    Visibility,
)
from tests.people import browser_of, make_rita
from tests.reviewing import make_version, say
from tests.sharing import guest_of, share

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def version(mark: Membership) -> Version:
    return make_version(mark)


@pytest.fixture
def link(mark: Membership, version: Version) -> ShareLink:
    return share(mark, version, may_comment=True, identification=Identification.NAME)


def named(link: ShareLink, name: str = "Gloria Gast") -> Client:
    client = guest_of(link)
    client.post(reverse("guest-enter", args=[link.pk]), {"name": name})
    return client


def send(client: Client, link: ShareLink, version: Version, body: str, **more: Any) -> Any:
    data = {"comment_id": str(uuid4()), "body": body, **more}
    return client.post(reverse("guest-comment", args=[link.pk, version.pk]), data)


def page(client: Client, link: ShareLink, version: Version) -> str:
    return client.get(reverse("guest-version", args=[link.pk, version.pk])).content.decode()


def test_a_guest_says_something_and_the_team_reads_who_it_was(
    mark: Membership, version: Version, link: ShareLink
) -> None:
    client = named(link)
    answer = send(client, link, version, "The cup is too blue.")
    comment = Comment.objects.get()
    assert answer.status_code == 303 and answer["Location"].endswith(f"#comment-{comment.pk}")
    assert (comment.author, str(comment.guest), comment.visibility) == (None, "Gloria Gast", "everyone")
    assert "The cup is too blue." in page(client, link, version)
    inside = browser_of(mark).get(reverse("review-page", args=[version.pk])).content.decode()
    assert "Gloria Gast (guest)" in inside and "The cup is too blue." in inside
    assert LinkEvent.objects.filter(act=LinkAct.COMMENTED, version=version, who="Gloria Gast").exists()


def test_a_guest_reads_what_is_for_everyone_and_no_word_of_the_team(
    mark: Membership, version: Version, link: ShareLink
) -> None:
    say(version, mark, "For all of us.", visibility=Visibility.EVERYONE)
    say(version, mark, "Between us.")
    deleted = say(version, mark, "Said and taken back.", visibility=Visibility.EVERYONE)
    delete_comment(comment=deleted, membership=mark)
    client = named(link)
    for shown in (
        page(client, link, version),
        client.get(reverse("guest-thread", args=[link.pk, version.pk])).content.decode(),
    ):
        assert "For all of us." in shown and mark.user.name in shown
        assert "Between us." not in shown and "taken back" not in shown and mark.user.email not in shown


def test_the_thread_renews_itself_only_when_something_is_new(
    mark: Membership, version: Version, link: ShareLink
) -> None:
    client = named(link)
    url = reverse("guest-thread", args=[link.pk, version.pk])
    version.refresh_from_db()
    seen = version.revision
    assert client.get(url, {"seen": seen}).status_code == 204
    say(version, mark, "News.", visibility=Visibility.EVERYONE)
    assert "News." in client.get(url, {"seen": seen}).content.decode()


def test_a_guest_answers_what_guests_see_and_its_writer_is_told(
    mark: Membership, version: Version, link: ShareLink
) -> None:
    asked = say(version, mark, "Is the logo fine?", visibility=Visibility.EVERYONE)
    assert send(named(link), link, version, "It is.", parent=str(asked.pk)).status_code == 303
    assert Comment.objects.get(parent=asked).body == "It is."
    mail = Mail.objects.get(cause=MailCause.REPLIED)
    assert mail.user == mark.user


@pytest.mark.parametrize("whose", ["team", "elsewhere", "deleted", "nobodys"])
def test_a_guest_cannot_answer_what_they_do_not_see(
    whose: str, mark: Membership, version: Version, link: ShareLink
) -> None:
    other = make_version(mark)
    asked = {
        "team": say(version, mark, "Between us."),
        "elsewhere": say(other, mark, "Of another piece.", visibility=Visibility.EVERYONE),
        "deleted": say(version, mark, "Gone.", visibility=Visibility.EVERYONE),
    }
    delete_comment(comment=asked["deleted"], membership=mark)
    before = Comment.objects.count()
    parent: UUID = asked[whose].pk if whose in asked else uuid4()
    answer = send(named(link), link, version, "What I typed", parent=str(parent))
    assert answer.status_code == 422 and "What I typed" in answer.content.decode()
    assert "Between us." not in answer.content.decode() and Comment.objects.count() == before


def test_what_was_typed_is_kept_when_it_is_not_taken(version: Version, link: ShareLink) -> None:
    answer = send(named(link), link, version, "x" * 5_001)
    assert answer.status_code == 422 and "x" * 5_001 in answer.content.decode()
    assert send(named(link), link, version, " \u200b").status_code == 422
    assert not Comment.objects.exists()


def test_the_same_comment_sent_twice_is_written_once_and_the_id_of_another_is_refused(
    mark: Membership, version: Version, link: ShareLink
) -> None:
    client, same = named(link), str(uuid4())
    for _time in range(2):
        assert send(client, link, version, "Once.", comment_id=same).status_code == 303
    assert Comment.objects.count() == 1
    assert LinkEvent.objects.filter(act=LinkAct.COMMENTED).count() == 1
    assert GuestAttempt.objects.filter(succeeded=False).count() == 1
    assert send(named(link, "Other"), link, version, "Mine!", comment_id=same).status_code == 422
    inside = say(version, mark, "The team's.")
    assert send(client, link, version, "Mine!", comment_id=str(inside.pk)).status_code == 422


def test_a_link_without_the_right_takes_no_comments(mark: Membership, version: Version) -> None:
    silent = share(mark, version, identification=Identification.NAME)
    client = named(silent)
    assert reverse("guest-comment", args=[silent.pk, version.pk]) not in page(client, silent, version)
    assert send(client, silent, version, "Let me speak.").status_code == 403
    assert not Comment.objects.exists()


def test_after_thirty_comments_in_an_hour_a_guest_waits(version: Version, link: ShareLink) -> None:
    client = named(link)
    assert send(client, link, version, "One.").status_code == 303
    one = GuestAttempt.objects.filter(succeeded=False).get()
    GuestAttempt.objects.bulk_create(GuestAttempt(target=one.target, source=one.source) for _ in range(29))
    assert send(client, link, version, "One too many.").status_code == 429
    GuestAttempt.objects.update(at=timezone.now() - timedelta(hours=2))
    assert send(client, link, version, "Later.").status_code == 303


def test_a_guest_mentions_nobody_and_learns_no_names(version: Version, link: ShareLink) -> None:
    make_rita(version.workspace)
    send(named(link), link, version, "@Rita look at this")
    assert not Comment.objects.get().mentions.exists() and not Mail.objects.filter(cause="mentioned").exists()


def test_a_thread_that_is_taken_back_from_guests_takes_their_answers_along(
    mark: Membership, version: Version, link: ShareLink
) -> None:
    asked = say(version, mark, "For all of us.", visibility=Visibility.EVERYONE)
    client = named(link)
    send(client, link, version, "My answer.", parent=str(asked.pk))
    edit_comment(comment=asked, membership=mark, body=asked.body, visibility=Visibility.TEAM)
    assert "My answer." not in page(client, link, version)


def test_a_member_answers_a_guest(mark: Membership, version: Version, link: ShareLink) -> None:
    client = named(link)
    send(client, link, version, "Is it final?")
    reply(
        parent=Comment.objects.get(),
        membership=mark,
        comment_id=uuid4(),
        body="Nearly.",
        visibility=Visibility.EVERYONE,
    )
    assert "Nearly." in page(client, link, version)


def test_the_database_keeps_a_comment_from_having_two_writers(
    mark: Membership, version: Version, link: ShareLink
) -> None:
    send(named(link), link, version, "One.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Comment.objects.update(author=mark.user)
    with pytest.raises(IntegrityError), transaction.atomic():
        ShareLink.objects.update(identification=Identification.NONE)
