"""EMAIL_URL is read as it stands, and what cannot be used is refused by name, without a word of its value."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from topview_portal import mail_url

SECRET = "s3cret-pass"


def read(value: str) -> dict[str, object]:
    return mail_url.parse("EMAIL_URL", value)


@pytest.mark.parametrize(
    ("value", "host", "port", "protection"),
    [
        ("smtp://mail.example.test", "mail.example.test", 25, ()),
        ("smtp+tls://mail.example.test", "mail.example.test", 587, ("EMAIL_USE_TLS",)),
        ("smtps://mail.example.test:2525", "mail.example.test", 2525, ("EMAIL_USE_TLS",)),
        ("smtp+ssl://mail.example.test", "mail.example.test", 465, ("EMAIL_USE_SSL",)),
        ("smtp://[::1]:1025", "::1", 1025, ()),
    ],
)
def test_a_mail_server_is_read(value: str, host: str, port: int, protection: tuple[str, ...]) -> None:
    found = read(value)
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == (host, port)
    assert found["EMAIL_BACKEND"] == "topview_portal.smtp.EmailBackend"
    assert tuple(name for name in ("EMAIL_USE_TLS", "EMAIL_USE_SSL") if found.get(name)) == protection


def test_signs_in_a_password_are_what_was_written() -> None:
    found = read("smtp+tls://me%40example.test:a+b%2Fc%23d@mail.example.test:587")
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("me@example.test", "a+b/c#d")


def test_a_folder_for_mail_is_read() -> None:
    assert read("filemail:///var/mail/portal")["EMAIL_FILE_PATH"] == "/var/mail/portal"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (
            f"smtp://me:{SECRET}@mail.example.test?timeout=5&ssl=1",
            "options that are not understood: ssl, timeout",
        ),
        (f"smtp://me:{SECRET}@mail.example.test:port", "not an address"),
        (f"imap://me:{SECRET}@mail.example.test", "must begin with one of: smtp"),
        (f"me:{SECRET}@mail.example.test", "must begin with one of: smtp"),
        ("smtp://", "names no mail server"),
        (f"smtp://me:{SECRET}#1@mail.example.test", "not an address"),
        (f"smtp://mail.example.test#{SECRET}", "written %23"),
        (f"smtp://mail.example.test/{SECRET}", "written %23"),
        (f"smtp://[me:{SECRET}", "not an address"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name_without_its_value(value: str, words: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        read(value)
    message = str(caught.value)
    assert message.startswith("EMAIL_URL") and words in message
    assert SECRET not in message
