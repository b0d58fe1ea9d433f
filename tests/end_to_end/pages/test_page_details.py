"""Small things that decide whether a page is pleasant: nothing jumps, nothing is hidden, Escape closes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tasks.kinds import KINDS
from tests.browser import Watch
from tests.end_to_end.looks import DESKTOP, PHONE
from tests.end_to_end.stage import Stage, Team
from tests.views.rows import make_account, make_output, make_task, worker_is_alive

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser

CONDITIONAL = KINDS["video-avatar"]
FIELDS = [name for name, _field in CONDITIONAL.inputs.own_fields()]
SETTINGS = [
    "credential-list",
    "account",
    "reconciliation",
    "callbacks",
    "quarantine",
    "portal-status",
    "profile",
]
# A window of 1280 × 1024 pixels at a zoom of 400 %.
ZOOMED = (320, 256)

# Whether something other than the focused control, or what is inside it, lies over its middle.
_COVERED = """
() => {
  const one = document.activeElement;
  const place = one.getBoundingClientRect();
  const [x, y] = [place.left + place.width / 2, place.top + Math.min(place.height / 2, 12)];
  const top = document.elementFromPoint(x, y);
  const same = top && (one.contains(top) || top.contains(one) || one.closest("label, .field")?.contains(top));
  return same ? "" : `${one.outerHTML.slice(0, 80)} under ${top?.outerHTML.slice(0, 80)}`;
}
"""


@pytest.fixture
def team(stage: Stage, context: BrowserContext) -> Team:
    worker_is_alive()
    team = stage.make_team()
    make_account(team.workspace)
    stage.sign_in(context, team.mark)
    return team


def open_form(stage: Stage, page: Page, slug: str = CONDITIONAL.slug) -> None:
    page.goto(f"{stage.web_url}{reverse('task-new', args=[slug])}")


@pytest.mark.parametrize("screen", [DESKTOP, PHONE, ZOOMED], ids=str)
def test_what_has_the_focus_is_never_under_a_bar(
    stage: Stage, page: Page, team: Team, screen: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": screen[0], "height": screen[1]})
    open_form(stage, page)
    page.locator("h1").click()
    for key in ("Tab", "Shift+Tab"):
        for _step in range(40):
            page.keyboard.press(key)
            if not page.evaluate("() => document.activeElement.closest('.order')"):
                continue
            page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done()))")
            assert page.evaluate(_COVERED) == ""


def test_bars_do_not_stick_at_a_zoom_of_400_percent(stage: Stage, page: Page, team: Team) -> None:
    page.set_viewport_size({"width": ZOOMED[0], "height": ZOOMED[1]})
    open_form(stage, page)
    position = "(bar) => getComputedStyle(bar).position"
    for bar in page.locator(".site-header, .nav, .order__foot").all():
        assert bar.evaluate(position) == "static"


def test_fields_that_do_not_count_are_hidden_before_any_script_of_the_form_runs(
    stage: Stage, page: Page, team: Team, watch: Watch
) -> None:
    open_form(stage, page)
    with_script = shown_fields(page)
    watch.allowed.append("net::ERR_FAILED")
    page.route("**/conditional*.js", lambda route: route.abort())
    open_form(stage, page)
    assert shown_fields(page) == with_script
    assert len(with_script) < len(FIELDS)


def shown_fields(page: Page) -> list[str]:
    return [name for name in FIELDS if page.locator(f"#field-{name}").is_visible()]


def test_without_script_every_field_can_be_reached(stage: Stage, context: BrowserContext, team: Team) -> None:
    browser = context.browser
    assert browser
    plain = browser.new_context(java_script_enabled=False, storage_state=context.storage_state())
    page = plain.new_page()
    open_form(stage, page)
    shown = shown_fields(page)
    plain.close()
    assert shown == FIELDS


def test_uses_of_a_result_open_over_the_page_and_close_with_escape(
    stage: Stage, page: Page, team: Team
) -> None:
    task = make_task(team.mark)
    make_output(task)
    # So high that nothing is scrolled to be pressed.
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.goto(f"{stage.web_url}{reverse('task-page', args=[task.pk])}")
    places = """() => [...document.querySelectorAll(".result, .result__foot, aside .card")]
        .map((one) => JSON.stringify(one.getBoundingClientRect()))"""
    before = page.evaluate(places)
    button = page.get_by_role("button", name="Use as input")
    button.click()
    uses = page.locator("form.use-menu")
    expect(uses).to_be_visible()
    assert page.evaluate(places) == before, "nothing moves"
    page.keyboard.press("Escape")
    expect(uses).to_be_hidden()
    expect(button).to_be_focused()


def test_a_refused_answer_is_no_longer_red_when_it_was_changed(stage: Stage, page: Page, team: Team) -> None:
    open_form(stage, page, "text-to-voice")
    page.locator(".order__foot button").click()
    text = page.locator("#field-text, .field:has(textarea)").first
    expect(text.locator("[aria-invalid=true]")).to_have_count(1)
    message, colour = text.locator(".field__errors"), "(one) => getComputedStyle(one).color"
    red = message.evaluate(colour)
    text.locator("textarea").fill("Hello.")
    expect(text.locator("[aria-invalid=true]")).to_have_count(0)
    assert message.evaluate(colour) != red


def test_what_is_chosen_can_be_told_where_colours_are_forced(stage: Stage, page: Page, team: Team) -> None:
    page.emulate_media(forced_colors="active")
    open_form(stage, page)
    choice = page.locator(".choice:has(:checked)").first
    other = page.locator(".choice:not(:has(:checked))").first
    line = "(one) => getComputedStyle(one).outlineStyle"
    assert (choice.evaluate(line), other.evaluate(line)) == ("solid", "none")


def test_settings_is_marked_on_all_its_pages(
    stage: Stage, context: BrowserContext, page: Page, team: Team
) -> None:
    stage.sign_in(context, team.alice)
    for name in (
        "credential-list",
        "account",
        "reconciliation",
        "callbacks",
        "quarantine",
        "portal-status",
        "profile",
    ):
        page.goto(f"{stage.web_url}{reverse(name)}")
        marked = page.locator(".nav [aria-current]")
        expect(marked).to_have_count(1)
        expect(marked).to_contain_text("Settings")


def test_a_chosen_theme_is_drawn_by_the_server_until_it_is_the_systems_again(
    stage: Stage, page: Page, team: Team
) -> None:
    page.emulate_media(color_scheme="light")
    ground = "() => getComputedStyle(document.body).backgroundColor"
    choice = page.locator("[data-theme-choice]")
    url = f"{stage.web_url}{reverse('task-list')}"
    page.goto(url)
    light = page.evaluate(ground)
    page.locator(".menu summary", has_text="Your account").click()
    choice.and_(page.locator("[value=dark]")).check()
    assert page.evaluate(ground) != light
    # Before any script runs.
    assert '<html lang="en" dir="ltr" data-theme="dark">' in page.request.get(url).text()
    page.reload()
    assert page.evaluate(ground) != light

    page.locator(".menu summary", has_text="Your account").click()
    expect(choice.and_(page.locator("[value=dark]"))).to_be_checked()
    choice.and_(page.locator("[value=auto]")).check()
    assert page.evaluate(ground) == light
    assert '<html lang="en" dir="ltr">' in page.request.get(url).text()


_FORBIDDEN = """
Object.defineProperty(window, "sessionStorage", { get() { throw new Error("storage is forbidden"); } });
"""
_COPY = """
(main) => {
  const button = Object.assign(document.createElement("button"), { type: "button" });
  Object.assign(button.dataset, { copyText: "words", copied: "Copied.", notCopied: "Not copied." });
  main.append(button);
  button.click();
}
"""


def test_a_fault_in_one_script_is_told_and_leaves_the_others_at_work(
    stage: Stage, page: Page, team: Team, watch: Watch
) -> None:
    watch.allowed.append("storage is forbidden")
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.add_init_script(_FORBIDDEN)
    open_form(stage, page)
    assert any("storage is forbidden" in fault for fault in faults)
    # What copies stands behind it in the same file.
    page.locator("main").evaluate(_COPY)
    expect(page.get_by_text(re.compile(r"^(Copied|Not copied)\.$"))).to_be_visible()
