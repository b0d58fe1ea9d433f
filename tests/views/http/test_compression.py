"""Pages travel compressed, files as they are."""

from __future__ import annotations

import gzip

from django.urls import reverse

from tasks.models import Membership
from tests.people import browser_of
from tests.views.rows import make_output, make_task

GZIP = {"Accept-Encoding": "gzip, deflate, br"}


def test_a_page_is_compressed_for_a_browser_that_can_read_it(mark: Membership) -> None:
    client = browser_of(mark)
    plain = client.get(reverse("task-list"))
    packed = client.get(reverse("task-list"), headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert len(packed.content) < len(plain.content) / 2
    assert gzip.decompress(packed.content).startswith(plain.content[:200])


def test_a_file_keeps_its_length_and_its_ranges(mark: Membership) -> None:
    task = make_task(mark)
    url = reverse("output-file", args=[make_output(task).pk])
    whole = browser_of(mark).get(url, headers=GZIP)
    part = browser_of(mark).get(url, headers={**GZIP, "Range": "bytes=0-3"})
    assert "Content-Encoding" not in whole.headers
    assert part.status_code == 206
    assert part.headers["Content-Length"] == "4"
