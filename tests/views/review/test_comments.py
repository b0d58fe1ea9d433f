"""Comments on the review page, as a browser without script sees them, and what a script asks for."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tasks.commands.library.captions import cues_for
from tasks.commands.review.comments import delete_comment
from tasks.kinds import KINDS
from tasks.models import LONGEST_COMMENT, Comment, Membership, Verdict, Version
from tests.people import browser_of, make_stranger
from tests.reviewing import judge, know_frames, make_version, say, send
from tests.views.keeping import forget_all
from tests.views.rows import make_output, make_task

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(rita: Membership) -> Client:
    return browser_of(rita)


@pytest.fixture
def version(mark: Membership) -> Version:
    """Of 96 frames at 24 a second."""
    version = make_version(mark)
    know_frames(version)
    return version


def page(browser: Client, version: Version, **asked: str) -> str:
    return browser.get(reverse("review-page", args=[version.pk]), asked).content.decode()


def comment(browser: Client, version: Version, body: str = "The logo is too small.", **typed: object) -> Any:
    data = {"comment_id": uuid4(), "body": body, **typed}
    return browser.post(reverse("comment-add", args=[version.pk]), data)


def act(browser: Client, name: str, on: Comment, **typed: object) -> Any:
    return browser.post(reverse(f"comment-{name}", args=[on.pk]), typed)


@pytest.mark.parametrize(
    ("at", "until", "places"),
    [
        ("", "", (None, None)),
        ("75", "", (75, None)),
        ("00:03.12", "", (74, None)),
        ("48", "00:03:02", (48, 74)),
        ("95", "95", (95, None)),
    ],
)
def test_a_comment_stands_where_it_was_put_and_the_page_opens_there(
    at: str, until: str, places: tuple[int | None, int | None], browser: Client, version: Version
) -> None:
    answer = comment(browser, version, at=at, until=until)
    said = Comment.objects.get()
    assert (said.frame_in, said.frame_out) == places
    frame = f"f={places[0]}&" if places[0] is not None else ""
    here = f"{reverse('review-page', args=[version.pk])}?{frame}c={said.pk}#comment-{said.pk}"
    assert (answer.status_code, answer.url) == (303, here)
    shown = browser.get(here).content.decode()
    assert f'id="comment-{said.pk}"' in shown and "comment--chosen" in shown
    assert ("data-marker-frame" in shown) == bool(at)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"at": "96"}, "the last frame is 95, at 00:03:23"),
        ({"at": "0:04"}, "the last frame is 95, at 00:03:23"),
        ({"at": "10", "until": "99999999"}, "the last frame is 95"),
        ({"at": "-1"}, "Give a frame&#x27;s number, or a time such as 0:03.12."),
        ({"at": "10", "until": "9"}, "This lies before the beginning."),
        ({"at": "", "until": "9"}, "Say where it begins, too."),
        ({"at": "1" * 40}, "at most 20 characters"),
        ({"body": " \u200b "}, "Write something first."),
        ({"body": "a\x00b"}, "Null characters are not allowed."),
        ({"body": "x" * (LONGEST_COMMENT + 1)}, "at most 5000 characters"),
        ({"visibility": "nobody"}, "Select a valid choice."),
        ({"comment_id": "x"}, "Enter a valid UUID."),
    ],
)
def test_what_does_not_fit_is_told_at_the_field_and_what_was_typed_stays(
    typed: dict[str, str], said: str, browser: Client, version: Version
) -> None:
    answer = comment(browser, version, **({"body": "Keep this.", "at": "7"} | typed))
    shown = answer.content.decode()
    assert answer.status_code == 422 and said in shown
    assert "body" in typed or "Keep this." in shown
    assert not Comment.objects.exists()


def test_a_place_is_offered_where_there_is_time_alone(browser: Client, mark: Membership) -> None:
    unknown, picture, sound = (make_version(mark, role=role) for role in ("video", "image", "audio"))
    for version in (unknown, picture):
        assert 'name="at"' not in page(browser, version)
        comment(browser, version, at="3")
        assert version.comments.get().frame_in is None
    comment(browser, sound, at="0:03.12", until="4")
    said = sound.comments.get()
    assert (said.frame_in, said.frame_out) == (312, 400)
    assert "which is 0:04.00" in comment(browser, sound, at="4.01").content.decode()
    assert "0:03.12–0:04.00" in page(browser, sound)


DRAWN = (
    '{"v": 1, "strokes": [{"tool": "arrow", "colour": 0, "width": 60, "points": [[0, 0], [9000, 9000]]},'
    ' {"tool": "point", "colour": 1, "width": 60, "points": [[2500, 7500]]}]}'
)


def test_a_drawing_is_kept_with_its_comment_and_its_point_is_known(browser: Client, version: Version) -> None:
    assert comment(browser, version, at="3", drawing=DRAWN).status_code == 303
    said = version.comments.get()
    assert said.drawing and said.drawing["strokes"][0]["tool"] == "arrow"
    assert (said.x, said.y) == (2500, 7500)
    assert page(browser, version).count('<svg class="drawing"') == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"at": "3", "drawing": '{"v": 1}'}, "This is no drawing that can be kept."),
        ({"at": "3", "drawing": "x" * 70_000}, "This drawing is too large."),
        ({"drawing": DRAWN}, "Say which frame is drawn on."),
        ({"at": "3", "drawing": DRAWN, "body": ""}, "Write something first."),
    ],
)
def test_a_drawing_that_does_not_fit_is_told_and_nothing_is_kept(
    typed: dict[str, str], said: str, browser: Client, version: Version
) -> None:
    answer = comment(browser, version, **typed)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not Comment.objects.exists()


def test_a_picture_is_drawn_on_and_a_sound_is_not(browser: Client, mark: Membership) -> None:
    picture, sound = (make_version(mark, role=role) for role in ("image", "audio"))
    for version in (picture, sound):
        comment(browser, version, drawing=DRAWN)
    assert picture.comments.get().drawing and sound.comments.get().drawing is None


def test_the_longest_comment_may_have_line_ends_as_browsers_send_them(
    browser: Client, version: Version
) -> None:
    assert comment(browser, version, body="\r\n".join("x" * (LONGEST_COMMENT // 2))).status_code == 303
    assert "\r" not in Comment.objects.get().body


def test_words_of_any_kind_are_shown_as_they_are(browser: Client, version: Version) -> None:
    comment(browser, version, body="<b>قال</b> 你好 👩\u200d🎨 {{ x }}\nsecond line")
    shown = page(browser, version)
    assert "&lt;b&gt;قال&lt;/b&gt; 你好 👩\u200d🎨 {{ x }}<br>second line" in shown


def test_a_comment_is_answered_edited_resolved_reopened_and_deleted_without_script(
    browser: Client, version: Version, rita: Membership
) -> None:
    comment(browser, version)
    said = Comment.objects.get()
    act(browser, "reply", said, comment_id=uuid4(), body="And too low.")
    act(browser, "edit", said, body="The logo is far too small.")
    shown = page(browser, version)
    assert "far too small" in shown and "edited" in shown and "And too low." in shown
    act(browser, "resolve", said)
    said.refresh_from_db()
    assert said.resolved_by == rita.user and "Resolved" in page(browser, version)
    act(browser, "resolve", said, reopen="1")
    said.refresh_from_db()
    assert said.resolved_at is None
    answer = act(browser, "delete", said)
    assert answer.url == reverse("review-page", args=[version.pk])
    shown = page(browser, version)
    assert "This comment was deleted." in shown and "far too small" not in shown and "And too low." in shown
    act(browser, "delete", said.replies.get())
    assert "This comment was deleted." not in page(browser, version)


@pytest.mark.parametrize("name", ["reply", "edit"])
def test_a_refused_reply_or_change_stands_in_its_place(name: str, browser: Client, version: Version) -> None:
    comment(browser, version)
    answer = act(browser, name, Comment.objects.get(), comment_id=uuid4(), body="x" * (LONGEST_COMMENT + 1))
    shown = answer.content.decode()
    assert answer.status_code == 422 and "at most 5000 characters" in shown and "x" * LONGEST_COMMENT in shown
    assert re.search(rf"open>\s*<summary>{name.title()}", shown)


@pytest.mark.parametrize("name", ["reply", "edit", "delete", "resolve"])
def test_deleted_and_foreign_comments_are_not_there(
    name: str, browser: Client, version: Version, rita: Membership
) -> None:
    stranger = make_stranger()
    foreign, gone = say(make_version(stranger), stranger), say(version, rita)
    delete_comment(comment=gone, membership=rita)
    for one in (foreign, gone):
        assert act(browser, name, one, comment_id=uuid4(), body="x").status_code == 404
    assert Comment.objects.filter(body="x").count() == 0


def test_only_ones_own_comments_can_be_changed(browser: Client, version: Version, mark: Membership) -> None:
    theirs = say(version, mark)
    for name in ("edit", "delete"):
        assert reverse(f"comment-{name}", args=[theirs.pk]) not in page(browser, version)
        assert act(browser, name, theirs, body="x").status_code == 403


def test_comments_stand_in_the_order_of_the_film(
    browser: Client, version: Version, mark: Membership, rita: Membership
) -> None:
    judge(version, rita)
    for body, frame in (("general", None), ("late", 80), ("early", 0)):
        say(version, mark, f"It is {body}.", frame_in=frame)
    shown = page(browser, version)
    assert re.findall(r"It is (\w+)\.</p>", shown) == ["early", "late", "general"]


@pytest.mark.parametrize(("show", "kept"), [("", 2), ("open", 1), ("resolved", 1), ("odd", 2)])
def test_open_and_resolved_ones_can_be_shown_alone(
    show: str, kept: int, browser: Client, version: Version, mark: Membership
) -> None:
    say(version, mark)
    act(browser, "resolve", say(version, mark))
    shown = page(browser, version, show=show)
    assert shown.count('data-comment="') == kept
    assert f'show={show if show != "odd" else ""}"' in shown.replace("&amp;", "&")


def test_the_thread_is_sent_when_something_is_new_and_the_decision_with_it(
    browser: Client, version: Version, mark: Membership, rita: Membership
) -> None:
    thread = reverse("review-thread", args=[version.pk])
    version.refresh_from_db()
    page(browser, version)  # the session knows the workspace from then on
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(thread, {"seen": version.revision}).status_code == 204
    assert len(asked) == 3, "the session, the person, the revision"
    before = version.revision
    said = say(version, mark)
    answer = browser.get(thread, {"seen": before})
    shown = answer.content.decode()
    assert answer.status_code == 200 and f"comment-{said.pk}" in shown
    assert f'name="revision" value="{said.revision}"' in shown and 'id="comment-new"' not in shown
    assert f"seen={said.revision}" in shown
    judge(version, rita)
    shown = browser.get(thread, {"seen": said.revision}).content.decode()
    assert 'data-review="approved"' in shown and "Withdraw the approval" in shown
    rita.delete()
    assert browser.get(thread, {"seen": said.revision}).status_code == 404


def test_a_script_is_answered_with_the_thread_and_a_new_form(browser: Client, version: Version) -> None:
    data = {"comment_id": uuid4(), "body": "Larger."}
    answer = browser.post(reverse("comment-add", args=[version.pk]), data, headers=HTMX)
    shown = answer.content.decode()
    assert answer.status_code == 200 and "<html" not in shown and "Larger." in shown
    assert 'id="comment-new"' in shown and str(data["comment_id"]) not in shown.partition('id="thread"')[0]


def test_what_does_not_fit_any_more_is_told(browser: Client, version: Version, mark: Membership) -> None:
    taken = say(version, mark)
    data = {"comment_id": taken.pk, "body": "Larger."}
    url = reverse("comment-add", args=[version.pk])
    assert "in another place" in browser.post(url, data, headers=HTMX).headers["HX-Trigger"]
    assert "in another place" in browser.post(url, data, follow=True).content.decode()


def test_the_page_and_the_thread_ask_no_more_queries_for_more_comments(
    browser: Client, version: Version, mark: Membership, rita: Membership
) -> None:
    def queries(name: str) -> int:
        browser.get(reverse("review-page", args=[version.pk]))  # fills what is kept for all pages
        forget_all()
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(reverse(name, args=[version.pk])).status_code == 200
        return len(seen)

    def talk(times: int) -> None:
        for number in range(times):
            said = say(version, (mark, rita)[number % 2], f"Number {number}.", frame_in=number % 96)
            Comment.objects.create(
                workspace=version.workspace, version=version, author=rita.user, parent=said, body="Yes."
            )

    talk(5)
    before = {name: queries(name) for name in ("review-page", "review-thread")}
    talk(95)
    assert Comment.objects.count() == 200
    assert {name: queries(name) for name in before} == before


SCRIPT = "Meet the blue cup. It keeps tea warm for hours. Order it today."


@pytest.fixture
def spoken(mark: Membership) -> Version:
    """Of a film that was made by a script."""
    brief = {"schema": 1, "speech": "text", "script": SCRIPT}
    task = make_task(mark, kind=KINDS["video-avatar"], brief=brief)
    return send(make_output(task), mark)


def test_a_comment_is_about_a_sentence_of_the_script(
    browser: Client, spoken: Version, mark: Membership, rita: Membership
) -> None:
    page = browser.get(reverse("review-page", args=[spoken.pk])).content.decode()
    assert "2. It keeps tea warm for hours." in page
    add = reverse("comment-add", args=[spoken.pk])
    data = {"comment_id": uuid4(), "body": "Say for how many.", "sentence": "1"}
    assert browser.post(add, data).status_code == 303
    comment = Comment.objects.get()
    assert comment.sentence == 1
    quoted = (
        '<blockquote class="comment__sentence small" dir="auto">It keeps tea warm for hours.</blockquote>'
    )
    assert quoted in browser.get(reverse("review-page", args=[spoken.pk])).content.decode()
    judge(spoken, rita, Verdict.CHANGES)
    task = spoken.output.task
    form = browser_of(mark).get(f"{reverse('task-new', args=[task.kind])}?from={task.pk}").content.decode()
    assert "<mark>It keeps tea warm for hours.</mark>" in form and "<mark>Meet" not in form


@pytest.mark.parametrize("number", ["3", "-1", "x", "99999999999999999999"])
def test_a_sentence_that_there_is_not_is_refused(number: str, browser: Client, spoken: Version) -> None:
    data = {"comment_id": uuid4(), "body": "Say for how many.", "sentence": number}
    answer = browser.post(reverse("comment-add", args=[spoken.pk]), data)
    page = answer.content.decode()
    assert answer.status_code == 422 and "Choose a sentence of this version" in page
    assert "Say for how many." in page and not Comment.objects.exists()


def test_a_film_without_a_script_has_no_sentences_to_choose(browser: Client, version: Version) -> None:
    page = browser.get(reverse("review-page", args=[version.pk])).content.decode()
    assert 'name="sentence"' not in page


def test_a_comment_on_a_sound_leads_to_its_hundredth_of_a_second(browser: Client, mark: Membership) -> None:
    output = make_output(make_task(mark), role="audio", format="mp3", seconds=9.0)
    sound = send(output, mark)
    answer = comment(browser, sound, at="0:03.12", until="0:04.5")
    assert "?f=312&" in answer.url
    shown = browser.get(answer.url).content.decode()
    assert 'data-marker-frame="312" data-marker-out="450"' in shown


def test_a_comment_on_a_sentence_stands_where_the_sentence_begins(browser: Client, spoken: Version) -> None:
    know_frames(spoken)
    data = {"comment_id": uuid4(), "body": "Say for how many.", "sentence": "1"}
    assert browser.post(reverse("comment-add", args=[spoken.pk]), data).status_code == 303
    (_first, second, _third) = cues_for(spoken.output, spoken.blob)
    assert Comment.objects.get().frame_in == int(second.start * 24) > 0
