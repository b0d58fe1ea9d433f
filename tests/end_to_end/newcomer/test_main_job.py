"""The main job, as a newcomer does it: `make run`, sign in, order, watch, play, download."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tasks.commands.operations.demo import DEMO_PASSWORD
from tests.end_to_end.film import watch_film
from tests.end_to_end.looks import assert_well_made
from tests.end_to_end.person import (
    PATIENCE,
    choose,
    choose_product,
    create_video,
    drop_file,
    holds,
    listen,
    open_picker,
    sign_in,
    states_seen,
    take_notes,
    wait_for_state,
)
from tests.newcomer import Portal, wait_for_sample
from tests.parts import ROOT, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PORTRAIT = ROOT / "tasks" / "kinds" / "demo" / "portrait.png"
# The words of a task's state, in the order in which they may appear.
ORDER = ["Queued", "Preparing", "Submitting", "Running", "Finished"]


def begin(page: Page, portal: Portal) -> None:
    """Signed in as the demo's marketer, with the form of a talking avatar open."""
    take_notes(page)
    sign_in(page, portal.address, "marketer@example.com", DEMO_PASSWORD)
    choose_product(page, "Talking avatar")


def watch_it_finish(page: Page) -> None:
    """The page moves from state to state by itself."""
    opened: list[str] = []
    page.on("framenavigated", lambda frame: opened.append(frame.url))
    wait_for_state(page, "Finished")
    expect(page.locator(".result video")).to_be_visible(timeout=PATIENCE)
    seen = states_seen(page)
    assert len(seen) > 1
    assert seen == [word for word in ORDER if word in seen]
    assert opened == [], "the page was loaded again"


def play_and_download(page: Page, portal: Portal) -> None:
    """What is kept, what is played and what is downloaded are one."""
    task_id = page.url.rstrip("/").rpartition("/")[2].replace("-", "")
    query = (
        "SELECT blob.sha256, blob.file, output.seconds, output.width, output.height "
        "FROM tasks_output output JOIN tasks_blob blob ON blob.id = output.blob_id WHERE output.task_id = ?"
    )
    [(digest, name, seconds, width, height)] = portal.rows(query, task_id)
    viewing = watch_film(page.locator(".result video"))
    assert abs(viewing.seconds - seconds) < 0.2
    assert (viewing.width, viewing.height) == (width, height)
    assert viewing.contrast > 40, "the picture is of one colour"

    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    content = Path(download.value.path()).read_bytes()
    assert hashlib.sha256(content).hexdigest() == digest
    assert hashlib.sha256((portal.var / "media" / name).read_bytes()).hexdigest() == digest
    page.get_by_role("heading", name="Details").click()
    assert digest[:12] in page.locator("#task-details").inner_text()
    assert re.fullmatch(r"good-morning[a-z-]*\.mp4", download.value.suggested_filename)


def test_an_uploaded_portrait_becomes_a_video_to_play_and_download(page: Page, portal: Portal) -> None:
    begin(page, portal)
    page.get_by_role("radio", name="My photo").check()
    drop_file(page, "Photo", PORTRAIT, "image/png", name="our speaker.png")
    expect(holds(page, "Photo")).to_have_text("our speaker.png")
    page.get_by_role("textbox", name="Script").fill("Good morning, team.")
    choose(open_picker(page, "Voice"), "Harbor")
    assert_well_made(page, "the form, filled in")

    create_video(page)
    watch_it_finish(page)
    play_and_download(page, portal)
    assert_well_made(page, "a finished task")


def test_a_public_avatar_found_in_the_picker_becomes_a_video(page: Page, portal: Portal) -> None:
    wait_for_sample(portal, "Harbor")
    begin(page, portal)
    dialog = open_picker(page, "Avatar")
    everybody = dialog.locator("[data-pick]").count()
    dialog.get_by_label("Gender").select_option("Male")
    dialog.get_by_role("searchbox").fill("omar")
    expect(dialog.locator("[data-pick]")).to_have_count(1)
    assert everybody > 1
    assert_well_made(page, "the picker of avatars")
    choose(dialog, "Omar in the courtyard")
    expect(holds(page, "Avatar")).to_have_text("Omar in the courtyard")

    page.get_by_role("textbox", name="Script").fill("Good morning from the courtyard.")
    dialog = open_picker(page, "Voice")
    listen(page, dialog, "Harbor")
    choose(dialog, "Harbor")

    create_video(page)
    watch_it_finish(page)
    play_and_download(page, portal)


def test_a_reviewer_sees_plays_and_downloads_but_cannot_spend(page: Page, portal: Portal) -> None:
    finished = "SELECT count(*) FROM tasks_task WHERE status = 'succeeded'"
    wait_until(lambda: portal.rows(finished) != [(0,)], seconds=90, what="the demo's video")
    sign_in(page, portal.address, "reviewer@example.com", DEMO_PASSWORD, begins="Review")
    page.get_by_role("link", name="Tasks").click()
    expect(page.get_by_role("link", name="New video")).to_have_count(0)
    page.get_by_role("link", name=re.compile("Hello, and welcome")).click()
    watch_film(page.locator(".result video"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.endswith(".mp4")
    expect(page.get_by_role("main").locator("form")).to_have_count(0)
    expect(page.get_by_role("link", name="Duplicate")).to_have_count(0)
