"""Settings for admins: credentials, and how the portal is doing."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tasks.causes import Cause
from tasks.models import AuditEvent, Credential, CredentialState, Heartbeat, Membership, Status
from tests.people import browser_of
from tests.views.rows import fill_catalog, make_account, make_task, signs_of_life, worker_is_alive

LIST, ADD, STATUS = reverse("credential-list"), reverse("credential-add"), reverse("portal-status")
KEY = "sk-a-key-that-nobody-may-see-1234"
NEW = {"name": "Agency", "service": "sandbox", "uid": "Account01", "key": KEY}


def show(member: Membership, url: str = LIST) -> str:
    answer = browser_of(member).get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_credential_is_shown_with_its_state_balance_and_masked_key(alice: Membership) -> None:
    make_account(
        alice.workspace,
        name="Agency",
        state=CredentialState.PAUSED,
        state_reason="Out of credits.",
        balance=Decimal("2.5"),
    )
    page = show(alice)
    for words in ("Agency", "••••cdef", "Paused", "Out of credits.", "2.5 credits"):
        assert words in page


def test_tasks_in_flight_are_counted(alice: Membership) -> None:
    make_account(alice.workspace)
    make_task(alice, status=Status.RUNNING)
    make_task(alice, status=Status.UNKNOWN)
    make_task(alice, status=Status.SUCCEEDED)
    assert "2 / 20" in show(alice)


def test_a_new_credential_is_stored_encrypted_and_checked(alice: Membership) -> None:
    answer = browser_of(alice).post(ADD, NEW, follow=True)
    page = answer.content.decode()
    assert "is being checked" in page
    assert "Being checked" in page
    assert KEY not in page
    credential = Credential.objects.get()
    assert credential.masked_key == "••••1234"
    assert KEY.encode() not in bytes(credential.encrypted_key)


def test_a_refused_form_keeps_everything_but_the_key(alice: Membership) -> None:
    answer = browser_of(alice).post(ADD, {**NEW, "name": ""})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="Account01"' in page
    assert KEY not in page


@pytest.mark.parametrize(
    "changes", [{"uid": "two words"}, {"key": "line\nbreak"}, {"service": "elsewhere"}, {"uid": "ü"}]
)
def test_what_cannot_be_a_credential_is_refused(alice: Membership, changes: dict[str, str]) -> None:
    assert browser_of(alice).post(ADD, {**NEW, **changes}).status_code == 422
    assert not Credential.objects.exists()


def test_the_same_account_is_not_added_twice(alice: Membership) -> None:
    client = browser_of(alice)
    client.post(ADD, NEW)
    answer = client.post(ADD, {**NEW, "name": "Again"})
    assert answer.status_code == 422
    assert "already has a credential" in answer.content.decode()


def test_the_sandbox_is_offered_only_where_there_is_one(alice: Membership, settings: Any) -> None:
    assert '<option value="sandbox"' in show(alice, ADD)
    settings.SANDBOX_URL = ""
    assert '<option value="sandbox"' not in show(alice, ADD)


def test_disable_check_and_enable(alice: Membership) -> None:
    credential = make_account(alice.workspace)
    client = browser_of(alice)
    for name, state in (
        ("disable", CredentialState.DISABLED),
        ("enable", CredentialState.PAUSED),
        ("check", CredentialState.PAUSED),
    ):
        assert client.post(reverse(f"credential-{name}", args=[credential.pk])).status_code == 303
        credential.refresh_from_db()
        assert credential.state == state
    assert credential.check_asked_at is not None


def test_a_name_and_a_number_of_places_can_be_changed(alice: Membership) -> None:
    credential = make_account(alice.workspace, name="Agency")
    url = reverse("credential-edit", args=[credential.pk])
    assert url in show(alice)
    page = show(alice, url)
    assert 'value="Agency"' in page
    assert 'value="20"' in page
    answer = browser_of(alice).post(url, {"name": "Studio", "max_in_flight": "3"}, follow=True)
    page = answer.content.decode()
    assert "Studio" in page
    assert "0 / 3" in page
    event = AuditEvent.objects.get(verb="credential-changed")
    assert (event.actor, event.subject_id) == (alice.user, str(credential.pk))


@pytest.mark.parametrize("most", ["0", "1001", "-1", "", "many", "1.5"])
def test_a_number_of_places_that_makes_no_sense_is_refused(alice: Membership, most: str) -> None:
    credential = make_account(alice.workspace)
    url = reverse("credential-edit", args=[credential.pk])
    assert browser_of(alice).post(url, {"name": "Studio", "max_in_flight": most}).status_code == 422
    credential.refresh_from_db()
    assert (credential.name, credential.max_in_flight) == ("Sandbox", 20)


@pytest.mark.parametrize("most", [1, 1000])
def test_the_least_and_the_most_places_are_accepted(alice: Membership, most: int) -> None:
    credential = make_account(alice.workspace)
    url = reverse("credential-edit", args=[credential.pk])
    assert browser_of(alice).post(url, {"name": "Studio", "max_in_flight": most}).status_code == 303
    credential.refresh_from_db()
    assert credential.max_in_flight == most


def test_the_page_asks_while_a_check_is_on_its_way_and_then_stops(alice: Membership) -> None:
    credential = make_account(alice.workspace, check_asked_at=timezone.now())
    client = browser_of(alice)
    found = re.search(r'id="credential-rows" hx-get="([^"]+)"', client.get(LIST).content.decode())
    assert found
    assert client.get(found[1]).status_code == 204
    Credential.objects.filter(pk=credential.pk).update(last_success_at=timezone.now(), balance=7)
    answer = client.get(found[1])
    assert "7 credits" in answer.content.decode()
    assert "hx-get" not in answer.content.decode()


def test_every_credential_offers_to_replace_its_key(alice: Membership) -> None:
    credential = make_account(alice.workspace)
    page = show(alice)
    assert reverse("credential-key", args=[credential.pk]) in page
    assert "Replace key" in page


def test_a_replaced_key_is_used_from_then_on_and_never_drawn(alice: Membership) -> None:
    credential = make_account(
        alice.workspace, name="Agency", state=CredentialState.DISABLED, state_reason="Wrong key."
    )
    url = reverse("credential-key", args=[credential.pk])
    assert "Agency" in show(alice, url)
    answer = browser_of(alice).post(url, {"key": KEY}, follow=True)
    assert answer.redirect_chain == [(LIST, 303)]
    page = answer.content.decode()
    assert "Being checked" in page and "Wrong key." not in page and KEY not in page
    credential.refresh_from_db()
    assert credential.is_usable
    assert credential.masked_key == "••••1234"


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak"])
def test_what_cannot_be_a_key_replaces_none(alice: Membership, key: str) -> None:
    credential = make_account(alice.workspace)
    answer = browser_of(alice).post(reverse("credential-key", args=[credential.pk]), {"key": key})
    assert answer.status_code == 422
    assert 'value="two words"' not in answer.content.decode()
    credential.refresh_from_db()
    assert credential.masked_key == "••••cdef"


@pytest.mark.parametrize("role", ["mark", "rita"])
def test_others_may_not_look(role: str, request: pytest.FixtureRequest, alice: Membership) -> None:
    credential = make_account(alice.workspace)
    client = browser_of(request.getfixturevalue(role))
    for url in (LIST, ADD, STATUS, reverse("credential-rows")):
        assert client.get(url).status_code == 403
    for name in ("check", "disable", "enable"):
        assert client.post(reverse(f"credential-{name}", args=[credential.pk])).status_code == 403


def test_a_stranger_does_not_reach_another_workspaces_credential(
    alice: Membership, stefan: Membership
) -> None:
    credential = make_account(alice.workspace, name="Agency")
    assert browser_of(stefan).post(reverse("credential-disable", args=[credential.pk])).status_code == 404
    assert "Agency" not in show(stefan)
    credential.refresh_from_db()
    assert credential.is_usable


def test_the_status_page_tells_live_parts_from_silent_ones(alice: Membership) -> None:
    worker_is_alive()
    signs_of_life(Heartbeat.REFRESH, seconds_ago=3600)
    page = show(alice, STATUS)
    assert re.search(r"<dt>Workers</dt><dd><span class=\"pill tone--good", page)
    assert re.search(r"<dt>Tracking</dt><dd><span class=\"pill tone--bad", page)


def test_the_status_page_tells_fresh_catalogs_from_old_and_failed_ones(alice: Membership) -> None:
    account = make_account(alice.workspace)
    fill_catalog(account, "voices", [])
    fill_catalog(account, "avatars", [])
    fill_catalog(account, "captions", [])
    account.catalog_states.filter(catalog="avatars").update(refreshed_at=timezone.now() - timedelta(days=9))
    account.catalog_states.filter(catalog="captions").update(error=Cause.earlier("TopView is busy."))
    page = show(alice, STATUS)
    for words in ("Fresh", "Older copy", "Could not be read", "TopView is busy."):
        assert words in page


def test_a_portal_whose_worker_never_ran_says_how_to_start_it(alice: Membership) -> None:
    assert "never seen" in show(alice, STATUS)
