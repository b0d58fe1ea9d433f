"""Comments on the review page in real browsers: live for everyone, and never in anybody's way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tasks.commands.review.comments import delete_comment, resolve_comment
from tasks.models import FilmTiming, Identification, Version, Visibility
from tests.browser import Watch, guarded_context
from tests.end_to_end.stage import Stage, Team
from tests.media.samples import FRAMES_A_SECOND, make_video
from tests.people import make_blob
from tests.reviewing import judge, know_frames, make_version, say
from tests.sharing import address_of, share
from tests.views.rows import worker_is_alive

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

pytestmark = pytest.mark.browser

SECONDS = 4


@pytest.fixture
def team(stage: Stage) -> Team:
    worker_is_alive()
    return stage.make_team()


@pytest.fixture
def version(team: Team, tmp_path: Path) -> Version:
    """An upright film, sent by Mark."""
    return film_version(team, tmp_path, (90, 160))


def film_version(team: Team, folder: Path, size: tuple[int, int]) -> Version:
    film = make_video(folder / "film.mp4", SECONDS, size, audio=False)
    blob = make_blob(team.workspace, film.read_bytes(), "video/mp4")
    facts: dict[str, Any] = {"poster": None, "width": size[0], "height": size[1], "seconds": float(SECONDS)}
    version = make_version(team.mark, blob=blob, **facts)
    if not FilmTiming.objects.filter(blob=blob).exists():
        know_frames(version, frames=SECONDS * FRAMES_A_SECOND, rate=FRAMES_A_SECOND)
    return version


@pytest.fixture
def ritas(stage: Stage, team: Team, version: Version, context: BrowserContext, page: Page) -> Page:
    """Rita has the page open."""
    stage.sign_in(context, team.rita)
    return open_page(stage, page, version)


@pytest.fixture
def marks(stage: Stage, team: Team, version: Version, browser: Browser, watch: Watch) -> Iterator[Page]:
    """Mark has it open in a browser of his own."""
    with guarded_context(browser, watch) as context:
        stage.sign_in(context, team.mark)
        yield open_page(stage, context.new_page(), version)


def open_page(stage: Stage, page: Page, version: Version, asked: str = "") -> Page:
    page.goto(f"{stage.web_url}{reverse('review-page', args=[version.pk])}{asked}")
    return page


def box(page: Page) -> Locator:
    return page.locator("#comment-new textarea")


def test_a_comment_and_its_answer_appear_in_the_other_browser_by_the_next_poll(
    version: Version, ritas: Page, marks: Page
) -> None:
    box(ritas).fill("The logo is too small.")
    ritas.get_by_role("button", name="Comment", exact=True).click()
    expect(ritas.locator(".comment")).to_have_count(1)
    expect(box(ritas)).to_have_value("")
    said = marks.locator(".comment", has_text="The logo is too small.")
    expect(said).to_be_visible()
    said.locator("summary", has_text="Reply").click()
    expect(said.locator("[open] textarea")).to_be_focused()
    marks.keyboard.type("It is larger now.")
    marks.keyboard.press("Control+Enter")
    expect(ritas.get_by_text("It is larger now.")).to_be_visible()
    expect(said.locator("summary", has_text="Reply")).to_be_focused()
    assert version.comments.count() == 2


def test_what_somebody_is_writing_stays_while_the_thread_is_renewed(
    version: Version, team: Team, ritas: Page
) -> None:
    first = say(version, team.mark, "First.")
    thread = ritas.locator("#thread")
    reply = thread.locator(f"#comment-{first.pk}")
    reply.locator("summary", has_text="Reply").click()
    expect(reply.locator("[open] textarea")).to_be_focused()
    ritas.keyboard.type("I am still wri")
    box(ritas).fill("And another thing")
    video = ritas.locator("video")
    video.evaluate("(video) => { window.video = video; }")
    say(version, team.mark, "Second.")
    expect(thread.get_by_text("Second.")).to_be_visible()
    expect(reply.locator("[open] textarea")).to_have_value("I am still wri")
    expect(box(ritas)).to_have_value("And another thing")
    assert ritas.evaluate("() => window.video.isConnected")
    reply.locator("[open] textarea").focus()
    ritas.keyboard.type("ting.")
    ritas.keyboard.press("Control+Enter")
    expect(thread.locator(".review__words", has_text="I am still writing.")).to_be_visible()
    expect(box(ritas)).to_have_value("And another thing")


def test_a_reply_to_what_is_deleted_meanwhile_is_told_and_not_lost(
    version: Version, team: Team, ritas: Page, watch: Watch
) -> None:
    watch.allowed += ["status of 404", "Status Error Code 404"]
    first = say(version, team.mark, "First.")
    thread = ritas.locator("#thread")
    thread.locator("summary", has_text="Reply").click()
    expect(thread.locator("[open] textarea")).to_be_focused()
    ritas.keyboard.type("Which one?")
    say(version, team.mark, "Second.")
    delete_comment(comment=first, membership=team.mark)
    expect(thread.get_by_text("Second.")).to_be_visible()
    expect(thread.locator("[open] textarea")).to_have_value("Which one?")
    ritas.keyboard.press("Control+Enter")
    expect(ritas.get_by_text("What you wrote was not sent.")).to_be_visible()
    expect(thread.locator("[open] textarea")).to_have_value("Which one?")
    assert version.comments.count() == 2


def test_what_was_seen_can_be_decided_on_although_it_came_while_a_reason_was_typed(
    version: Version, team: Team, ritas: Page
) -> None:
    ritas.get_by_label("Reason").fill("Too dark at the end.")
    say(version, team.mark, "I made it brighter.")
    expect(ritas.get_by_text("I made it brighter.")).to_be_visible()
    expect(ritas.get_by_label("Reason")).to_have_value("Too dark at the end.")
    ritas.get_by_role("button", name="Request changes").click()
    expect(ritas.get_by_role("heading", name="Review")).to_be_visible()
    assert version.decisions.get().reason == "Too dark at the end."


def test_a_colleagues_decision_appears_and_a_typed_reason_is_not_lost(
    version: Version, team: Team, ritas: Page, watch: Watch
) -> None:
    watch.allowed.append("status of 409")
    ritas.get_by_label("Reason").fill("Too dark at the end.")
    ritas.get_by_role("button", name="Reject").focus()
    judge(version, team.alice)
    expect(ritas.locator("#version-state")).to_have_text("Approved")
    expect(ritas.locator("#decision")).to_contain_text("Alice")
    expect(ritas.get_by_label("Reason")).to_have_value("Too dark at the end.")
    ritas.get_by_role("button", name="Request changes").click()
    expect(ritas.get_by_role("heading", name="Nothing was decided")).to_be_visible()
    expect(ritas.get_by_text("Too dark at the end.")).to_be_visible()


def test_a_button_that_has_the_focus_says_what_it_does_after_a_colleagues_decision(
    stage: Stage, version: Version, team: Team, context: BrowserContext, page: Page
) -> None:
    stage.sign_in(context, team.alice)
    open_page(stage, page, version)
    page.get_by_role("button", name="Request changes").focus()
    judge(version, team.rita)
    expect(page.get_by_role("button", name="Withdraw the approval")).to_be_visible()
    expect(page.get_by_role("button", name="Request changes")).to_have_count(0)


def test_a_refused_comment_says_why_and_keeps_the_film_and_what_was_typed(
    version: Version, ritas: Page
) -> None:
    ritas.locator("video").evaluate("(video) => { window.video = video; }")
    box(ritas).fill("Too late.")
    ritas.get_by_label("From").fill("999")
    ritas.get_by_role("button", name="Comment", exact=True).click()
    expect(ritas.get_by_text("This lies beyond the end").first).to_be_visible()
    expect(box(ritas)).to_have_value("Too late.")
    assert ritas.evaluate("() => window.video.isConnected")
    ritas.get_by_label("From").fill("10")
    ritas.get_by_role("button", name="Comment", exact=True).click()
    expect(ritas.locator(".comment", has_text="Too late.")).to_be_visible()
    assert version.comments.get().frame_in == 10


def seek(page: Page, frame: int) -> None:
    ask = "(stage, frame) => stage.dispatchEvent(new CustomEvent('stage:seek', { detail: { frame } }))"
    page.locator("[data-stage]").evaluate(ask, frame)
    expect(page.locator("[data-stage]")).to_have_attribute("data-frame", str(frame))


def test_a_comment_takes_the_frame_that_is_shown_and_a_click_on_it_comes_back_there(
    version: Version, ritas: Page
) -> None:
    seek(ritas, 17)
    ritas.keyboard.press("c")
    expect(box(ritas)).to_be_focused()
    ritas.keyboard.type("The logo is too small.")
    expect(ritas.get_by_label("From", exact=True)).to_have_value("17")
    seek(ritas, 30)
    ritas.get_by_role("button", name="End at the frame that is shown").click()
    box(ritas).press("Control+Enter")
    said = ritas.locator(".comment", has_text="The logo is too small.")
    expect(said).to_contain_text("00:01:05–00:02:06")
    comment = version.comments.get()
    assert (comment.frame_in, comment.frame_out) == (17, 30)
    expect(ritas.locator(".stage__marker")).to_have_count(1)
    expect(ritas.get_by_label("From", exact=True)).to_have_value("")
    seek(ritas, 5)
    said.locator(".review__words").click()
    expect(ritas.locator("[data-stage]")).to_have_attribute("data-frame", "17")
    assert f"f=17&c={comment.pk}" in ritas.url


def test_keys_go_from_comment_to_comment_and_can_be_switched_off(
    stage: Stage, version: Version, team: Team, ritas: Page
) -> None:
    for frame in (40, 10, 25):
        say(version, team.mark, f"At {frame}.", frame_in=frame)
    open_page(stage, ritas, version)
    ritas.locator("h1").click()
    for key, frame in (("n", 10), ("n", 25), ("n", 40), ("n", 40), ("p", 25)):
        ritas.keyboard.press(key)
        expect(ritas.locator("[data-stage]")).to_have_attribute("data-frame", str(frame))
        expect(ritas.locator(".comment--chosen")).to_contain_text(f"At {frame}.")
    say(version, team.mark, "One more.")
    expect(ritas.get_by_text("One more.")).to_be_visible()
    expect(ritas.locator(".comment--chosen")).to_contain_text("At 25.")
    ritas.evaluate("() => { document.documentElement.dataset.shortcuts = 'off'; }")
    ritas.keyboard.press("n")
    ritas.keyboard.press("c")
    expect(ritas.locator(".comment--chosen")).to_contain_text("At 25.")
    ritas.get_by_role("button", name="Next comment").click()
    expect(ritas.locator(".comment--chosen")).to_contain_text("At 40.")


def test_a_members_name_is_completed_and_that_member_is_mentioned(
    version: Version, team: Team, ritas: Page
) -> None:
    box(ritas).press_sequentially("Look, @al")
    expect(ritas.locator("#mentions li")).to_have_text(["Alice"])
    ritas.keyboard.press("Enter")
    expect(box(ritas)).to_have_value("Look, @Alice ")
    ritas.keyboard.type("and @")
    expect(ritas.locator("#mentions li")).to_have_text(["Alice", "Mark", "Rita"])
    ritas.keyboard.press("Escape")
    expect(ritas.locator("#mentions li")).to_have_count(0)
    ritas.keyboard.press("Control+Enter")
    expect(ritas.locator(".comment")).to_have_count(1)
    assert list(version.comments.get().mentions.all()) == [team.alice.user]


def test_an_own_comment_is_changed_resolved_and_deleted_without_leaving_the_film(
    stage: Stage, version: Version, team: Team, ritas: Page
) -> None:
    say(version, team.rita, "The logo is to small.", frame_in=10)
    open_page(stage, ritas, version)
    ritas.locator("video").evaluate("(video) => { window.video = video; }")
    comment = ritas.locator(".comment")
    for old, new in (("to small", "too small"), ("too small", "far too small")):
        comment.locator("summary", has_text="Edit").click()
        words = comment.locator("[open] textarea")
        expect(words).to_have_value(f"The logo is {old}.")
        words.fill(f"The logo is {new}.")
        words.press("Control+Enter")
        expect(comment.locator(".review__words")).to_have_text(f"The logo is {new}.")
        expect(comment.locator("[open]")).to_have_count(0)
    expect(comment).to_contain_text("edited")
    comment.get_by_role("button", name="Resolve").click()
    expect(comment).to_contain_text("Resolved")
    expect(comment.get_by_role("button", name="Reopen")).to_be_focused()
    ritas.keyboard.press("Enter")
    expect(comment).not_to_contain_text("Resolved")
    comment.get_by_role("button", name="Delete").click()
    ritas.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(ritas.get_by_text("Nobody has said anything yet.")).to_be_visible()
    expect(ritas.locator(".stage__marker")).to_have_count(0)
    assert ritas.evaluate("() => window.video.isConnected")


def test_open_comments_alone_are_shown_without_leaving_the_film(
    stage: Stage, version: Version, team: Team, ritas: Page
) -> None:
    for body in ("Open one.", "Done one."):
        said = say(version, team.mark, body)
    resolve_comment(comment=said, membership=team.mark)
    open_page(stage, ritas, version)
    ritas.locator("video").evaluate("(video) => { window.video = video; }")
    ritas.get_by_role("link", name="Open", exact=True).click()
    expect(ritas.locator(".comment")).to_have_text([re.compile("Open one.")])
    say(version, team.mark, "Another one.")
    expect(ritas.get_by_text("Another one.")).to_be_visible()
    expect(ritas.get_by_text("Done one.")).to_have_count(0)
    assert ritas.evaluate("() => window.video.isConnected")


def test_a_guest_is_led_to_the_frame_and_its_drawing_and_keeps_what_is_typed(
    stage: Stage, version: Version, team: Team, page: Page
) -> None:
    drawn = {"tool": "box", "colour": 1, "width": 60, "points": [[1000, 1000], [9000, 5000]]}
    everyone = Visibility.EVERYONE
    said = say(
        version, team.mark, "Here.", frame_in=12, drawing={"v": 1, "strokes": [drawn]}, visibility=everyone
    )
    link = share(team.mark, version, may_comment=True, identification=Identification.NAME)
    page.goto(stage.web_url + address_of(link))
    page.get_by_role("button", name="Open", exact=True).click()
    page.get_by_label("Your name").fill("Gloria Gast")
    page.get_by_role("button", name="Go on", exact=True).click()
    comment = page.locator(f"#comment-{said.pk}")
    expect(page.locator(".stage__marker")).to_have_count(1)
    address = page.url
    comment.locator(".review__words").click()
    expect(page.locator("[data-stage]")).to_have_attribute("data-frame", "12")
    assert page.url == address
    comment.locator("summary").click()
    comment.locator("textarea").fill("Half a sentence")
    say(version, team.mark, "And here.", visibility=everyone)
    expect(page.get_by_text("And here.")).to_be_visible()
    expect(comment.locator("textarea")).to_have_value("Half a sentence")
    expect(comment.locator(".drawing")).to_be_visible()


# Width and height of the film, and of the window: the picture fills its stage in each of them differently.
SHAPES = [
    ((90, 160), (1440, 900)),
    ((160, 90), (1440, 900)),
    ((90, 160), (390, 844)),
    ((160, 160), (900, 500)),
]
# Where what is drawn lies in parts of the picture.
_PLACES = """
(name) => {
  const picture = document.querySelector(".stage__media").getBoundingClientRect();
  return [...document.querySelector(name).children].map((one) => {
    const { left, top, right, bottom } = one.getBoundingClientRect();
    const [x, y] = [(at) => (at - picture.left) / picture.width, (at) => (at - picture.top) / picture.height];
    return [x(left), y(top), x(right), y(bottom)].map((part) => Math.round(part * 500) / 500);
  });
}
"""


@pytest.mark.parametrize(("film", "window"), SHAPES, ids=str)
def test_a_drawing_lies_where_it_was_drawn_whatever_the_shape_of_the_stage(
    film: tuple[int, int],
    window: tuple[int, int],
    stage: Stage,
    team: Team,
    context: BrowserContext,
    page: Page,
    tmp_path: Path,
) -> None:
    version = film_version(team, tmp_path, film)
    stage.sign_in(context, team.rita)
    page.set_viewport_size({"width": window[0], "height": window[1]})
    open_page(stage, page, version)
    seek(page, 12)
    page.keyboard.press("d")
    for tool, ends in (
        ("Box", ((0.2, 0.25), (0.6, 0.5))),
        ("Arrow", ((0.9, 0.9), (0.7, 0.6))),
        ("Point", ((0.1, 0.9),)),
    ):
        page.get_by_role("button", name=tool, exact=True).click()
        drag(page, *ends)
    drawn = page.evaluate(_PLACES, ".drawing-layer--on")
    box(page).fill("Here.")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".comment .drawing")).to_be_visible()
    comment = version.comments.get()
    assert comment.frame_in == 12 and comment.drawing
    corners = comment.drawing["strokes"][0]["points"]
    assert [[round(part / 100) for part in point] for point in corners] == [[20, 25], [60, 50]]
    # Looked at in a window of another shape.
    page.set_viewport_size({"width": 1100, "height": 620})
    open_page(stage, page, version, f"?f=12&c={comment.pk}")
    expect(page.locator("[data-stage]")).to_have_attribute("data-frame", "12")
    shown = page.evaluate(_PLACES, ".drawing-layer")
    near = [
        abs(one - other)
        for ours, theirs in zip(drawn, shown, strict=True)
        for one, other in zip(ours, theirs, strict=True)
    ]
    assert len(shown) == 3 and max(near) <= 0.02, (drawn, shown)
    page.keyboard.press(".")
    expect(page.locator(".drawing-layer").first).to_be_hidden()


def drag(page: Page, *ends: tuple[float, float]) -> None:
    """Press at the first end and let go at the last, in parts of the picture."""
    picture = page.locator("[data-stage-picture]")
    picture.scroll_into_view_if_needed()
    area = picture.bounding_box()
    assert area
    places = [(area["x"] + x * area["width"], area["y"] + y * area["height"]) for x, y in ends]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[-1], steps=4)
    page.mouse.up()
