"""A file is summed up in the browser, by a script of ours, and recognised."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from tests.delivering import approved_version
from tests.end_to_end.stage import Stage

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser

# Around the end of a block of the sum, where its padding changes, and of what is read at a time.
LENGTHS = (0, 1, 55, 56, 63, 64, 119, 120, 4 * 1024 * 1024, 9_000_001)


def test_a_file_is_summed_up_on_this_device_and_recognised(
    stage: Stage, context: BrowserContext, page: Page, tmp_path: Path
) -> None:
    team = stage.make_team()
    stage.sign_in(context, team.rita)
    film = approved_version(team.mark, team.rita, title="Blue cup")
    file = tmp_path / "film.mp4"
    for length in LENGTHS:
        file.write_bytes(random.Random(length).randbytes(length))
        page.goto(f"{stage.web_url}{reverse('verify')}")
        page.set_input_files("#verify-file", file)
        page.wait_for_url("**sha256=*")
        assert hashlib.sha256(file.read_bytes()).hexdigest() in page.url
        assert "name=film.mp4" in page.url
    file.write_bytes(film.blob.file.read())
    page.set_input_files("#verify-file", file)
    page.locator("#result", has_text="Blue cup, version 1").wait_for()
    assert "Rita" in page.locator("#result").inner_text()
