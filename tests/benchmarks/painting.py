"""How long the task list takes to appear in Chromium, by the clock; only worth reading on a quiet machine."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from tests.browser import chromium_path

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

_VISITS = 9
# When the first byte came and when the largest thing was painted, in milliseconds after the request.
_SCRIPT = """() => new Promise(done => {
    const loaded = performance.getEntriesByType("navigation")[0];
    new PerformanceObserver(list => {
        const start = loaded.requestStart;
        done([loaded.responseStart - start, list.getEntries().at(-1).startTime - start]);
    }).observe({type: "largest-contentful-paint", buffered: true});
})"""


@dataclass(frozen=True)
class Appearance:
    """Medians in milliseconds after the request left."""

    first_byte: float
    largest_paint: float


def appearance(address: str, cookie: str) -> Appearance | None:
    """Of a page, for whoever the cookies are of, on a second visit; None where there is no Chromium."""
    path = chromium_path()
    if path is None:
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(path), args=["--no-sandbox"])
        try:
            context = browser.new_context()
            pairs = (pair.split("=", 1) for pair in cookie.split("; "))
            context.add_cookies([{"name": name, "value": value, "url": address} for name, value in pairs])
            visits = [_visit(context, address) for _ in range(_VISITS + 1)][1:]
        finally:
            browser.close()
    return Appearance(*(median(times) for times in zip(*visits, strict=True)))


def _visit(context: BrowserContext, address: str) -> list[Any]:
    page = context.new_page()
    try:
        page.goto(address, wait_until="load")
        times: list[Any] = page.evaluate(_SCRIPT)
        return times
    finally:
        page.close()
