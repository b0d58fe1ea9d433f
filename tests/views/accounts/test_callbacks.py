"""Settings: the address for callbacks, and its check."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from tasks.causes import Cause
from tasks.models import AuditEvent, Callback, Credential, Membership, Status
from tests.people import browser_of
from tests.views.rows import make_account, make_task

PAGE = reverse("callbacks")


def show(member: Membership) -> str:
    answer = browser_of(member).get(PAGE)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def credential(alice: Membership) -> Credential:
    return make_account(alice.workspace, name="Agency")


def check(member: Membership, credential: Credential) -> str:
    url = reverse("callback-check", args=[credential.pk])
    return browser_of(member).post(url, follow=True).content.decode()


def test_without_an_address_the_page_explains_and_offers_no_check(
    alice: Membership, credential: Credential
) -> None:
    page = show(alice)
    assert "Not set up" in page
    assert "NOTICE_URL" in page
    assert reverse("callback-check", args=[credential.pk]) not in page
    assert "nothing to test" in check(alice, credential)
    assert not OrmQ.objects.exists()
    assert not AuditEvent.objects.filter(verb="notice-checked").exists()


def test_the_address_is_shown_without_any_token(
    alice: Membership, credential: Credential, settings: Any
) -> None:
    settings.NOTICE_URL = "https://portal.example/"
    submission = make_task(alice, status=Status.RUNNING).submissions.get()
    page = show(alice)
    assert "https://portal.example/notices/••••••••/" in page
    assert submission.token not in page


def test_a_check_is_asked_for_once_and_its_result_is_shown(
    alice: Membership, credential: Credential, settings: Any
) -> None:
    settings.NOTICE_URL = "https://portal.example"
    page = check(alice, credential)
    assert "Being checked" in page
    assert [message.func() for message in OrmQ.objects.all()] == ["tasks.jobs.check_notice_address"]
    event = AuditEvent.objects.get(verb="notice-checked")
    assert (event.actor, event.subject_id) == (alice.user, str(credential.pk))
    found = re.search(r'id="callback-rows" hx-get="([^"]+)"', page)
    assert found
    client = browser_of(alice)
    assert client.get(found[1]).status_code == 204
    Credential.objects.update(
        callback_checked_at=timezone.now(), callback_problem=Cause.earlier("TopView got no answer.")
    )
    page = client.get(found[1]).content.decode()
    assert "Not reached" in page
    assert "TopView got no answer." in page
    assert "hx-get" not in page
    Credential.objects.update(callback_checked_at=timezone.now(), callback_problem=None)
    assert "Reached" in show(alice)


def test_a_check_that_does_not_answer_is_not_waited_for_for_ever(
    alice: Membership, credential: Credential, settings: Any
) -> None:
    settings.NOTICE_URL = "https://portal.example"
    check(alice, credential)
    AuditEvent.objects.update(at=timezone.now() - timedelta(minutes=5))
    page = show(alice)
    assert "No answer yet" in page
    assert "hx-get" not in page.split('id="callback-rows"')[1].split(">")[0]


def test_the_callbacks_of_the_last_days_are_counted(
    alice: Membership, mark: Membership, stefan: Membership, credential: Credential
) -> None:
    mine = make_task(mark, status=Status.RUNNING).submissions.get()
    theirs = make_task(stefan, status=Status.RUNNING).submissions.get()
    ages = [(mine, "new", 1), (mine, "newer", 0), (mine, "old", 30), (theirs, "x", 0)]
    for submission, uuid, days in ages:
        Callback.objects.create(
            workspace=submission.workspace,
            submission=submission,
            uuid=uuid,
            received_at=timezone.now() - timedelta(days=days),
        )
    assert re.search(r"last 7 days</dt><dd>2</dd>", show(alice))
