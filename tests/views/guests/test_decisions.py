"""What guests decide: where a stage asks them, with a proved address, about what they have seen."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tasks.commands.guests.deciding import decide_by_link
from tasks.commands.guests.links import revoke_links
from tasks.commands.refusals import NotPossible
from tasks.commands.review.rules import obstacle, waiting_for
from tasks.models import (
    AuditEvent,
    DecidedBy,
    Decision,
    Guest,
    GuestSession,
    Identification,
    LinkAct,
    LinkEvent,
    Mail,
    MailCause,
    Membership,
    Needed,
    ReviewStage,
    ShareLink,
    Verdict,
    Version,
    VersionState,
    Visibility,
    Workspace,
)
from tests.outbox import deliver
from tests.people import browser_of, make_alice, make_blob, make_rita, make_workspace
from tests.reviewing import judge, make_version, say, seen
from tests.sharing import guest_of, share
from tests.views.guests.test_entering import code_in

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def studio(db: None) -> Workspace:
    """A workspace that asks guests."""
    workspace = make_workspace()
    ReviewStage.objects.create(workspace=workspace, name="Customer", decided_by=DecidedBy.GUESTS)
    return workspace


@pytest.fixture
def version(mark: Membership) -> Version:
    return make_version(mark)


@pytest.fixture
def link(mark: Membership, version: Version) -> ShareLink:
    return share(mark, version, may_decide=True, identification=Identification.MAIL)


def proved(link: ShareLink, mail: str = "gloria@example.test") -> Client:
    """A browser whose guest has proved the address."""
    client = guest_of(link)
    session = GuestSession.objects.latest("created_at")
    known = Guest.objects.filter(link=link, mail=mail).first()
    session.guest = known or Guest.objects.create(
        link=link, name="Gloria Gast", mail=mail, verified_at=timezone.now()
    )
    session.save()
    return client


def decide(client: Client, link: ShareLink, version: Version, verdict: str, reason: str = "") -> Any:
    now = seen(version)
    data = {"verdict": verdict, "reason": reason, "sha256": now.sha256, "revision": now.revision}
    return client.post(reverse("guest-decide", args=[link.pk, version.pk]), data)


def page(client: Client, link: ShareLink, version: Version) -> str:
    return client.get(reverse("guest-version", args=[link.pk, version.pk])).content.decode()


def test_a_guest_approves_and_it_is_written_down_whose_word_it_was(
    mark: Membership, version: Version, link: ShareLink
) -> None:
    client = proved(link)
    assert reverse("guest-decide", args=[link.pk, version.pk]) in page(client, link, version)
    assert decide(client, link, version, "approved").status_code == 303
    version.refresh_from_db()
    decision = Decision.objects.get()
    assert version.state == VersionState.APPROVED
    assert (decision.person, decision.guest) == (None, Guest.objects.get())
    assert decision.person_name == "Gloria Gast <gloria@example.test>"
    assert decision.sha256 == version.blob.sha256 and decision.rule["decided_by"] == DecidedBy.GUESTS
    assert LinkEvent.objects.filter(act=LinkAct.DECIDED, version=version).exists()
    assert AuditEvent.objects.get(verb="decided").facts["guest"] == decision.person_name
    assert Mail.objects.get(cause=MailCause.REVIEW_DECIDED).user == mark.user
    assert "Approved" in page(client, link, version)
    for name, parts in (("review-page", [version.pk]), ("piece-proof", [version.piece_id])):
        assert "Gloria Gast" in browser_of(mark).get(reverse(name, args=parts)).content.decode()


@pytest.mark.parametrize("verdict", ["changes", "rejected"])
def test_all_but_an_approval_needs_a_reason(verdict: str, version: Version, link: ShareLink) -> None:
    client = proved(link)
    assert decide(client, link, version, verdict).status_code == 422
    assert decide(client, link, version, verdict, "The cup is green.").status_code == 303
    version.refresh_from_db()
    assert version.state == verdict


@pytest.mark.parametrize(
    "decided_by", [DecidedBy.REVIEWERS, DecidedBy.ADMINS, DecidedBy.MEMBERS, None], ids=str
)
def test_where_no_stage_asks_guests_none_decides(
    decided_by: DecidedBy | None, version: Version, link: ShareLink
) -> None:
    ReviewStage.objects.all().delete()
    if decided_by:
        ReviewStage.objects.create(workspace=version.workspace, decided_by=decided_by)
    client = proved(link)
    url = reverse("guest-decide", args=[link.pk, version.pk])
    assert f'action="{url}"' not in page(client, link, version)
    assert decide(client, link, version, "approved").status_code == 422
    assert not Decision.objects.exists()


def test_a_guest_whose_address_is_not_proved_decides_nothing(version: Version, link: ShareLink) -> None:
    client = proved(link)
    Guest.objects.update(verified_at=None)
    assert decide(client, link, version, "approved").status_code == 302  # to prove it
    ShareLink.objects.update(may_decide=False, identification=Identification.NAME)
    assert decide(client, link, version, "approved").status_code == 403
    guest = Guest.objects.select_related("link").get()
    assert obstacle(version, guest) is not None
    assert not Decision.objects.exists()


def test_a_link_without_the_right_decides_nothing(mark: Membership, version: Version) -> None:
    link = share(mark, version, identification=Identification.MAIL)
    client = proved(link)
    assert decide(client, link, version, "approved").status_code == 403
    assert "guest-decide" not in page(client, link, version) and not Decision.objects.exists()


def test_a_maker_does_not_approve_their_own_work_as_a_guest(
    mark: Membership, version: Version, link: ShareLink
) -> None:
    client = proved(link, mail=mark.user.email.upper())
    assert "You made this" in page(client, link, version)
    assert decide(client, link, version, "approved").status_code == 422
    assert not Decision.objects.exists()


def test_a_guest_withdraws_nothing(version: Version, link: ShareLink) -> None:
    client = proved(link)
    decide(client, link, version, "approved")
    assert decide(client, link, version, "withdrawn", "Oh no.").status_code == 422
    version.refresh_from_db()
    assert version.state == VersionState.APPROVED and Decision.objects.count() == 1


def test_what_is_newer_than_what_a_guest_saw_stops_the_decision(
    mark: Membership, version: Version, link: ShareLink
) -> None:
    client, before = proved(link), seen(version)
    say(version, mark, "Wait, guests.", visibility=Visibility.EVERYONE)
    say(version, mark, "Between us.")
    data = {"verdict": "changes", "reason": "What I wrote", "sha256": before.sha256}
    url = reverse("guest-decide", args=[link.pk, version.pk])
    answer = client.post(url, {**data, "revision": before.revision})
    told = answer.content.decode()
    assert answer.status_code == 409 and "Wait, guests." in told and "What I wrote" in told
    assert "Between us." not in told and not Decision.objects.exists()


def test_of_two_guests_at_once_one_decides(version: Version, link: ShareLink) -> None:
    one, other = proved(link), proved(link, mail="otto@example.test")
    now = seen(version)
    data = {"verdict": "approved", "reason": "", "sha256": now.sha256, "revision": now.revision}
    url = reverse("guest-decide", args=[link.pk, version.pk])
    assert [client.post(url, data).status_code for client in (one, other)] == [303, 409]
    assert Decision.objects.count() == 1


def test_a_link_that_ends_in_between_decides_nothing(
    mark: Membership, version: Version, link: ShareLink
) -> None:
    proved(link)
    session = GuestSession.objects.select_related("link", "guest__link").get()
    revoke_links(links=[link], actor=mark.user)
    with pytest.raises(NotPossible):
        decide_by_link(
            session=session,
            version=version,
            verdict=Verdict.APPROVED,
            reason="",
            seen=seen(version),
            address="",
        )
    assert not Decision.objects.exists()


def test_an_admin_goes_on_without_guests_and_a_reviewer_does_not(mark: Membership, version: Version) -> None:
    alice, rita = make_alice(mark.workspace), make_rita(mark.workspace)
    assert version in waiting_for(alice) and version not in waiting_for(rita)
    with pytest.raises(NotPossible):
        judge(version, rita)
    judge(version, alice)
    assert version.state == VersionState.APPROVED


def test_guests_come_after_the_team_where_the_rule_says_so(
    mark: Membership, version: Version, link: ShareLink
) -> None:
    ReviewStage.objects.update(position=1)
    ReviewStage.objects.create(workspace=mark.workspace, position=0, decided_by=DecidedBy.REVIEWERS)
    client = proved(link)
    assert decide(client, link, version, "approved").status_code == 422
    judge(version, make_rita(mark.workspace))
    assert version.state == VersionState.OPEN
    assert decide(client, link, version, "approved").status_code == 303
    version.refresh_from_db()
    assert version.state == VersionState.APPROVED


def test_all_guests_are_asked_of_nobody(mark: Membership) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewStage.objects.update(needed=Needed.ALL)
    stages = {
        "form-TOTAL_FORMS": "1",
        "form-INITIAL_FORMS": "1",
        "form-0-decided_by": "guests",
        "form-0-needed": "all",
    }
    answer = browser_of(make_alice(mark.workspace)).post(reverse("review-rule"), stages)
    assert answer.status_code == 422 and "one of them is enough" in answer.content.decode()


def test_nobody_changes_whose_decision_it_was(version: Version, link: ShareLink) -> None:
    decide(proved(link), link, version, "approved")
    for change in ("guest_id = NULL", "verdict = 'rejected'"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE tasks_decision SET {change}")


def test_the_whole_way_of_a_guest_by_mail_and_code(
    version: Version, link: ShareLink, mailoutbox: list[EmailMessage]
) -> None:
    client = guest_of(link)
    enter = reverse("guest-enter", args=[link.pk])
    client.post(enter, {"name": "Gloria", "mail": "gloria@example.test"})
    assert decide(client, link, version, "approved").status_code == 302
    deliver()
    client.post(enter, {"code": code_in(mailoutbox[0])})
    assert decide(client, link, version, "approved").status_code == 303


def test_what_the_team_says_among_itself_keeps_no_guest_from_deciding(
    mark: Membership, version: Version, link: ShareLink
) -> None:
    client, before = proved(link), seen(version)
    say(version, mark, "They will never notice.")
    data = {"verdict": "approved", "sha256": before.sha256, "revision": before.revision}
    assert client.post(reverse("guest-decide", args=[link.pk, version.pk]), data).status_code == 303
    version.refresh_from_db()
    assert version.state == VersionState.APPROVED


def test_what_is_said_for_everyone_must_be_seen_before_a_guest_decides(
    mark: Membership, version: Version, link: ShareLink
) -> None:
    client, before = proved(link), seen(version)
    say(version, mark, "The second half is new.", visibility=Visibility.EVERYONE)
    data = {"verdict": "approved", "sha256": before.sha256, "revision": before.revision}
    answer = client.post(reverse("guest-decide", args=[link.pk, version.pk]), data)
    assert answer.status_code == 409 and "The second half is new." in answer.content.decode()
    assert not Decision.objects.exists()


def test_a_guest_is_told_that_the_file_was_replaced_and_its_sender_is_mailed_once(
    mark: Membership, version: Version, link: ShareLink, mailoutbox: list[EmailMessage]
) -> None:
    client = proved(link)
    version.output.blob = make_blob(mark.workspace, b"made anew", "video/mp4")
    version.output.save()
    for _time in range(2):
        answer = decide(client, link, version, "approved")
        told = answer.content.decode()
        assert answer.status_code == 409 and "The file was replaced" in told and "Mark" in told
    assert Mail.objects.get(cause=MailCause.VERSION_REPLACED).user == mark.user
    deliver()
    (mail,) = mailoutbox
    assert "was replaced" in str(mail.body) and reverse("review-page", args=[version.pk]) in str(mail.body)
    assert not Decision.objects.exists()
    version.output.blob = make_blob(mark.workspace, b"and once more", "video/mp4")
    version.output.save()
    decide(client, link, version, "approved")
    assert Mail.objects.filter(cause=MailCause.VERSION_REPLACED).count() == 2


def test_a_revision_that_there_never_was_decides_nothing(version: Version, link: ShareLink) -> None:
    client, now = proved(link), seen(version)
    data = {"verdict": "approved", "reason": "", "sha256": now.sha256, "revision": now.revision + 1}
    answer = client.post(reverse("guest-decide", args=[link.pk, version.pk]), data)
    assert answer.status_code == 409 and "The file was replaced" not in answer.content.decode()
    assert not Decision.objects.exists() and not Mail.objects.filter(cause="version-replaced").exists()


def test_whose_link_led_to_a_decision_stands_on_the_proof(
    mark: Membership, version: Version, link: ShareLink
) -> None:
    assert decide(proved(link), link, version, "approved").status_code == 303
    page_ = browser_of(mark).get(reverse("piece-proof", args=[version.piece_id])).content.decode()
    assert "by a link of Mark" in page_
