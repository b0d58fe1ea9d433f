"""What people are told when something fails: a page for each cause, with the headers of every page."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection, connections
from django.test import Client
from django.urls import reverse

from tasks.models import Membership, Product
from tasks.views.people import profile as people_pages
from tests.people import PASSWORD, browser_of, make_mark, make_rita, make_workspace

HTML = {"accept": "text/html,*/*;q=0.8"}


def visitor(member: Membership | None = None) -> Client:
    client = browser_of(member) if member else Client()
    client.raise_request_exception = False
    return client


def failing(error: BaseException) -> Callable[..., Any]:
    def fail(*_arguments: Any, **_named: Any) -> Any:
        raise error

    return fail


# --- A page for each cause -------------------------------------------------------------------------------


def broken_form(member: Membership) -> Any:
    return visitor(member).generic("POST", reverse("profile"), b"--x", "multipart/form-data", headers=HTML)


CASES: dict[str, tuple[int, str, Callable[[Membership], Any]]] = {
    "a broken form": (400, "That request was broken", broken_form),
    "a role that is too small": (
        403,
        "Your role does not include this",
        lambda member: visitor(member).get(reverse("task-formats"), headers=HTML),
    ),
    "nothing there": (404, "There is nothing here", lambda member: visitor(member).get("/no/", headers=HTML)),
    "a step of a form opened as a page": (
        405,
        "There is no page here",
        lambda member: visitor(member).get(reverse("workspace-switch"), headers=HTML),
    ),
}


def is_guarded(answer: Any) -> None:
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert (answer["X-Frame-Options"], answer["X-Content-Type-Options"]) == ("DENY", "nosniff")


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES)
def test_each_refusal_has_a_page_in_the_portals_look(case: str) -> None:
    status, words, ask = CASES[case]
    answer = ask(make_rita(make_workspace()))
    assert answer.status_code == status
    page = answer.content.decode()
    assert words in page and 'class="site-header"' in page and "css/portal.css" in page
    is_guarded(answer)


@pytest.mark.django_db
def test_a_step_of_a_form_says_how_it_may_be_asked() -> None:
    answer = visitor(make_rita(make_workspace())).get(reverse("workspace-switch"))
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


FAULTS = [
    (ValueError("a bug"), "get", 500, "Nothing was changed"),
    (ValueError("a bug"), "post", 500, "look at the task list"),
    (smtplib.SMTPServerDisconnected("gone"), "post", 503, "Mail cannot be sent"),
    (OSError(28, "No space left on device"), "post", 507, "The portal&#x27;s disk is nearly full"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("error", "method", "status", "words"), FAULTS)
def test_each_fault_has_words_of_its_own(
    monkeypatch: pytest.MonkeyPatch, error: Exception, method: str, status: int, words: str
) -> None:
    monkeypatch.setattr(people_pages, "render", failing(error))
    client = visitor(make_rita(make_workspace()))
    answer = getattr(client, method)(reverse("profile"), headers=HTML)
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert ("look at the task list" in answer.content.decode()) is (status == 500 and method == "post")
    is_guarded(answer)
    assert client.get(reverse("profile"), headers={"accept": "application/json"}).json()["errors"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("cookie", "root"),
    [
        ("dark", '<html lang="en" data-theme="dark">'),
        ("light", '<html lang="en" data-theme="light">'),
        ("neon", '<html lang="en">'),
        ('dark"onload="', '<html lang="en">'),
    ],
)
def test_a_fault_is_told_in_the_chosen_theme_and_in_no_other_word(
    monkeypatch: pytest.MonkeyPatch, cookie: str, root: str
) -> None:
    monkeypatch.setattr(people_pages, "render", failing(ValueError("a bug")))
    client = visitor(make_rita(make_workspace()))
    client.cookies["theme"] = cookie
    assert root in client.get(reverse("profile"), headers=HTML).content.decode()


@pytest.mark.django_db
def test_a_portal_without_its_list_of_static_files_still_says_that_it_broke(settings: Any) -> None:
    manifest = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": manifest}
    answer = visitor(make_rita(make_workspace())).get(reverse("profile"), headers=HTML)
    assert answer.status_code == 500
    assert 'href="/static/css/portal.css"' in answer.content.decode()
    is_guarded(answer)


# --- A database that others have locked ------------------------------------------------------------------


@contextmanager
def locked() -> Iterator[None]:
    """Every write of this test waits for another one, and no longer than a moment."""
    other = connections.create_connection("default")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA busy_timeout = 100")
            other.cursor().execute("BEGIN IMMEDIATE")
        else:
            cursor.execute("SET lock_timeout = '100ms'")
            other.set_autocommit(False)
            names = ", ".join(name for name in connection.introspection.table_names())
            other.cursor().execute(f"LOCK TABLE {names} IN SHARE MODE")
    try:
        yield
    finally:
        other.rollback() if connection.vendor != "sqlite" else other.cursor().execute("ROLLBACK")
        other.close()
        with connection.cursor() as cursor:
            if connection.vendor != "sqlite":
                cursor.execute("RESET lock_timeout")


@pytest.fixture
def mark(transactional_db: None) -> Membership:
    return make_mark(make_workspace())


def typed_in(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


def test_a_form_sent_to_a_locked_database_is_kept_and_can_be_sent_again(mark: Membership) -> None:
    client, url = visitor(mark), reverse("product-new")
    client.get(url)
    sent = {"name": 'Cup "blue" & <b>', "description": "Two\nlines"}
    with locked():
        answer = client.post(f"{url}?from=x", sent, headers=HTML)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    page = answer.content.decode()
    assert "Nothing was taken" in page and f'action="{url}?from=x"' in page and 'data-resend="5"' in page
    assert typed_in(page) == sent
    is_guarded(answer)
    assert client.post(url, typed_in(page)).status_code == 303
    assert [product.name for product in Product.objects.all()] == [sent["name"]]


def test_pages_can_be_read_while_the_database_is_locked(mark: Membership) -> None:
    client = visitor(mark)
    client.get(reverse("profile"))
    with locked():
        assert client.get(reverse("profile")).status_code == 200


def test_what_was_taken_before_the_database_went_away_is_not_sent_again_by_itself(
    mark: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tasks.views.products.pages.messages.success", failing(OperationalError("server closed"))
    )
    answer = visitor(mark).post(reverse("product-new"), {"name": "Cup"}, headers=HTML)
    page = answer.content.decode()
    assert answer.status_code == 503 and Product.objects.count() == 1
    assert "that is not certain" in page and "data-resend" not in page and "Nothing was taken" not in page


def test_a_sign_in_that_cannot_be_counted_is_not_called_too_many(mark: Membership) -> None:
    client = visitor()
    login = {"login": mark.user.email, "password": PASSWORD}
    with locked():
        answer = client.post(reverse("account_login"), login, headers=HTML)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    page = answer.content.decode()
    assert "Nothing was taken" in page and PASSWORD not in page
    assert client.post(reverse("account_login"), login).status_code == 302


def test_a_counter_says_when_it_cannot_count(transactional_db: None) -> None:
    assert cache.add("tries", 1) and not cache.add("tries", 1)
    with locked(), pytest.raises(OperationalError):
        cache.add("others", 1)
    assert cache.add("others", 1)
