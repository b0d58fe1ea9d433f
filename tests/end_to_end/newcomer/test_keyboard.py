"""The main job without a pointer: Tab, Enter, Space, arrows and Escape. The focus is always to be seen."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tasks.commands.operations.demo import DEMO_PASSWORD
from tasks.sandbox.options import Options
from tests.end_to_end.person import PATIENCE, TASK_PAGE, field, holds, take_notes, wait_for_state
from tests.newcomer import Portal, wait_for_sample
from tests.parts import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PORTRAIT = ROOT / "tasks" / "kinds" / "demo" / "portrait.png"
# Nobody should have to press a key more often than this to get somewhere on one page.
_MOST_TABS = 60

# Where the focus is, what a screen reader would call it, and whether an eye can find it.
_FOCUS = """
() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const labelled = (one.getAttribute("aria-labelledby") ?? "").split(" ").filter(Boolean)
    .map((id) => document.getElementById(id)?.innerText);
  const name = one.getAttribute("aria-label") || labelled.join(" ") || one.labels?.[0]?.innerText
    || one.innerText || one.placeholder || one.value || "";
  const marked = (part) => {
    const style = getComputedStyle(part);
    const hasLine = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    return hasLine || style.boxShadow !== "none";
  };
  const parts = [one, one.closest("label"), one.closest(".choice, .chip, .dropzone, .pick, .task, .card")];
  const place = one.getBoundingClientRect();
  return {
    tag: one.tagName.toLowerCase(), type: one.type ?? "", name: name.trim().split("\\n")[0],
    seen: parts.some((part) => part && marked(part)),
    inside: place.bottom > 0 && place.top < innerHeight,
  };
}
"""


class Keys:
    """A keyboard, and an eye on the focus."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, key: str) -> None:
        """Press a key once."""
        self.page.keyboard.press(key)

    def focus(self) -> dict[str, Any]:
        """What has the focus. Fails when nothing has it, or nobody can see it."""
        found: dict[str, Any] | None = self.page.evaluate(_FOCUS)
        assert found, "the focus is lost"
        assert found["seen"], f"the focus cannot be seen: {found}"
        return found

    def go_to(self, name: str, tag: str = "", *, key: str = "Tab") -> dict[str, Any]:
        """Press Tab until something of that name has the focus; everything passed must show it."""
        passed = []
        for _step in range(_MOST_TABS):
            self.press(key)
            found: dict[str, Any] | None = self.page.evaluate(_FOCUS)
            if found is None:  # the browser's own frame, after the last part of the page
                passed.append("-")
                continue
            found = self.focus()
            assert found["inside"], f"the focus is out of sight: {found}"
            if re.match(name, found["name"]) and tag in ("", found["tag"]):
                return found
            passed.append(found["name"])
        raise AssertionError(f"no way to {name!r}; passed {passed}")

    def activate(self, name: str, tag: str = "") -> None:
        """Go there and press Enter."""
        self.go_to(name, tag)
        self.press("Enter")

    def write(self, text: str) -> None:
        """Type into what has the focus."""
        self.page.keyboard.type(text)


def test_the_whole_job_is_done_with_the_keyboard(page: Page, portal: Portal) -> None:
    wait_for_sample(portal, "Harbor")
    take_notes(page)
    # From now on the browser hands its file dialog to the test, which may take it a moment.
    page.on("filechooser", lambda _chooser: None)
    keys = Keys(page)
    page.goto(portal.address)
    sign_in(keys)
    keys.activate("New video", "a")
    expect(page.get_by_role("heading", name="What would you like to make?")).to_be_visible()
    keys.activate("Talking avatar", "a")
    expect(page.get_by_role("heading", name="Talking avatar", level=1)).to_be_visible()
    bring_a_photo(keys)
    keys.go_to("Script", "textarea")
    keys.write("Made without a mouse.")
    pick_a_voice(keys)
    # TopView ends when it is told to: nobody knows how long the way to a button takes.
    portal.sandbox.speed(3600)
    try:
        keys.activate("Create video", "button")
        page.wait_for_url(TASK_PAGE)
        watch_it_finish(keys, portal)
    finally:
        portal.sandbox.speed(Options.seconds)
    play(keys)
    download(keys, portal)


def sign_in(keys: Keys) -> None:
    if "Email" not in (keys.page.evaluate(_FOCUS) or {"name": ""})["name"]:
        keys.go_to("Email", "input")
    keys.write("marketer@example.com")
    keys.go_to("Password", "input")
    keys.write(DEMO_PASSWORD)
    keys.press("Enter")
    expect(keys.page.get_by_role("heading", name="Tasks", level=1)).to_be_visible()


def bring_a_photo(keys: Keys) -> None:
    """Another person by arrow key, then a file by the browser's own dialog."""
    keys.go_to("Avatar from the catalog", "input")
    keys.press("ArrowDown")
    assert keys.focus()["name"].startswith("My photo")
    expect(field(keys.page, "Photo")).to_be_visible()
    found = keys.go_to("Choose files", "input")
    assert found["type"] == "file"
    with keys.page.expect_file_chooser() as chooser:
        keys.press("Enter")
    chooser.value.set_files(PORTRAIT)
    expect(holds(keys.page, "Photo")).to_have_text("portrait.png")
    assert keys.focus(), "the drop zone has gone, and the focus with it"


def pick_a_voice(keys: Keys) -> None:
    """Search, hear, leave with Escape, come back, choose."""
    page = keys.page
    keys.go_to("Choose…", "button")
    keys.press("Enter")
    dialog = page.get_by_role("dialog", name="Voice")
    expect(dialog.locator("[data-pick]").first).to_be_visible()
    keys.go_to("Search", "input")
    # The answer to the last letter: an earlier one would put the list, and the focus in it, away again.
    with page.expect_response(re.compile("=harbor(&|$)")):
        keys.write("harbor")
    expect(dialog.locator("[data-pick]")).to_have_count(1)
    assert keys.focus()["tag"] == "input", "searching took the focus away"
    keys.go_to("Listen to Harbor", "button")
    keys.press("Space")
    page.wait_for_function("() => window.played.at(-1)?.currentTime > 0")
    keys.press("Space")

    keys.press("Escape")
    expect(dialog).to_be_hidden()
    assert keys.focus()["name"] == "Choose…", "Escape did not lead back"
    keys.press("Space")
    expect(dialog.locator("[data-pick]").first).to_be_visible()
    keys.go_to("Harbor", "button")
    keys.press("Enter")
    expect(dialog).to_be_hidden()
    expect(holds(page, "Voice")).to_have_text("Harbor")
    assert keys.focus()["name"] == "Change"


def watch_it_finish(keys: Keys, portal: Portal) -> None:
    """The button that has the focus goes away when the task ends; the focus must not."""
    expect(keys.page.get_by_role("button", name="Stop watching")).to_be_visible(timeout=PATIENCE)
    keys.go_to("Stop watching", "button")
    keys.press("Enter")
    expect(keys.page.get_by_role("dialog")).to_be_visible()
    assert keys.focus()["name"] == "Go back", "the safe answer comes first"
    keys.press("Escape")
    assert keys.focus()["name"] == "Stop watching"
    portal.sandbox.finish(portal.sandbox.state()["tasks"][0]["taskId"])
    wait_for_state(keys.page, "Finished")
    expect(keys.page.locator(".result video")).to_be_visible(timeout=PATIENCE)
    assert keys.page.evaluate("() => document.activeElement !== document.body"), "the focus is lost"


def play(keys: Keys) -> None:
    keys.go_to("Play", "button")
    keys.press("Space")
    keys.page.wait_for_function("() => document.querySelector('video').currentTime > 0.2")
    keys.press("Space")
    keys.page.wait_for_function("() => document.querySelector('video').paused")


def download(keys: Keys, portal: Portal) -> None:
    for _step in range(20):  # the player's other buttons come first
        keys.press("Tab")
        if keys.focus()["name"] == "Download":
            break
    with keys.page.expect_download() as download:
        keys.press("Enter")
    digest = hashlib.sha256(Path(download.value.path()).read_bytes()).hexdigest()
    assert portal.rows("SELECT count(*) FROM tasks_blob WHERE sha256 = ?", digest) == [(1,)]
