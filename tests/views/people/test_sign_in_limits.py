"""Wrong passwords are counted by account and address: nobody is locked out by strangers, and nobody waits."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as portal_settings
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tasks.commands.people.sign_ins import family, shortened, sweep_attempts
from tasks.models import Membership, SignInAttempt, User
from tests.outbox import deliver
from tests.people import PASSWORD, browser_of
from tests.views.people.test_passwords import link_in, reset

pytestmark = pytest.mark.django_db

LOGIN = reverse("account_login")
LIMIT, SLOW_LIMIT = 5, 20
WRONG = "a wrong one"


@pytest.fixture(autouse=True)
def behind_a_proxy(settings: Any) -> None:
    """Which says who asks."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1


def try_in(email: str, visitor: str, password: str = WRONG, client: Client | None = None) -> Any:
    values = {"login": email, "password": password}
    return (client or Client()).post(LOGIN, values, headers={"X-Forwarded-For": visitor})


def codes(email: str, *visitors: str) -> list[int]:
    return [try_in(email, visitor).status_code for visitor in visitors]


def test_the_sixth_wrong_password_from_one_address_is_not_looked_at(mark: Membership) -> None:
    assert codes(mark.user.email, *["203.0.113.1"] * LIMIT) == [422] * LIMIT
    began = time.monotonic()
    answer = try_in(mark.user.email, "203.0.113.1", PASSWORD)
    assert answer.status_code == 429 and time.monotonic() - began < 1
    assert 200 < int(answer["Retry-After"]) <= 300
    page = answer.content.decode()
    assert "Too many wrong passwords. Try again in 5 minutes." in page and mark.user.email in page
    SignInAttempt.objects.update(at=timezone.now() - timedelta(minutes=6))
    assert try_in(mark.user.email, "203.0.113.1", PASSWORD).status_code == 302


@pytest.mark.postgres
def test_a_stranger_elsewhere_does_not_lock_the_owner_out(mark: Membership) -> None:
    codes(mark.user.email, *["203.0.113.1"] * 9)
    assert try_in(mark.user.email, "203.0.113.2", PASSWORD).status_code == 302


def test_one_person_does_not_lock_their_office_out(mark: Membership, alice: Membership) -> None:
    codes(mark.user.email, *["203.0.113.1"] * 9)
    assert try_in(alice.user.email, "203.0.113.1", PASSWORD).status_code == 302


@pytest.mark.postgres
def test_guesses_from_many_addresses_meet_a_slow_limit(mark: Membership) -> None:
    visitors = [f"203.0.113.{number}" for number in range(SLOW_LIMIT)]
    assert set(codes(mark.user.email, *visitors)) == {422}
    answer = try_in(mark.user.email, "198.51.100.1", PASSWORD)
    assert answer.status_code == 429 and int(answer["Retry-After"]) > 3000


def test_a_browser_that_signed_in_before_is_free_of_what_strangers_try(mark: Membership) -> None:
    own = Client()
    assert try_in(mark.user.email, "203.0.113.1", PASSWORD, own).status_code == 302
    own.post(reverse("account_logout"))
    codes(mark.user.email, *[f"203.0.113.{number // 5}" for number in range(30)])
    assert try_in(mark.user.email, "203.0.113.1", PASSWORD).status_code == 429
    assert try_in(mark.user.email, "203.0.113.1", PASSWORD, own).status_code == 302


def test_such_a_browser_is_counted_by_itself_and_knows_its_own_people_only(
    mark: Membership, alice: Membership
) -> None:
    own = Client()
    try_in(mark.user.email, "203.0.113.1", PASSWORD, own)
    own.post(reverse("account_logout"))
    seen = [try_in(mark.user.email, f"203.0.113.{number}", WRONG, own).status_code for number in range(6)]
    assert seen == [422] * LIMIT + [429]
    visitors = [f"203.0.113.{number}" for number in range(SLOW_LIMIT)]
    codes(alice.user.email, *visitors)
    assert try_in(alice.user.email, "198.51.100.1", PASSWORD, own).status_code == 429


def test_a_cookie_that_was_not_made_here_is_worth_nothing(mark: Membership) -> None:
    client = Client()
    client.cookies[portal_settings.KNOWN_BROWSER_COOKIE_NAME] = '{"id": "x", "people": [1]}:x:y'
    codes(mark.user.email, *["203.0.113.1"] * LIMIT)
    assert try_in(mark.user.email, "203.0.113.1", PASSWORD, client).status_code == 429


def test_who_reads_their_mail_gets_in_however_many_tried(mark: Membership, mailoutbox: list[Any]) -> None:
    codes(mark.user.email, *[f"203.0.113.{number // 5}" for number in range(30)])
    client = Client()
    client.post(reverse("account_reset_password"), {"email": mark.user.email})
    deliver()
    reset(client, link_in(mailoutbox[0]))
    assert try_in(mark.user.email, "203.0.113.1", "quite another phrase", client).status_code == 302


@pytest.mark.postgres
def test_an_account_that_does_not_exist_is_answered_alike() -> None:
    assert codes("nobody@example.test", *["203.0.113.1"] * 6) == [422] * LIMIT + [429]
    assert not SignInAttempt.objects.exclude(user=None).exists()


@pytest.mark.postgres
@pytest.mark.parametrize("email", ["{}", " {} ", "{}x"])
def test_upper_case_and_spaces_are_no_other_account(email: str, mark: Membership) -> None:
    is_same = not email.endswith("x")
    codes(mark.user.email, *["203.0.113.1"] * LIMIT)
    typed = email.format(mark.user.email.upper())
    assert (try_in(typed, "203.0.113.1").status_code == 429) is is_same


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_no_more_looks_than_one_after_the_other(mark: Membership) -> None:
    def attempt(_number: int) -> int:
        try:
            return int(try_in(mark.user.email, "203.0.113.1").status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as pool:
        seen = list(pool.map(attempt, range(24)))
    assert seen.count(422) <= LIMIT and set(seen) <= {422, 429}


def test_a_signed_in_browser_is_no_place_to_guess_the_password(mark: Membership) -> None:
    client, page = browser_of(mark), reverse("account_change_password")
    form = {"oldpassword": WRONG, "password1": "x", "password2": "y"}
    assert [client.post(page, form).status_code for _time in range(6)] == [422] * LIMIT + [429]
    form = {"address": "other@example.test", "password": PASSWORD}
    answer = client.post(reverse("email-change"), form)
    assert answer.status_code == 429 and answer["Retry-After"]


@pytest.mark.postgres
def test_a_person_sees_who_tried_and_nobody_elses(mark: Membership, alice: Membership) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    values = {"login": mark.user.email, "password": WRONG}
    Client().post(LOGIN, values, headers={"X-Forwarded-For": "203.0.113.77", "User-Agent": agent})
    page = browser_of(mark).get(reverse("profile")).content.decode()
    assert "203.0.113.0/24" in page and "Firefox" in page and "203.0.113.77" not in page
    assert "203.0.113.0/24" not in browser_of(alice).get(reverse("profile")).content.decode()
    row = SignInAttempt.objects.get()
    assert mark.user.email not in str(vars(row)) and "203.0.113.77" not in str(vars(row))


@pytest.mark.postgres
def test_attempts_are_forgotten_after_ninety_days_and_nobodys_after_one(mark: Membership) -> None:
    ages = [(mark.user, 89, True), (mark.user, 91, False), (None, 2, False)]
    for user, days, _stays in ages:
        SignInAttempt.objects.create(
            user=user, login="x", source="y", at=timezone.now() - timedelta(days=days)
        )
    sweep_attempts()
    assert SignInAttempt.objects.count() == sum(stays for _user, _days, stays in ages)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("", ""),
    ],
)
def test_addresses_are_kept_as_networks(address: str, network: str) -> None:
    assert shortened(address) == network


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge"),
        (
            "Mozilla/5.0 (X11; Linux) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
            "Chrome",
        ),
        ("Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15", "Safari"),
        ("curl/8.0", ""),
    ],
)
def test_browsers_are_kept_as_families(agent: str, name: str) -> None:
    assert family(agent) == name


def test_a_visitor_behind_a_proxy_cannot_pretend_to_be_another(mark: Membership) -> None:
    visitors = [f"198.51.100.{number}, 203.0.113.1" for number in range(6)]
    assert codes(mark.user.email, *visitors) == [422] * LIMIT + [429]


def test_without_a_proxy_the_header_changes_nothing(mark: Membership, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    visitors = [f"203.0.113.{number}" for number in range(6)]
    assert codes(mark.user.email, *visitors) == [422] * LIMIT + [429]


def test_an_inactive_person_stays_out(mark: Membership) -> None:
    User.objects.filter(pk=mark.user.pk).update(is_active=False)
    assert try_in(mark.user.email, "203.0.113.1", PASSWORD).status_code == 422


@pytest.mark.parametrize(("value", "trusted"), [("yes", "1"), ("no", "0")])
def test_one_proxy_is_trusted_only_where_the_portal_is_behind_one(value: str, trusted: str) -> None:
    program = "from topview_portal import settings; print(settings.ALLAUTH_TRUSTED_PROXY_COUNT)"
    answer = subprocess.run(
        [sys.executable, "-c", program],
        cwd=portal_settings.BASE_DIR,
        env={**os.environ, "BEHIND_PROXY": value},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == trusted
