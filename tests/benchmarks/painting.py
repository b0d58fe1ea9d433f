"""How long the task list takes to appear in Chromium, by the clock; only worth reading on a quiet machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from tests.browser import chromium_path

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

_VISITS = 9
_COLD = 5
# When the first byte came and when the largest thing was painted, in milliseconds after the request.
_SCRIPT = """() => new Promise(done => {
    const loaded = performance.getEntriesByType("navigation")[0];
    new PerformanceObserver(list => {
        const start = loaded.requestStart;
        done([loaded.responseStart - start, list.getEntries().at(-1).startTime - start]);
    }).observe({type: "largest-contentful-paint", buffered: true});
})"""


# All that moves by itself in the half second after loading, as Chromium counts it (cumulative layout shift).
_SHIFTS = """() => new Promise(done => {
    let sum = 0;
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
    }).observe({type: "layout-shift", buffered: true});
    setTimeout(() => done(sum), 500);
})"""


@dataclass(frozen=True)
class Appearance:
    """Medians in milliseconds after the request left."""

    first_byte: float
    largest_paint: float


def appearance(address: str, cookie: str) -> Appearance | None:
    """Of a page, for whoever the cookies are of, on a second visit; None where there is no Chromium."""
    if chromium_path() is None:
        return None
    with _chromium() as browser:
        context = _context(browser, address, cookie)
        visits = [_visit(context, address, _SCRIPT) for _ in range(_VISITS + 1)][1:]
    return Appearance(*(median(times) for times in zip(*visits, strict=True)))


def layout_shift(address: str, cookie: str) -> float | None:
    """How much of a page jumps on a first visit, with nothing in the browser's cache; the median of five."""
    if chromium_path() is None:
        return None
    with _chromium() as browser:
        sums = [_visit(_context(browser, address, cookie), address, _SHIFTS) for _ in range(_COLD)]
        return float(median(sums))


@contextmanager
def _chromium() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium_path()), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def _context(browser: Browser, address: str, cookie: str) -> BrowserContext:
    context = browser.new_context()
    pairs = (pair.split("=", 1) for pair in cookie.split("; "))
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in pairs])
    return context


def _visit(context: BrowserContext, address: str, script: str) -> Any:
    page = context.new_page()
    try:
        page.goto(address, wait_until="load")
        return page.evaluate(script)
    finally:
        page.close()
