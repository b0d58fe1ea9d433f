"""The browser of the tests notices what a page must not do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser import Watch, guarded_context

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def complaints(browser: Browser, html: str, *allowed: str) -> list[str]:
    """What the guard finds about a page with this content."""
    watch = Watch(allowed=list(allowed))
    try:
        with guarded_context(browser, watch) as context:
            page = context.new_page()
            page.set_content(html)
            page.wait_for_timeout(200)
    except AssertionError:
        return watch.findings()
    return []


def test_a_quiet_page_passes(browser: Browser) -> None:
    assert complaints(browser, "<h1>Tasks</h1>") == []


def test_a_request_that_leaves_the_machine_fails_the_test(browser: Browser) -> None:
    found = complaints(browser, '<img src="http://example.com/pixel.png" alt="">')
    assert "asked for http://example.com/pixel.png" in found


def test_a_script_that_raises_fails_the_test(browser: Browser) -> None:
    assert any(
        "out of luck" in text for text in complaints(browser, "<script>throw Error('out of luck')</script>")
    )


def test_an_error_on_the_console_fails_the_test(browser: Browser) -> None:
    html = "<script>console.error('no such list')</script>"
    assert any("no such list" in text for text in complaints(browser, html))


def test_an_error_that_a_test_expects_is_allowed(browser: Browser) -> None:
    assert complaints(browser, "<script>console.error('no such list')</script>", "no such list") == []
