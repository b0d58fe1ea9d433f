"""What a link asks before it shows anything: its password, a name, a mail address that is proved."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tasks.commands.guests.limits import sweep_guest_attempts
from tasks.models import (
    Guest,
    GuestAttempt,
    GuestSession,
    Identification,
    LinkAct,
    LinkEvent,
    Mail,
    Membership,
    ShareLink,
    Version,
)
from tests.outbox import deliver
from tests.reviewing import make_version
from tests.sharing import LINK_PASSWORD, guest_of, share

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

HERE, ELSEWHERE = {"X-Forwarded-For": "203.0.113.1"}, {"X-Forwarded-For": "198.51.100.7"}


@pytest.fixture(autouse=True)
def behind_a_proxy(settings: Any) -> None:
    """Which says who asks."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1


@pytest.fixture
def version(mark: Membership) -> Version:
    return make_version(mark)


def enter(client: Client, link: ShareLink, where: dict[str, str] = HERE, **answers: str) -> Any:
    return client.post(reverse("guest-enter", args=[link.pk]), answers, headers=where)


def sees(client: Client, link: ShareLink, version: Version) -> bool:
    return client.get(reverse("guest-version", args=[link.pk, version.pk])).status_code == 200


def code_in(mail: EmailMessage) -> str:
    found = re.search(r"\b\d{6}\b", str(mail.body))
    assert found
    return found[0]


def test_a_password_is_asked_for_once_in_a_browser(version: Version, mark: Membership) -> None:
    link = share(mark, version, password=LINK_PASSWORD)
    assert LINK_PASSWORD not in str(ShareLink.objects.values_list())
    client = guest_of(link)
    assert not sees(client, link, version)
    wrong = enter(client, link, password="another one")
    assert wrong.status_code == 422 and "not the link&#x27;s password" in wrong.content.decode()
    assert enter(client, link, password=LINK_PASSWORD).status_code == 303
    assert sees(client, link, version)
    assert not sees(guest_of(link), link, version)


def test_after_five_wrong_passwords_none_is_looked_at_for_a_while(version: Version, mark: Membership) -> None:
    link = share(mark, version, password=LINK_PASSWORD)
    client = guest_of(link)
    assert [enter(client, link, password="wrong").status_code for _ in range(5)] == [422] * 5
    began = time.monotonic()
    refused = enter(guest_of(link), link, password=LINK_PASSWORD)
    assert refused.status_code == 429 and 800 < int(refused["Retry-After"]) <= 900
    assert time.monotonic() - began < 0.5
    assert enter(guest_of(link), link, ELSEWHERE, password=LINK_PASSWORD).status_code == 303
    GuestAttempt.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert enter(client, link, password=LINK_PASSWORD).status_code == 303


def test_guesses_from_many_addresses_slow_down_and_lock_nobody_out(
    version: Version, mark: Membership
) -> None:
    link = share(mark, version, password=LINK_PASSWORD)
    client = guest_of(link)
    enter(client, link, password="wrong")
    failed = GuestAttempt.objects.exclude(succeeded=True).get()
    GuestAttempt.objects.bulk_create(
        GuestAttempt(target=failed.target, source=f"{number:064}") for number in range(60)
    )
    # Whoever has failed before waits, though it was once only.
    assert enter(client, link, password=LINK_PASSWORD).status_code == 429
    assert enter(guest_of(link), link, ELSEWHERE, password=LINK_PASSWORD).status_code == 303


def test_attempts_are_forgotten_after_a_day(version: Version, mark: Membership) -> None:
    link = share(mark, version, password=LINK_PASSWORD)
    enter(guest_of(link), link, password="wrong")
    GuestAttempt.objects.update(at=timezone.now() - timedelta(hours=25))
    sweep_guest_attempts()
    assert not GuestAttempt.objects.exists()


def test_a_guest_says_their_name_before_they_see_anything(version: Version, mark: Membership) -> None:
    link = share(mark, version, identification=Identification.NAME)
    client = guest_of(link)
    assert not sees(client, link, version)
    assert enter(client, link, name=" \u200b ").status_code == 422
    assert enter(client, link, name="Gloria Gast").status_code == 303
    assert sees(client, link, version)
    seen = LinkEvent.objects.get(link=link, act=LinkAct.SEEN)
    assert (seen.who, seen.version, seen.network) == ("Gloria Gast", version, "127.0.0.0/24")


def test_a_mail_address_is_proved_by_a_code(
    version: Version, mark: Membership, mailoutbox: list[EmailMessage]
) -> None:
    link = share(mark, version, identification=Identification.MAIL)
    client = guest_of(link)
    assert enter(client, link, name="Gloria", mail="Gloria@Example.test").status_code == 303
    assert not sees(client, link, version)
    deliver()
    (mail,) = mailoutbox
    assert mail.to == ["gloria@example.test"]
    code = code_in(mail)
    assert code not in str(list(Mail.objects.values())) + str(list(Guest.objects.values()))
    assert enter(client, link, code="000000" if code != "000000" else "111111").status_code == 422
    assert enter(client, link, code=f" {code[:3]} {code[3:]} ").status_code == 303
    assert sees(client, link, version)
    # The same person in another browser is the same guest.
    other = guest_of(link)
    enter(other, link, name="Gloria G.", mail="gloria@example.test")
    deliver()
    enter(other, link, code=code_in(mailoutbox[1]))
    assert sees(other, link, version)
    assert Guest.objects.filter(verified_at__isnull=False).count() == 1


def test_a_code_is_worth_nothing_after_six_tries_or_twenty_minutes(
    version: Version, mark: Membership, mailoutbox: list[EmailMessage]
) -> None:
    link = share(mark, version, identification=Identification.MAIL)
    tired, late = guest_of(link), guest_of(link)
    for client, mail in ((tired, "tired@example.test"), (late, "late@example.test")):
        enter(client, link, name="Gloria", mail=mail)
    deliver()
    codes = {mail.to[0]: code_in(mail) for mail in mailoutbox}
    wrong = "000000" if "000000" not in codes.values() else "111111"
    assert {enter(tired, link, code=wrong).status_code for _ in range(6)} == {422}
    assert enter(tired, link, code=codes["tired@example.test"]).status_code == 422
    Guest.objects.filter(mail="late@example.test").update(code_tries=0)
    GuestSession.objects.update(created_at=timezone.now())
    past = timezone.now() - timedelta(minutes=21)
    Guest.objects.filter(mail="late@example.test").update(code_asked_at=past)
    assert enter(late, link, code=codes["late@example.test"]).status_code == 422
    assert not Guest.objects.exclude(verified_at=None).exists()


def test_no_box_is_filled_with_codes(version: Version, mark: Membership) -> None:
    link = share(mark, version, identification=Identification.MAIL)
    answers = [
        enter(guest_of(link), link, {"X-Forwarded-For": f"203.0.{number}.1"}, name="G", mail="g@example.test")
        for number in range(4)
    ]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 429]
    assert Mail.objects.filter(address="g@example.test").count() == 3


def test_a_new_code_makes_the_old_one_worthless(
    version: Version, mark: Membership, mailoutbox: list[EmailMessage]
) -> None:
    link = share(mark, version, identification=Identification.MAIL)
    client = guest_of(link)
    for _time in range(2):
        enter(client, link, name="Gloria", mail="gloria@example.test")
        deliver()
        if len(mailoutbox) == 1:
            assert enter(client, link, again="1").status_code == 303
    first, second = (code_in(mail) for mail in mailoutbox)
    if first != second:
        assert enter(client, link, code=first).status_code == 422
    assert enter(client, link, code=second).status_code == 303


def test_a_code_that_was_sent_to_another_guest_opens_nothing(
    version: Version, mark: Membership, mailoutbox: list[EmailMessage]
) -> None:
    link = share(mark, version, identification=Identification.MAIL)
    one, other = guest_of(link), guest_of(link)
    enter(one, link, name="One", mail="one@example.test")
    enter(other, link, name="Other", mail="other@example.test")
    deliver()
    codes = {mail.to[0]: code_in(mail) for mail in mailoutbox}
    if codes["one@example.test"] != codes["other@example.test"]:
        assert enter(other, link, code=codes["one@example.test"]).status_code == 422
    assert enter(one, link, code=codes["one@example.test"]).status_code == 303
