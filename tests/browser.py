"""Pytest plugin for tests marked `browser`: one Chromium a run, one fresh context a test.

The `page` fixture fails a test whose page wrote an error to its console, raised in a script, or asked for
anything that is not on this machine.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

# The machine has no network and no GPU; a video must start without a click of the test.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    # Nothing leaves the machine. To hold requests back one by one would do without the browser's own cache.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
_HERE = {"127.0.0.1", "localhost", "::1"}
# Milliseconds until something that should be there soon is missed; a busy machine takes its time.
PATIENCE = 30_000


def chromium_path() -> Path | None:
    """The Chromium that CHROMIUM names, or Debian's; None when there is none."""
    path = Path(os.environ.get("CHROMIUM") or "/usr/bin/chromium")
    return path if path.exists() else None


def pytest_configure() -> None:
    """Let Django's database be used beside the loop that playwright runs in the same thread."""
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without a browser these tests are skipped, but never where CI runs them."""
    if item.get_closest_marker("browser") and not chromium_path():
        if os.environ.get("CI"):
            pytest.fail("no Chromium found: browser tests may not be skipped in CI", pytrace=False)
        pytest.skip("no Chromium found")


@dataclass
class Watch:
    """What a page did that it must not. Tests of refusals add the texts they expect to `allowed`."""

    complaints: list[str] = field(default_factory=list)
    # A refused form is answered with 422, which Chromium writes to the console.
    allowed: list[str] = field(default_factory=lambda: ["status of 422"])

    def attach(self, context: BrowserContext) -> None:
        """Listen to every page of the context."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"script error: {error.error}"))
        context.on("request", self._request)

    def findings(self) -> list[str]:
        """The complaints that no text in `allowed` covers."""
        return [text for text in self.complaints if not any(part in text for part in self.allowed)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        if _is_elsewhere(request.url):
            self.complaints.append(f"asked for {request.url}")


def _is_elsewhere(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in _HERE


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Headless Chromium, kept for the whole run."""
    from playwright.sync_api import expect, sync_playwright  # half a second that most runs can do without

    expect.set_options(timeout=PATIENCE)
    home = tmp_path_factory.mktemp("chromium")  # it writes to its home, which may be read-only
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=chromium_path(), args=ARGUMENTS, env={**os.environ, "HOME": str(home)}
        )
        yield chromium
        chromium.close()


@pytest.fixture
def watch() -> Watch:
    """What the test's pages may not do; see Watch."""
    return Watch()


@pytest.fixture
def context(browser: Browser, watch: Watch) -> Iterator[BrowserContext]:
    """A browser profile of its own, in English; what its pages did wrong fails the test at its end."""
    with guarded_context(browser, watch) as context:
        yield context


@contextmanager
def guarded_context(browser: Browser, watch: Watch) -> Iterator[BrowserContext]:
    """A context that fails on leaving when a page complained; for a second person in one test."""
    context = browser.new_context(locale="en-GB", accept_downloads=True)
    context.set_default_timeout(PATIENCE)
    watch.attach(context)
    yield context
    context.close()
    assert watch.findings() == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty page."""
    return context.new_page()
