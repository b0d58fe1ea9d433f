"""No address answers 500, whatever a browser or a vandal sends. HEAD is answered wherever GET is."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.urls import reverse

from tests.test_access_matrix import MATRIX, NO, Filled, browser_for, filled

__all__ = ["filled"]

FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"
FILE = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'


class Odd(NamedTuple):
    """A request as nobody should send it."""

    method: str = "GET"
    body: bytes = b""
    content_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    query: str = ""


ODD = {
    "a broken address of the page": Odd(headers=(("HX-Request", "true"), ("HX-Current-URL", "http://["))),
    "no address of the page": Odd(headers=(("HX-Request", "true"), ("HX-Current-URL", "\x00"))),
    "odd headers": Odd(
        headers=(
            ("Accept", "///;q=x,,"),
            ("Accept-Language", "x" * 5000),
            ("Range", "bytes=" + "9" * 5000 + "-"),
            ("If-None-Match", '"'),
            ("If-Modified-Since", "never"),
            ("Cookie", "sessionid=\xff; csrftoken=x; messages=["),
            ("Referer", "http://["),
        )
    ),
    "an odd query": Odd(
        query="before=%00&after=%FF&q=%00&revision=x&page=-1&workspace=%F0%28&from=x&name=[]"
    ),
    "half a multipart form": Odd("POST", b"--x\r\nbroken", f"{PARTS}; boundary=x"),
    "half a file": Odd("POST", FILE + b"half", f"{PARTS}; boundary=x"),
    "a multipart form without a boundary": Odd("POST", b"--x\r\n", PARTS),
    "a file that claims to be base64": Odd(
        "POST",
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!!\r\n--x--\r\n",
        f"{PARTS}; boundary=x",
    ),
    "a form in UTF-16": Odd(
        "POST", "name=ü&csrfmiddlewaretoken=x".encode("utf-16"), f"{FORM}; charset=utf-16"
    ),
    "a multipart form in UTF-16": Odd(
        "POST", FILE + b"x\r\n--x--\r\n", f"{PARTS}; boundary=x; charset=utf-16"
    ),
    "a form in no known charset": Odd("POST", b"name=1", f"{FORM}; charset=nonsense"),
    "zeros": Odd("POST", b"name=%00&email=%00&workspace=%00&reason=%00&task_id=%00&uid=%00", FORM),
    "what is no text": Odd("POST", b"\xff\xfe\x00" * 50, FORM),
    "too many fields": Odd("POST", b"a=1&" * 1500, FORM),
    "JSON": Odd("POST", b'{"a":', "application/json"),
    "an unknown method": Odd("BREW", b"", FORM),
}
# What comes as far as the database, which may take less than was meant; the others end before.
REACHING = {"no address of the page", "odd headers", "an odd query", "zeros", "what is no text"}
both_parts = pytest.mark.parametrize(
    "reaching",
    [pytest.param(True, marks=pytest.mark.postgres, id="reaching"), pytest.param(False, id="others")],
)
ROLES = ("admin", "reviewer", "nobody")


def odd_browser(filled: Filled, role: str) -> Client:
    client = browser_for(filled, role, enforce_csrf_checks=role == "reviewer", raise_request_exception=False)
    # With a token to compare with, the form is read for the other one.
    client.cookies["csrftoken"] = "x" * 32
    return client


def senders(address: int, oddity: int, *, is_taken: bool) -> list[str]:
    """Who sends an oddity to an address: the admin, who gets furthest, and the others every fourth time.

    So every role sends every oddity, and every address meets all of both. Where no form is taken from
    anybody, the admin sends every fourth one, too.
    """
    turn = (address + oddity) % 4
    return [role for at, role in enumerate(ROLES) if turn == at or (role == "admin" and is_taken)]


def send(client: Client, url: str, odd: Odd) -> Any:
    return client.generic(
        odd.method,
        f"{url}?{odd.query}",
        odd.body,
        content_type=odd.content_type,
        headers=dict(odd.headers),
    )


@both_parts
@pytest.mark.parametrize("name", MATRIX)
def test_no_address_breaks(name: str, reaching: bool, filled: Filled, db: None) -> None:
    url, address = reverse(name, kwargs=filled.addresses[name]), list(MATRIX).index(name)
    browsers = {role: odd_browser(filled, role) for role in ROLES}
    broken = [
        (role, what)
        for oddity, (what, odd) in enumerate(ODD.items())
        if (what in REACHING) is reaching
        for role in senders(address, oddity, is_taken=odd.method == "GET" or MATRIX[name].post != NO)
        if send(browsers[role], url, odd).status_code >= 500 and name != "health"
    ]
    assert broken == []


@pytest.mark.parametrize(
    "url", ["/no/such/page/", "/accounts/login/", "/accounts/logout/", "/operator/login/"]
)
@pytest.mark.parametrize(
    "what", [pytest.param(what, marks=pytest.mark.postgres if what in REACHING else ()) for what in ODD]
)
def test_no_other_address_breaks(filled: Filled, db: None, url: str, what: str) -> None:
    for role in ROLES:
        assert send(odd_browser(filled, role), url, ODD[what]).status_code < 500


@pytest.mark.parametrize("name", MATRIX)
def test_head_is_answered_wherever_get_is(name: str, filled: Filled, db: None) -> None:
    url, client = reverse(name, kwargs=filled.addresses[name]), odd_browser(filled, "admin")
    assert client.head(url).status_code == client.get(url).status_code
