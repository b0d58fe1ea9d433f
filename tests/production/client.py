"""A person before the portal's public address."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import requests

from tests.production.machine import HOST, Machine


class Visitor:
    """Speaks to nginx by TLS, under the portal's public name; the certificate is checked."""

    def __init__(self, machine: Machine, certificate: Path) -> None:
        self.address = f"https://127.0.0.1:{machine.https}"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(certificate)
        self.session.headers.update(
            {"Host": HOST, "Referer": f"https://{HOST}/", "Origin": f"https://{HOST}"}
        )

    def get(self, path: str, **more: Any) -> requests.Response:
        """GET without following a redirection."""
        return self.session.get(self.address + path, allow_redirects=False, timeout=20, **more)

    def post(self, path: str, data: dict[str, str] | None = None, **more: Any) -> requests.Response:
        """POST with the token of the page before."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.page)
        assert token, self.page[:2000]
        fields = {"csrfmiddlewaretoken": token[1], **(data or {})}
        return self.session.post(self.address + path, fields, allow_redirects=False, timeout=20, **more)

    def open(self, path: str) -> requests.Response:
        """Look at a page, whose form is then sent by `post`."""
        answer = self.get(path)
        self.page = answer.text
        return answer

    def is_served(self) -> bool:
        """Whether the portal answers through nginx."""
        try:
            return self.open("/accounts/login/").status_code == 200
        except requests.ConnectionError:
            return False

    def sign_in(self, email: str, password: str) -> None:
        """By the form."""
        self.open("/accounts/login/")
        answer = self.post("/accounts/login/", {"login": email, "password": password})
        assert answer.status_code in (302, 303), answer.text[:2000]
