"""Admins are told by mail when a credential goes out of use: each change once, to each of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.urls import reverse

from tasks import jobs
from tasks.commands.accounts import credentials
from tasks.commands.accounts.account_state import mark_credential
from tasks.models import Credential, CredentialState, Membership, Role, User, Workspace
from tasks.topview.errors import NoCredit, Unauthorised
from tasks.wording import cause_words
from tests import people
from tests.mail_server import mail_server, send_by
from tests.outbox import deliver, some_time_later
from tests.sandbox_fixture import SandboxDriver


@pytest.fixture
def account(credential: Credential, alice: Membership, mark: Membership) -> Credential:
    """An account with one admin and one marketer."""
    return credential


@pytest.mark.parametrize(
    ("error", "word", "page"),
    [(NoCredit("4100"), "paused", "credential-list"), (Unauthorised("401"), "disabled", "credential-key")],
)
def test_each_admin_is_told_once_with_the_way_to_the_remedy(
    error: Any, word: str, page: str, account: Credential, alice: Membership, mailoutbox: list[EmailMessage]
) -> None:
    other = people.make_member(account.workspace, Role.ADMIN, "Anna")
    gone = people.make_member(account.workspace, Role.ADMIN, "Adam")
    User.objects.filter(pk=gone.user.pk).update(is_active=False)
    people.make_stranger()
    for _time in range(3):
        mark_credential(account, error)
    deliver()
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted([alice.user.email, other.user.email])
    url = reverse(page, args=[account.pk] if page == "credential-key" else [])
    for mail in mailoutbox:
        assert word in mail.subject and account.name in mail.body
        assert cause_words(error.bare_cause) in mail.body and url in mail.body


def test_what_is_put_back_by_itself_is_not_told_but_the_next_pause_is(
    portal: SandboxDriver, account: Credential, mailoutbox: list[EmailMessage]
) -> None:
    mark_credential(account, NoCredit("4100"))
    deliver()
    jobs.check_credential(str(account.pk))
    deliver()
    account.refresh_from_db()
    assert (account.state, len(mailoutbox)) == (CredentialState.ACTIVE, 1)
    mark_credential(account, NoCredit("4100"))
    deliver()
    assert len(mailoutbox) == 2


def test_one_that_is_back_in_use_before_the_mail_left_is_not_told_of(
    portal: SandboxDriver, account: Credential, mailoutbox: list[EmailMessage]
) -> None:
    mark_credential(account, NoCredit("4100"))
    jobs.check_credential(str(account.pk))
    deliver()
    assert mailoutbox == []


def test_a_check_that_finds_no_credits_tells_once_however_often_it_is_made(
    portal: SandboxDriver, studio: Workspace, alice: Membership, mailoutbox: list[EmailMessage]
) -> None:
    empty = people.make_credential(studio, uid=portal.empty_uid, key=portal.empty_key)
    for _time in range(3):
        jobs.check_credential(str(empty.pk))
        deliver()
    assert len(mailoutbox) == 1


def test_what_a_person_does_to_a_credential_is_not_mailed(
    account: Credential, alice: Membership, mailoutbox: list[EmailMessage]
) -> None:
    credentials.disable(credential=account, actor=alice.user)
    credentials.enable(credential=account, actor=alice.user)
    jobs.refresh_balances()
    deliver()
    assert mailoutbox == []


def test_a_mail_server_that_was_away_is_tried_again_on_schedule(
    account: Credential, alice: Membership, settings: Any
) -> None:
    with mail_server() as server:
        send_by(server, settings)
        server.mood = "away"
        mark_credential(account, NoCredit("4100"))
        deliver()
        assert server.letters == []
        server.mood = "well"
        some_time_later()
        deliver()
        assert server.recipients() == [alice.user.email]


def test_one_refused_address_keeps_nobody_else_from_being_told(
    account: Credential, alice: Membership, settings: Any
) -> None:
    other = people.make_member(account.workspace, Role.ADMIN, "Anna")
    with mail_server() as server:
        send_by(server, settings)
        server.refused = {alice.user.email: "550 nobody here"}
        mark_credential(account, NoCredit("4100"))
        deliver()
        assert server.recipients() == [other.user.email]
