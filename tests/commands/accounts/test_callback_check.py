"""Check my address: TopView is asked to call us back, and what it says is kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tasks import jobs
from tasks.causes import Code
from tasks.commands.accounts.callback_check import is_check_token
from tasks.models import Callback, Credential, CredentialState
from tasks.wording import cause_words
from tests.causes import code_of
from tests.sandbox_fixture import SandboxDriver
from tests.topview.server import ScriptedServer, says

pytestmark = pytest.mark.django_db(transaction=True)


def check(credential: Credential) -> Credential:
    """Run the job; the row as it is afterwards."""
    jobs.check_notice_address(str(credential.pk))
    credential.refresh_from_db()
    return credential


def test_an_address_that_answers_passes_and_nothing_is_kept_of_the_probe(
    portal: SandboxDriver, credential: Credential, live_server: Any, settings: Any
):
    settings.NOTICE_URL = f"{live_server.url}/"
    checked = check(credential)
    assert checked.callback_checked_at is not None
    assert checked.callback_problem is None
    assert not Callback.objects.exists()
    assert portal.state()["calls"] == {"checkNoticeUrl": 1}
    assert portal.violations() == []


def test_an_address_behind_which_nobody_answers_is_told_in_topviews_words(
    portal: SandboxDriver, credential: Credential, live_server: Any, settings: Any
):
    settings.NOTICE_URL = f"{live_server.url}/elsewhere"
    problem = cause_words(check(credential).callback_problem)
    assert "could not use the address" in problem
    assert "HTTP 404" in problem
    assert "/notices/" not in problem
    settings.NOTICE_URL = live_server.url
    assert check(credential).callback_problem is None


def test_without_an_address_nothing_is_asked(portal: SandboxDriver, credential: Credential):
    assert code_of(check(credential).callback_problem) == Code.NO_PUBLIC_ADDRESS
    assert portal.state()["calls"] == {}


def test_a_refused_key_is_no_fault_of_the_address(
    portal: SandboxDriver, credential: Credential, settings: Any
):
    settings.NOTICE_URL = "https://portal.example"
    portal.fault("code", scope="checkNoticeUrl", value=401)
    checked = check(credential)
    assert code_of(checked.callback_problem) == Code.UNAUTHORISED
    assert checked.state == CredentialState.DISABLED


def test_a_lost_key_is_told(credential: Credential, settings: Any):
    settings.NOTICE_URL = "https://portal.example"
    Credential.objects.update(encrypted_key=b"not a token")
    assert code_of(check(credential).callback_problem) == Code.KEY_UNREADABLE


@pytest.mark.parametrize("token", ["", "a.b.c", "word", "x" * 500, "\x00.\x00.\x00"])
def test_what_we_did_not_sign_is_no_check(token: str):
    assert not is_check_token(token)


def test_an_old_address_of_a_check_is_worth_nothing(
    credential: Credential,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
):
    settings.NOTICE_URL = "https://portal.example"
    with ScriptedServer([says(None)]) as server:
        settings.SANDBOX_URL = server.origin
        assert check(credential).callback_problem is None
        path = server.requests[0].json()["noticeUrl"].removeprefix("https://portal.example")
    assert Client().post(path, {}, content_type="application/json").status_code == 200
    monkeypatch.setattr("tasks.commands.accounts.callback_check._CHECK_SECONDS", -1)
    assert Client().post(path, {}, content_type="application/json").status_code == 404
