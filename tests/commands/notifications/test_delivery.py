"""Mail leaves by a real connection, whatever the mail server does: once, in time, and told when it cannot."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from tasks import jobs
from tasks.commands.notifications import outbox
from tasks.models import Heartbeat, Lease, Mail, MailCause, MailState, MailTrouble, Membership, User
from tests import people
from tests.mail_server import MailServer, mail_server, send_by
from tests.outbox import deliver, some_time_later
from tests.ports import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with mail_server() as running:
        send_by(running, settings)
        yield running


@pytest.fixture
def person(db: None) -> User:
    return people.make_mark(people.make_workspace()).user


def only() -> Mail:
    return Mail.objects.get()


def facts() -> dict[str, Any]:
    found: dict[str, Any] = Heartbeat.objects.get(name=Heartbeat.MAIL).facts
    return found


def test_a_mail_leaves_once_however_often_its_job_runs(server: MailServer, person: User) -> None:
    outbox.send_test(user=person)
    deliver(times=3)
    (letter,) = server.letters
    assert letter["To"] == person.email and "Mail works" in letter["Subject"]
    assert letter["Message-ID"] == f"<{only().pk}@topview-portal>"
    assert (only().state, only().tries) == (MailState.SENT, 1)
    assert facts()["sent_at"]


@pytest.mark.parametrize(
    ("mood", "trouble"), [("silent", "timeout"), ("slow", "timeout"), ("away", "unreachable")]
)
def test_a_server_that_does_not_answer_holds_a_job_for_its_time_only(
    mood: str, trouble: str, server: MailServer, person: User
) -> None:
    server.mood = mood
    outbox.send_test(user=person)
    began = time.monotonic()
    deliver(times=1)
    assert time.monotonic() - began < 3
    assert (only().state, only().error) == (MailState.WAITING, trouble)
    server.mood = "well"
    some_time_later()
    deliver()
    assert (only().state, only().error, server.recipients()) == (MailState.SENT, "", [person.email])


def test_the_limit_counts_for_every_mail_of_the_portal(server: MailServer) -> None:
    server.mood = "slow"
    with pytest.raises(TimeoutError):
        call_command("sendtestemail", "somebody@example.test")


def test_a_server_behind_a_closed_port_is_told_as_unreachable(settings: Any, person: User) -> None:
    settings.EMAIL_BACKEND = "topview_portal.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", free_port(), 1
    outbox.send_test(user=person)
    deliver()
    assert only().error == MailTrouble.UNREACHABLE and facts()["trouble"] == "unreachable"


def test_a_silent_server_is_asked_by_one_mail_and_then_left_alone(server: MailServer, person: User) -> None:
    server.mood = "silent"
    for _mail in range(20):
        outbox.post(MailCause.PASSWORD_RESET, address=person.email)
    began = time.monotonic()
    deliver()
    assert (server.connections, Mail.objects.filter(state=MailState.WAITING).count()) == (1, 20)
    assert time.monotonic() - began < 4
    jobs.send_due_mail()
    deliver()
    assert server.connections == 1, "it is still left alone"
    server.mood = "well"
    some_time_later()
    deliver()
    assert len(server.letters) == 20


def test_each_further_failure_leaves_the_server_alone_for_longer(server: MailServer, person: User) -> None:
    server.mood = "away"
    outbox.send_test(user=person)
    pauses = []
    for _try in range(3):
        deliver(times=1)
        pauses.append((facts()["failures"], facts()["failing_since"]))
        row = Heartbeat.objects.get(name=Heartbeat.MAIL)
        row.facts["alone_until"] = ""
        row.save()
        Mail.objects.update(next_at=timezone.now())
        jobs.send_due_mail()
    assert [failures for failures, _since in pauses] == [1, 2, 3]
    assert len({since for _failures, since in pauses}) == 1


def test_an_address_that_is_refused_for_good_is_not_tried_again_and_delays_nobody(
    server: MailServer, person: User
) -> None:
    other = people.make_alice(people.make_workspace()).user
    server.refused = {person.email: "550 nobody here"}
    for one in (person, other):
        outbox.send_test(user=one)
    deliver()
    assert server.recipients() == [other.email]
    gone = Mail.objects.get(user=person)
    assert (gone.state, gone.error) == (MailState.GIVEN_UP, MailTrouble.RECIPIENT)
    assert "failed_at" not in facts()


@pytest.mark.parametrize("full", [True, False])
def test_what_is_refused_for_now_is_tried_again_later(full: bool, server: MailServer, person: User) -> None:
    if full:
        server.mood = "full"
    else:
        server.refused = {person.email: "450 come back later"}
    outbox.send_test(user=person)
    deliver()
    assert only().state == MailState.WAITING
    assert only().next_at > timezone.now() + timedelta(seconds=30)
    server.mood, server.refused = "well", {}
    some_time_later()
    deliver()
    assert server.recipients() == [person.email]


def test_a_message_that_was_taken_without_a_word_goes_out_again_under_the_same_name(
    server: MailServer, person: User
) -> None:
    server.mood = "mute"
    outbox.send_test(user=person)
    deliver()
    server.mood = "well"
    some_time_later()
    deliver()
    assert len({letter["Message-ID"] for letter in server.letters}) == 1 < len(server.letters)


def test_a_mail_whose_job_was_killed_is_sent_by_the_schedule(server: MailServer, person: User) -> None:
    outbox.send_test(user=person)
    now = timezone.now()
    Mail.objects.update(lease_holder="dead", lease_until=now + timedelta(seconds=60))
    Lease.take("mail", "dead", seconds=60)
    deliver()
    assert server.letters == []
    past = now - timedelta(seconds=1)
    Mail.objects.update(lease_until=past)
    Lease.objects.update(until=past)
    jobs.send_due_mail()
    deliver()
    assert len(server.letters) == 1


def test_what_could_not_be_sent_in_time_is_given_up(server: MailServer, person: User) -> None:
    for cause in (MailCause.PASSWORD_RESET, MailCause.PASSWORD_CHANGED):
        outbox.post(cause, user=person, address=person.email)
    Mail.objects.update(created_at=timezone.now() - timedelta(hours=2))
    deliver()
    states = dict(Mail.objects.values_list("cause", "state"))
    assert states == {MailCause.PASSWORD_RESET: "given-up", MailCause.PASSWORD_CHANGED: "sent"}


def test_a_name_that_is_not_accepted_is_told(server: MailServer, person: User, settings: Any) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "portal", "wrong"  # noqa: S105
    outbox.send_test(user=person)
    deliver()
    assert only().error == MailTrouble.SIGN_IN


def test_who_has_left_or_is_inactive_gets_no_mail(server: MailServer, alice: Membership) -> None:
    gone = people.make_mark(alice.workspace)
    outbox.tell_admins(MailCause.TEST, workspace=alice.workspace, also=gone.user)
    gone.delete()
    inactive = people.make_rita(alice.workspace).user
    outbox.post(MailCause.TEST, user=inactive)
    User.objects.filter(pk=inactive.pk).update(is_active=False)
    deliver()
    assert server.recipients() == [alice.user.email]
    assert Mail.objects.count() == 1


def test_old_mail_is_forgotten(server: MailServer, person: User) -> None:
    outbox.send_test(user=person)
    deliver()
    outbox.sweep_mail()
    assert Mail.objects.count() == 1
    Mail.objects.update(ended_at=timezone.now() - timedelta(days=31))
    outbox.sweep_mail()
    assert Mail.objects.count() == 0


def test_a_test_is_not_asked_for_twice_while_one_waits(person: User) -> None:
    assert [outbox.send_test(user=person) for _time in range(2)] == [True, False]
