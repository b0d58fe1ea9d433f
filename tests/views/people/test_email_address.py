"""Another mail address: with the password, confirmed from its own box, told to the old one, in the audit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tasks.models import AddressChange, AuditEvent, Mail, Membership, User
from tests.outbox import deliver
from tests.people import PASSWORD, browser_of
from tests.views.people.test_passwords import link_in

pytestmark = pytest.mark.django_db

PAGE = reverse("email-change")
NEW = "new@example.test"


def ask(client: Client, password: str = PASSWORD, address: str = NEW) -> int:
    return client.post(PAGE, {"address": address, "password": password}).status_code


def path_in(mails: list[EmailMessage]) -> str:
    (mail,) = [mail for mail in mails if mail.to == [NEW]]
    return "/" + link_in(mail).split("/", 3)[3]


def address_of(member: Membership) -> str:
    return User.objects.get(pk=member.user.pk).email


def test_a_confirmed_address_counts_and_the_old_one_is_told(
    mark: Membership, mailoutbox: list[EmailMessage]
) -> None:
    old, client = mark.user.email, browser_of(mark)
    assert ask(client, address=NEW.upper()) == 303
    assert address_of(mark) == old, "an address that is not confirmed does not count"
    assert NEW in client.get(reverse("profile")).content.decode()
    deliver()
    assert sorted((mail.to[0], mail.subject) for mail in mailoutbox) == [
        (old, "Topview Portal: Another mail address was asked for"),
        (NEW, "Topview Portal: Confirm your mail address"),
    ]
    page = client.get(path_in(mailoutbox))
    assert page.status_code == 200 and address_of(mark) == old, "looking confirms nothing"
    assert client.post(path_in(mailoutbox)).status_code == 303
    assert address_of(mark) == NEW
    deliver()
    assert (mailoutbox[-1].to, mailoutbox[-1].subject) == (
        [old],
        "Topview Portal: Your mail address was changed",
    )
    assert [event.verb for event in AuditEvent.objects.order_by("pk")] == ["address-asked", "address-changed"]
    assert client.post(path_in(mailoutbox[:2])).status_code == 410, "a link is good once"


def test_without_the_password_nothing_is_asked_for(mark: Membership) -> None:
    assert ask(browser_of(mark), password="a wrong one") == 422  # noqa: S106
    assert not AddressChange.objects.exists() and not Mail.objects.exists()


def test_what_was_typed_is_kept_but_for_the_password(mark: Membership) -> None:
    page = browser_of(mark).post(PAGE, {"address": NEW, "password": "a wrong one"}).content.decode()
    assert NEW in page and "a wrong one" not in page and "That is not your password." in page


def test_an_address_that_is_not_confirmed_resets_no_password(
    mark: Membership, mailoutbox: list[EmailMessage]
) -> None:
    ask(browser_of(mark))
    deliver()
    mailoutbox.clear()
    Client().post(reverse("account_reset_password"), {"email": NEW})
    deliver()
    assert mailoutbox == []


def test_a_link_is_the_own_persons_alone(
    mark: Membership, alice: Membership, mailoutbox: list[EmailMessage]
) -> None:
    ask(browser_of(mark))
    deliver()
    old = address_of(mark)
    assert browser_of(alice).post(path_in(mailoutbox)).status_code == 410
    assert Client().post(path_in(mailoutbox)).status_code == 302
    assert (address_of(mark), address_of(alice) != NEW) == (old, True)


@pytest.mark.parametrize("how", ["a day later", "taken back", "asked again", "password changed"])
def test_a_link_dies(how: str, mark: Membership, mailoutbox: list[EmailMessage]) -> None:
    client = browser_of(mark)
    ask(client)
    deliver()
    if how == "a day later":
        AddressChange.objects.update(asked_at=timezone.now() - timedelta(hours=25))
    elif how == "taken back":
        assert client.post(reverse("email-keep")).status_code == 303
    elif how == "asked again":
        ask(client, address="other@example.test")
    else:
        form = {
            "oldpassword": PASSWORD,
            "password1": "quite another phrase",
            "password2": "quite another phrase",
        }
        client.post(reverse("account_change_password"), form)
    assert client.get(path_in(mailoutbox)).status_code == 410
    assert client.post(path_in(mailoutbox)).status_code == 410


def test_an_address_of_somebody_else_is_refused_at_once_and_at_the_end(
    mark: Membership, alice: Membership, mailoutbox: list[EmailMessage]
) -> None:
    client = browser_of(mark)
    assert ask(client, address=alice.user.email) == 422
    assert ask(client, address=mark.user.email) == 422
    ask(client)
    deliver()
    User.objects.create_user(NEW, PASSWORD)
    answer = client.post(path_in(mailoutbox), follow=True)
    assert "Another person signs in with this address by now." in answer.content.decode()


def test_few_links_are_sent(mark: Membership) -> None:
    client = browser_of(mark)
    seen = [ask(client, address=f"new-{number}@example.test") for number in range(6)]
    assert seen == [303] * 5 + [422]


def test_nothing_in_the_outbox_confirms_an_address(mark: Membership, mailoutbox: list[EmailMessage]) -> None:
    ask(browser_of(mark))
    rows = str(list(Mail.objects.values()))
    deliver()
    token = path_in(mailoutbox).rstrip("/").rpartition("/")[2]
    assert token not in rows + str(list(Mail.objects.values())) and "confirm/" not in rows


def test_an_address_that_an_operator_changes_is_told_to_the_old_one(
    mark: Membership, mailoutbox: list[EmailMessage]
) -> None:
    operator = Client()
    boss = User.objects.create_superuser("boss@example.test", PASSWORD)
    operator.force_login(boss, "django.contrib.auth.backends.ModelBackend")
    old = mark.user.email
    page = reverse("admin:tasks_user_change", args=[mark.user.pk])
    values: dict[str, Any] = {"email": NEW, "name": "Mark", "time_zone": "UTC", "is_active": "on"}
    assert operator.post(page, values).status_code == 302
    deliver()
    assert [mail.to for mail in mailoutbox] == [[old]]
    assert AuditEvent.objects.get(verb="address-changed").actor == boss
