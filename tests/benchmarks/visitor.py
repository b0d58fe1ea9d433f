"""A signed-in person with several connections that stay open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import cycle

import requests

from tests.benchmarks.film import Film

# A browser has about as many; together they reach every process of the server.
_CONNECTIONS = 6
_SECONDS = 120
_PIECE = 1024 * 1024


@dataclass(frozen=True)
class Page:
    """One GET, or the upload of a film of so many bytes.

    Its aims: the most it should cost in bare views, `growth` the most it may cost at the largest size as a
    multiple of what it costs at the smallest, `beside` the most in answers of another page.
    """

    name: str
    url: str
    status: int = 200
    aim: float | None = None
    growth: float | None = None
    beside: tuple[str, float] | None = None
    signed_in: bool = True
    headers: dict[str, str] = field(default_factory=dict)
    upload: int = 0


class Visitor:
    """Asks one thing after the other, with the cookies of a session."""

    def __init__(self, port: int, cookie: str) -> None:
        self.cookie = cookie
        self._headers = {
            "Accept": "text/html,*/*;q=0.8",
            "Accept-Encoding": "gzip, deflate, br",
            "Accept-Language": "en-US,en;q=0.9",
        }
        self._signed_in = {**self._headers, "Cookie": self.cookie}
        self._connections = [HTTPConnection("127.0.0.1", port, timeout=_SECONDS) for _ in range(_CONNECTIONS)]

    @classmethod
    def who_signs_in(cls, port: int, email: str, password: str) -> Visitor:
        return cls(port, _sign_in(f"http://localhost:{port}/accounts/login/", email, password))

    def read(self, url: str) -> str:
        """A page that must be there."""
        plain = {**self._signed_in, "Accept-Encoding": "identity"}
        status, body = _get(self._connections[0], url, plain)
        assert status == 200, f"{url}: {status}"
        return body.decode()

    def ask(self, page: Page, times: int) -> None:
        """The same again and again, over all connections in turn. AssertionError for another status."""
        headers = (self._signed_in if page.signed_in else self._headers) | page.headers
        turns: Iterator[HTTPConnection] = cycle(self._connections)
        for _ in range(times):
            status = (
                self._send(next(turns), page, headers)
                if page.upload
                else _get(next(turns), page.url, headers)[0]
            )
            assert status == page.status, f"{page.url}: {status} instead of {page.status}"

    def _send(self, connection: HTTPConnection, page: Page, headers: dict[str, str]) -> int:
        """A film that was never sent before, as the page's script sends one."""
        body = Film(page.upload)
        token = self.cookie.partition("csrftoken=")[2].partition(";")[0]
        connection.request("POST", page.url, body, {**headers, **body.headers, "X-CSRFToken": token})
        answer = connection.getresponse()
        answer.read()
        return answer.status

    def reconnect(self) -> None:
        """New connections: the server closes those that were silent for a while."""
        for connection in self._connections:
            connection.close()


def _get(connection: HTTPConnection, url: str, headers: dict[str, str]) -> tuple[int, bytes]:
    """The status, and the body where it is no longer than a page."""
    connection.request("GET", url, headers=headers)
    answer = connection.getresponse()
    body = answer.read(_PIECE)
    while answer.read(_PIECE):
        pass
    return answer.status, body


def _sign_in(url: str, email: str, password: str) -> str:
    """The cookies of a new session."""
    with requests.Session() as browser:
        browser.trust_env = False
        token = re.search(
            r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get(url, timeout=_SECONDS).text
        )
        assert token, "no form to sign in"
        form = {"login": email, "password": password, "csrfmiddlewaretoken": token[1]}
        answer = browser.post(url, form, timeout=_SECONDS)
        assert answer.status_code == 200 and "sessionid" in browser.cookies, "could not sign in"
        return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
