"""What every page must be, whatever it shows: without barriers, and no wider than its screen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from axe_playwright_python.base import AXE_SCRIPT

if TYPE_CHECKING:
    from playwright.sync_api import Page

Theme = Literal["light", "dark"]
DESKTOP, PHONE, SMALL_PHONE = (1440, 900), (390, 844), (320, 640)
_CONTRAST = ["color-contrast"]
# All rules on each screen and in each theme once; in the other two pairs what depends on both. From one to
# the next only one of them changes: each change of the screen lays the page out anew.
_VIEWS: tuple[tuple[tuple[int, int], Theme, list[str] | None], ...] = (
    (DESKTOP, "light", None),
    (DESKTOP, "dark", _CONTRAST),
    (PHONE, "dark", None),
    (PHONE, "light", _CONTRAST),
)

_TOO_WIDE = """
() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  return [...document.body.querySelectorAll("*")]
    .filter((one) => one.getBoundingClientRect().right > room + 1)
    .map((one) => `${one.tagName.toLowerCase()}.${one.className}`);
}
"""

# A busy browser takes up the theme it is told some frames late. No colour slides: less motion is asked for.
_SETTLE = """
async (theme) => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const asked = matchMedia(`(prefers-color-scheme: ${theme})`);
  for (let waited = 0; !asked.matches; waited++) {
    if (waited === 600) throw new Error(`the page never turned ${theme}`);
    await frame();
  }
  await frame();
  await frame();
}
"""


def assert_well_made(page: Page, name: str = "") -> None:
    """No finding of axe on desktop and phone, light and dark; no sideways scrolling down to 320 pixels."""
    with Axe(page) as axe:
        found = [text for view in _VIEWS for text in axe.findings(*view)]
    found += _too_wide(page, PHONE)  # as the last of the views left it
    show_on(page, SMALL_PHONE, "light")
    found += _too_wide(page, SMALL_PHONE)
    show_on(page, DESKTOP, "light")
    assert not found, f"{name or page.url}:\n" + "\n".join(dict.fromkeys(found))


def _too_wide(page: Page, screen: tuple[int, int]) -> list[str]:
    parts = page.evaluate(_TOO_WIDE)
    return [f"wider than {screen[0]}: {', '.join(parts)}"] if parts else []


def show_on(page: Page, screen: tuple[int, int], theme: Theme) -> None:
    """Change the screen and the theme of a page that is open."""
    page.set_viewport_size({"width": screen[0], "height": screen[1]})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.evaluate(_SETTLE, theme)


class Axe:
    """The rules for accessible pages, in a world of their own so that they meet no script of the page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def __enter__(self) -> Axe:
        self._devtools = self.page.context.new_cdp_session(self.page)
        frame = self._devtools.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        world = self._devtools.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "axe"})
        self._world = world["executionContextId"]
        self._evaluate(AXE_SCRIPT)
        return self

    def __exit__(self, *error: object) -> None:
        self._devtools.detach()

    def findings(self, screen: tuple[int, int], theme: Theme, rules: list[str] | None = None) -> list[str]:
        """What is broken on that screen, a line each; all rules unless some are named."""
        show_on(self.page, screen, theme)
        # Read anew, the stylesheets would be inline styles, which the policy of the pages refuses.
        options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
        if rules:
            options["runOnly"] = {"type": "rule", "values": rules}
        return [
            f"{screen[0]} {theme} {rule['id']}: {' '.join(node['target'])}: {node['failureSummary']}"
            for rule in self._evaluate(f"axe.run({json.dumps(options)}).then((found) => found.violations)")
            for node in rule["nodes"]
        ]

    def _evaluate(self, script: str) -> Any:
        where = {"contextId": self._world, "returnByValue": True, "awaitPromise": True}
        answer = self._devtools.send("Runtime.evaluate", {"expression": script, **where})
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")
