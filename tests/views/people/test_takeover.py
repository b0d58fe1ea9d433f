"""A borrowed session does not become a takeover: no door lets an address in that nobody verified."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tasks.models import Membership
from tests.people import PASSWORD, browser_of

pytestmark = pytest.mark.django_db

MOUNTED = {
    "account_login",
    "account_logout",
    "account_change_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}
MINE = "mine@elsewhere.test"


def names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for one in patterns:
        if isinstance(one, URLPattern):
            yield one.name or ""
        elif one.app_name != "admin":
            yield from names(one.url_patterns)


def test_of_allauths_pages_only_those_are_mounted_that_the_portal_uses() -> None:
    found = {name for name in names(get_resolver().url_patterns) if name.startswith("account_")}
    assert found == MOUNTED


@pytest.mark.parametrize("path", ["email/", "signup/", "password/set/", "reauthenticate/", "confirm-email/"])
def test_the_others_answer_404_also_to_somebody_signed_in(path: str, mark: Membership) -> None:
    client = browser_of(mark)
    for answer in (client.get(f"/accounts/{path}"), client.post(f"/accounts/{path}", {"email": MINE})):
        assert answer.status_code == 404
    assert not EmailAddress.objects.exists()


@pytest.mark.parametrize("verified", [False, True])
def test_an_address_in_allauths_own_table_lets_nobody_in(
    verified: bool, mark: Membership, mailoutbox: list[object]
) -> None:
    EmailAddress.objects.create(user=mark.user, email=MINE, verified=verified)
    Client().post(reverse("account_reset_password"), {"email": MINE})
    assert mailoutbox == []
    client = Client()
    client.post(reverse("account_login"), {"login": MINE, "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def test_who_has_no_password_yet_makes_one_by_mail(mark: Membership) -> None:
    mark.user.set_unusable_password()
    mark.user.save()
    answer = browser_of(mark).get(reverse("account_change_password"))
    assert (answer.status_code, answer["Location"]) == (303, reverse("account_reset_password"))
