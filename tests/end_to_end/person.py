"""What a person does in the browser, in the words of the pages."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.parts import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

TASK_PAGE = re.compile(r"/tasks/[0-9a-f-]{36}/$")
# Rendering a few seconds of film takes about as long on a busy machine.
PATIENCE = 90_000

# Keeps every word the task's state has shown, and whether this is still the document that was opened.
_NOTES = """
window.statesSeen = [];
new MutationObserver(() => {
  const word = document.querySelector("#task-state .pill")?.textContent.trim();
  if (word && word !== window.statesSeen.at(-1)) window.statesSeen.push(word);
}).observe(document, { subtree: true, childList: true, characterData: true });
window.played = [];
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () { window.played.push(this); return play.call(this); };
"""

_DROP = """
([name, type, content]) => {
  const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type }));
  return transfer;
}
"""


def take_notes(page: Page) -> None:
    """From the next page on, remember the task's states and what was played."""
    page.add_init_script(_NOTES)


def states_seen(page: Page) -> list[str]:
    """The words of the task's state since its page was opened."""
    words: list[str] = page.evaluate("() => window.statesSeen")
    return words


def sign_in(page: Page, address: str, email: str, password: str, *, begins: str = "Tasks") -> None:
    """Open the portal's address and sign in with the form that appears; `begins` is the page it leads to."""
    page.goto(address)
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name=begins, level=1)).to_be_visible()


def choose_product(page: Page, label: str) -> None:
    """From anywhere to the form of a product."""
    page.get_by_role("link", name="New video").first.click()
    page.get_by_role("link", name=label, exact=True).click()
    expect(page.get_by_role("heading", name=label, level=1)).to_be_visible()
    page.wait_for_load_state()  # its scripts are at work then


def follow(page: Page, link: Locator) -> None:
    """Click a link, and wait until the scripts of the page it leads to are at work."""
    with page.expect_navigation(wait_until="load"):
        link.click()


def reload_until(page: Page, shown: Locator) -> None:
    """Look again at the page until it shows something that it tells with a delay."""

    def is_shown() -> bool:
        page.reload()
        return shown.count() > 0

    wait_until(is_shown, seconds=PATIENCE / 1000, what=lambda: f"{shown} on {page.url}")
    expect(shown).to_be_visible()


def field(page: Page, label: str) -> Locator:
    """A field that is filled by choosing or uploading."""
    return page.get_by_role("group", name=re.compile(rf"^{label}( optional)?$"))


@contextmanager
def price_is_told(page: Page) -> Iterator[None]:
    """Wait for the price that a change inside asks for, which comes with a delay."""
    with page.expect_response(lambda answer: answer.url.rstrip("/").endswith("/price")):
        yield


def holds(page: Page, label: str) -> Locator:
    """The name of what such a field holds; not to be seen while it holds nothing."""
    return field(page, label).locator("[data-summary] [data-name]")


def drop_file(page: Page, label: str, path: Path, media_type: str, *, name: str = "") -> None:
    """Drop a file on the field's drop zone."""
    content = base64.b64encode(path.read_bytes()).decode()
    transfer = page.evaluate_handle(_DROP, [name or path.name, media_type, content])
    zone = field(page, label).locator(".dropzone")
    zone.dispatch_event("dragover", {"dataTransfer": transfer})
    zone.dispatch_event("drop", {"dataTransfer": transfer})


def open_picker(page: Page, label: str) -> Locator:
    """Press *Choose…* of a field; the dialog, with something in it."""
    field(page, label).get_by_role("button", name="Choose…").click()
    dialog = page.get_by_role("dialog", name=label, exact=True)
    expect(dialog.locator("[data-pick]").first).to_be_visible()
    return dialog


def choose(dialog: Locator, name: str) -> None:
    """Take one thing of the dialog, which closes."""
    dialog.get_by_role("button", name=name, exact=True).click()
    expect(dialog).to_be_hidden()


def listen(page: Page, dialog: Locator, name: str) -> None:
    """Hear a voice's sample, and stop it."""
    button = dialog.get_by_role("button", name=f"Listen to {name}", exact=True)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.wait_for_function("() => window.played.at(-1)?.currentTime > 0")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")


def create_video(page: Page) -> None:
    """Send the form, and arrive on the task's page."""
    page.locator(".order__foot button").click()
    page.wait_for_url(TASK_PAGE)


def wait_for_state(page: Page, word: str) -> None:
    """Wait until the task's state is this word, without touching the page."""
    expect(page.locator("#task-state .pill")).to_have_text(word, timeout=PATIENCE)
