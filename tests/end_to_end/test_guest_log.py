"""What a real web server writes down of guests: never the token by which a link opens."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from django.urls import reverse

from tests.parts import Parts
from tests.people import make_mark, make_workspace
from tests.reviewing import make_version
from tests.sharing import address_of, share

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


def test_no_log_of_the_server_has_the_token_of_a_link(parts: Parts, tmp_path: Path) -> None:
    member = make_mark(make_workspace())
    version = make_version(member)
    link = share(member, version)
    path = address_of(link)
    token = path.split("/")[-2]
    parts.start_program(
        "web",
        *("-m", "gunicorn", "-c", "python:topview_portal.server", "--workers", "1"),
        *("--bind", f"127.0.0.1:{parts.web_port}", "--log-level", "debug"),
        LOG_LEVEL="DEBUG",
    )
    parts.wait_for("web")
    address = parts.web_url + path
    with requests.Session() as browser:
        assert browser.get(address, timeout=30).status_code == 200
        shown = browser.post(address, timeout=30)
        assert shown.status_code == 200 and version.piece.title in shown.text
        assert token not in shown.url + shown.text
        # Each of these is logged with its path.
        codes = [
            browser.put(address, timeout=30).status_code,
            browser.get(address + "more/", timeout=30).status_code,
            browser.get(address.rstrip("/"), timeout=30, allow_redirects=False).status_code,
            browser.post(address[:-3] + "/", timeout=30).status_code,
            browser.get(parts.web_url + reverse("guest-list", args=[version.pk]), timeout=30).status_code,
        ]
    assert codes == [405, 404, 301, 404, 404]
    log = parts.log("web")
    assert "/s/..." in log and "/shared/" in log
    assert token[:-4] not in log
