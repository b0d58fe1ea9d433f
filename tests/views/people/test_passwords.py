"""A forgotten password, and a changed one: by mail that names nobody to strangers, and tells the owner."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ

from tasks.models import AuditEvent, Mail, Membership, User
from tests.outbox import deliver
from tests.people import PASSWORD, browser_of

pytestmark = pytest.mark.django_db

RESET, CHANGE, LOGIN = (
    reverse(name) for name in ("account_reset_password", "account_change_password", "account_login")
)
NEW = "quite another phrase"


def link_in(mail: EmailMessage) -> str:
    found = re.search(r"https?://\S+", str(mail.body))
    assert found
    return found[0]


def reset(client: Client, link: str, password: str = NEW) -> int:
    page = client.get("/" + link.split("/", 3)[3])
    assert page.status_code == 302, page.content
    return client.post(page["Location"], {"password1": password, "password2": password}).status_code


def may_sign_in(user: User, password: str) -> bool:
    client = Client()
    client.post(LOGIN, {"login": user.email, "password": password})
    return "_auth_user_id" in client.session


def test_a_forgotten_password_is_made_anew_by_mail(
    mark: Membership, mailoutbox: list[EmailMessage], settings: Any
) -> None:
    settings.PORTAL_URL, settings.ALLOWED_HOSTS = "https://portal.example.test", ["*"]
    other = browser_of(mark)
    answer = Client().post(RESET, {"email": mark.user.email.upper()}, headers={"Host": "evil.test"})
    assert (answer.status_code, mailoutbox) == (303, [])
    deliver()
    (mail,) = mailoutbox
    assert mail.to == [mark.user.email]
    assert link_in(mail).startswith("https://portal.example.test/accounts/password/reset/key/")
    assert reset(Client(), link_in(mail)) == 302
    assert may_sign_in(mark.user, NEW) and not may_sign_in(mark.user, PASSWORD)
    assert other.get(reverse("profile")).status_code == 302, "other browsers are signed out"
    deliver()
    assert "was changed" in mailoutbox[1].subject
    assert AuditEvent.objects.get(verb="password-changed").facts == {"forgotten": True}


def test_a_link_is_good_once(mark: Membership, mailoutbox: list[EmailMessage]) -> None:
    Client().post(RESET, {"email": mark.user.email})
    deliver()
    reset(Client(), link_in(mailoutbox[0]))
    again = Client().get("/" + link_in(mailoutbox[0]).split("/", 3)[3])
    assert again.status_code == 200 and "password1" not in again.content.decode()


def test_an_address_that_nobody_has_is_answered_alike_and_gets_no_mail(
    mark: Membership, mailoutbox: list[EmailMessage], django_assert_num_queries: Any
) -> None:
    inactive = User.objects.create_user("gone@example.test", PASSWORD, is_active=False)
    seen = set()
    for email in (mark.user.email, "nobody@example.test", inactive.email):
        with django_assert_num_queries(5) as queries:
            answer = Client().post(RESET, {"email": email})
        asked = (query["sql"].partition("VALUES")[0].partition("WHERE")[0] for query in queries)
        shape = tuple(re.sub(r"SAVEPOINT.*", "SAVEPOINT", sql) for sql in asked)
        seen.add((answer.status_code, answer["Location"], shape))
    assert len(seen) == 1
    deliver()
    assert [mail.to for mail in mailoutbox] == [[mark.user.email]]
    assert Mail.objects.count() == 1, "what strangers typed is not kept"


def test_nothing_in_the_outbox_or_the_queue_lets_anybody_in(
    mark: Membership, mailoutbox: list[EmailMessage]
) -> None:
    Client().post(RESET, {"email": mark.user.email})
    queued = [str(message.task) for message in OrmQ.objects.all()]
    deliver()
    _path, _dash, token = link_in(mailoutbox[0]).rstrip("/").rpartition("/")[2].partition("-")
    rows = [str(row) for row in Mail.objects.values()]
    assert len(token) > 20
    for text in (*rows, *queued):
        assert token not in text and "password/reset" not in text and "forgotten" not in text.lower()


def test_one_address_gets_few_such_mails(mark: Membership, mailoutbox: list[EmailMessage]) -> None:
    for _time in range(10):
        assert Client().post(RESET, {"email": mark.user.email}).status_code == 303
    deliver()
    assert len(mailoutbox) == 3


def test_a_changed_password_signs_other_browsers_out_and_is_told(
    mark: Membership, mailoutbox: list[EmailMessage]
) -> None:
    mine, other = browser_of(mark), browser_of(mark)
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert mine.post(CHANGE, form).status_code == 302
    assert mine.get(reverse("profile")).status_code == 200
    assert other.get(reverse("profile")).status_code == 302
    deliver()
    (mail,) = mailoutbox
    assert mail.to == [mark.user.email] and "was changed" in mail.subject


def test_a_wrong_present_password_changes_nothing(mark: Membership, mailoutbox: list[EmailMessage]) -> None:
    form = {"oldpassword": "a wrong one", "password1": NEW, "password2": NEW}
    assert browser_of(mark).post(CHANGE, form).status_code == 422
    deliver()
    assert mailoutbox == [] and may_sign_in(mark.user, PASSWORD)
