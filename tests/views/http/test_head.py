"""Answers to HEAD, as a web server gets them from Django."""

from __future__ import annotations

from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.handlers.wsgi import WSGIHandler


def ask(method: str, path: str) -> tuple[str, dict[str, str], bytes]:
    """Status, headers and body; the test client itself would take away the body of a HEAD."""
    environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "HTTP_HOST": "testserver"}
    environ["HTTP_ACCEPT_ENCODING"] = "gzip"
    setup_testing_defaults(environ)
    told: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], _error: Any = None, /) -> Any:
        told.append((status, dict(headers)))

    answer = WSGIHandler()(environ, start)
    body = b"".join(answer)
    answer.close()
    return *told[0], body


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/login/", "/health/live/", "/no/such/page/"])
def test_a_head_has_the_headers_of_a_get_and_no_body_that_a_server_would_warn_of(path: str) -> None:
    status, headers, body = ask("HEAD", path)
    as_got = ask("GET", path)
    assert (status, body) == (as_got[0], b"")
    assert as_got[2]
    # Nearly as long: tokens, and what was added to compressed pages, are drawn anew for each answer.
    assert int(headers["Content-Length"]) == pytest.approx(len(as_got[2]), rel=0.1)
    assert headers.keys() == as_got[1].keys()
