"""The demo's logins, shown at sign-in where only the person at this machine can read them."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port

from tasks.commands.operations.demo import DEMO_PASSWORD, PEOPLE, demo_is_there

_LOOPBACK = {"localhost", "127.0.0.1", "::1", "[::1]"}


class DemoPerson(NamedTuple):
    """One row of the table under the sign-in form."""

    email: str
    name: str
    role: str
    password: str


def demo_people(request: HttpRequest) -> list[DemoPerson]:
    """The demo people while they exist and nothing here costs money.

    Only on loopback, by the request and by the portal's own address: a Host header alone proves nothing.
    """
    asked, _port = split_domain_port(request.get_host())
    own = urlsplit(settings.PORTAL_URL).hostname
    if asked not in _LOOPBACK or own not in _LOOPBACK or not demo_is_there():
        return []
    return [DemoPerson(email, name, str(role.label), DEMO_PASSWORD) for email, name, role in PEOPLE]
