"""What is said of an account goes away by itself once a later good answer shows that it no longer holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from tasks import jobs
from tasks.causes import Cause, Code
from tasks.commands.accounts import circuit_breaker, credentials
from tasks.commands.accounts.account_state import note_answer
from tasks.models import Circuit, Credential, CredentialState, Membership, Service, Status, Submission
from tasks.wording import cause_words
from tests.commands.conftest import Orders, Worker
from tests.people import browser_of
from tests.sandbox_fixture import SandboxDriver


@pytest.fixture
def unreached(portal: SandboxDriver, credential: Credential) -> Credential:
    """An account in use of which the last check did not get through; since then TopView answers again."""
    portal.fault("http-before", scope="getCredit", value=500)
    jobs.check_credential(str(credential.pk))
    portal.clear()
    credential.refresh_from_db()
    assert (credential.state, bool(credential.state_reason)) == (CredentialState.ACTIVE, True)
    return credential


def reason_of(credential: Credential) -> str:
    credential.refresh_from_db()
    return cause_words(credential.state_reason)


def test_an_accepted_order_shows_that_the_account_works(
    unreached: Credential, orders: Orders, worker: Worker
):
    assert worker.submit(orders.submission()).status == Status.RUNNING
    assert reason_of(unreached) == ""


def test_an_answer_about_a_running_task_shows_it(
    portal: SandboxDriver, credential: Credential, orders: Orders, worker: Worker
):
    portal.speed(3600)
    worker.submit(orders.submission())
    Credential.objects.update(state_reason=Cause.earlier("TopView could not be reached."))
    worker.refresh()
    assert reason_of(credential) == ""


def test_a_log_that_was_read_shows_it(unreached: Credential):
    jobs.read_account(str(unreached.pk))
    assert reason_of(unreached) == ""


def test_a_catalog_that_was_read_shows_it(unreached: Credential):
    jobs.refresh_one_catalog(str(unreached.pk), "voices")
    assert reason_of(unreached) == ""


def test_a_good_answer_to_an_older_key_shows_nothing(
    portal: SandboxDriver, credential: Credential, orders: Orders, worker: Worker
):
    Credential.objects.update(state_reason=Cause.earlier("TopView could not be reached."))
    asked = Credential.objects.get()
    Credential.objects.update(encrypted_key=b"another")
    note_answer(asked)
    assert reason_of(credential) != ""


def test_what_is_out_of_credits_or_was_disabled_by_a_person_stays_so(
    portal: SandboxDriver, credential: Credential, alice: Membership
):
    for state in (CredentialState.PAUSED, CredentialState.DISABLED):
        Credential.objects.update(state=state, state_reason=Cause.earlier("As it is."))
        jobs.read_account(str(credential.pk))
        assert (reason_of(credential), credential.state) == ("As it is.", state)


def test_a_key_that_was_refused_and_is_taken_again_brings_the_account_back(
    portal: SandboxDriver, credential: Credential, orders: Orders, worker: Worker, alice: Membership
):
    portal.fault("code", scope="getCredit", next=1, value=401)
    jobs.check_credential(str(credential.pk))
    assert "has to be replaced" in reason_of(credential)
    assert credential.state == CredentialState.DISABLED
    waiting = worker.submit(orders.submission())
    Submission.objects.update(next_at=timezone.now() + timedelta(hours=1))
    jobs.check_credential(str(credential.pk))
    assert (reason_of(credential), credential.state) == ("", CredentialState.ACTIVE)
    page = browser_of(alice).get(reverse("credential-list")).content.decode()
    assert "has to be replaced" not in page
    assert worker.submit(Submission.objects.get(pk=waiting.pk)).status == Status.RUNNING


def test_refused_in_the_middle_of_an_order_it_comes_back_the_same_way(
    portal: SandboxDriver, credential: Credential, orders: Orders, worker: Worker
):
    portal.fault("code", scope="submitCommonImage2Video", next=1, value=401)
    worker.submit(orders.submission())
    assert "has to be replaced" in reason_of(credential)
    jobs.check_credential(str(credential.pk))
    assert (reason_of(credential), credential.state) == ("", CredentialState.ACTIVE)


def test_what_a_person_disabled_after_the_refusal_stays_disabled(
    portal: SandboxDriver, credential: Credential, alice: Membership
):
    portal.fault("code", scope="getCredit", next=1, value=401)
    jobs.check_credential(str(credential.pk))
    credentials.disable(credential=credential, actor=alice.user)
    jobs.check_credential(str(credential.pk))
    assert (reason_of(credential), credential.state) == ("Disabled by Alice.", CredentialState.DISABLED)


def test_an_account_that_comes_back_without_credits_says_that(portal: SandboxDriver, credential: Credential):
    portal.fault("code", scope="getCredit", next=1, value=401)
    jobs.check_credential(str(credential.pk))
    portal.account(credential.uid, str(portal.key), 0)
    jobs.check_credential(str(credential.pk))
    assert "credits" in reason_of(credential)
    assert credential.state == CredentialState.PAUSED


def test_a_check_that_gets_through_ends_the_silence_of_its_host(
    portal: SandboxDriver, credential: Credential
):
    host = circuit_breaker.host_of(Service.SANDBOX)
    for _failure in range(circuit_breaker.FAILURES):
        circuit_breaker.note_failure(host, timezone.now())
    assert circuit_breaker.outage_of(credential)
    jobs.check_credential(str(credential.pk))
    assert Circuit.objects.get(host=host).open_until is None
    assert circuit_breaker.outage_of(credential) is None


def test_a_callback_that_came_shows_that_the_address_is_reached(
    portal: SandboxDriver, credential: Credential, orders: Orders, worker: Worker
):
    call = worker.submit(orders.submission())
    Credential.objects.update(callback_problem=Cause.of(Code.CALLBACK_ADDRESS_UNUSABLE, said=""))
    path = reverse("callback", args=[call.token])
    body = {"uuid": "u", "taskId": call.remote_id}
    Client().post(path, body, content_type="application/json")
    credential.refresh_from_db()
    assert credential.callback_problem
    Client().post(path, body, content_type="application/json", HTTP_TOPVIEW_UID=credential.uid)
    credential.refresh_from_db()
    assert credential.callback_problem is None
    OrmQ.objects.all().delete()
