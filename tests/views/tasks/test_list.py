"""The task list: filters, paging, the poll, and what a row says."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tasks.forms.tasks.filters import STATUS_GROUPS, TaskFilter
from tasks.models import Membership, OutputState, Status, Task, User
from tests.people import browser_of
from tests.views.rows import COUNTING, PICKING, make_file, make_output, make_task, make_tasks

pytestmark = pytest.mark.postgres

LIST, ROWS = reverse("task-list"), reverse("task-rows")


def titles(page: str) -> list[str]:
    return re.findall(r'<a class="task__title"[^>]*>([^<]*)</a>', page)


def poll_url(page: str) -> str:
    found = re.search(r'id="task-rows" hx-get="([^"]+)"', page)
    assert found, "the page does not poll"
    return found[1].replace("&amp;", "&")


def link(page: str, rel: str) -> str | None:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    return found[1].replace("&amp;", "&") if found else None


def read(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def queries(act: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as seen:
        act()
    return len(seen)


def test_the_root_leads_to_the_list(mark: Membership) -> None:
    assert browser_of(mark).get("/").headers["Location"] == LIST


def test_tasks_stand_newest_first(mark: Membership) -> None:
    now = timezone.now()
    for age in (3, 1, 2):
        make_task(mark, title=f"{age} days old", created_at=now - timedelta(days=age))
    assert titles(read(browser_of(mark), LIST)) == ["1 days old", "2 days old", "3 days old"]


def test_another_workspaces_tasks_are_not_shown(mark: Membership, stefan: Membership) -> None:
    make_task(stefan, title="Secret plans")
    assert "Secret plans" not in read(browser_of(mark), LIST)


def test_a_title_is_escaped(mark: Membership) -> None:
    make_task(mark, title="<script>alert(1)</script>")
    page = read(browser_of(mark), LIST)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_row_says_why_a_task_failed(mark: Membership) -> None:
    make_task(mark, status=Status.FAILED, reason="No face was found.")
    assert "No face was found." in read(browser_of(mark), LIST)


def test_a_moving_row_says_how_long_such_a_task_usually_takes(mark: Membership) -> None:
    make_task(mark, status=Status.RUNNING)
    assert "usually 3 min" in read(browser_of(mark), LIST)


def test_the_usual_time_is_the_median_of_the_workspaces_own_past(mark: Membership) -> None:
    at = timezone.now() - timedelta(hours=1)
    for seconds in (60, 600, 6000):
        make_task(mark, created_at=at, finished_at=at + timedelta(seconds=seconds))
    make_task(mark, status=Status.RUNNING)
    assert "usually 10 min" in read(browser_of(mark), LIST)


def test_a_thumbnail_is_the_first_saved_output(mark: Membership) -> None:
    task = make_task(mark)
    make_output(task, position=1)
    first = make_output(task, position=0)
    assert f"/outputs/{first.pk}/poster/" in read(browser_of(mark), LIST)


def test_before_there_is_an_output_the_thumbnail_is_the_first_input(mark: Membership) -> None:
    upload = make_file(mark)
    task = make_task(mark, status=Status.RUNNING)
    task.uploads.add(upload)
    assert f"/uploads/{upload.pk}/poster/" in read(browser_of(mark), LIST)


def test_a_status_filter_keeps_only_its_tasks(mark: Membership) -> None:
    make_task(mark, title="done")
    make_task(mark, title="moving", status=Status.RUNNING)
    make_task(mark, title="lost", status=Status.UNKNOWN)
    client = browser_of(mark)
    assert titles(read(client, f"{LIST}?status=moving")) == ["moving"]
    assert titles(read(client, f"{LIST}?status=attention")) == ["lost"]
    assert titles(read(client, f"{LIST}?status=finished")) == ["done"]


def test_a_kind_filter_keeps_only_its_tasks(mark: Membership) -> None:
    make_task(mark, title="one", kind=COUNTING)
    make_task(mark, title="other", kind=PICKING)
    assert titles(read(browser_of(mark), f"{LIST}?kind={PICKING.slug}")) == ["other"]


def test_the_poll_keeps_the_filters(mark: Membership) -> None:
    make_task(mark, title="done")
    make_task(mark, title="moving", status=Status.RUNNING)
    client = browser_of(mark)
    url = poll_url(read(client, f"{LIST}?status=finished"))
    assert titles(read(client, re.sub("seen=[^&]*", "seen=x", url))) == ["done"]


def test_nothing_that_fits_is_said_and_leads_back(mark: Membership) -> None:
    make_task(mark)
    page = read(browser_of(mark), f"{LIST}?status=failed")
    assert "No task matches" in page


def test_an_empty_list_offers_the_first_video_to_those_who_may_make_it(
    mark: Membership, rita: Membership
) -> None:
    assert "Make your first video" in read(browser_of(mark), LIST)
    page = read(browser_of(rita), LIST)
    assert "Make your first video" not in page
    assert "No videos yet" in page


@pytest.mark.parametrize(
    "query",
    [
        "status=nonsense",
        "kind=../etc",
        "before=x",
        "before=2026_1",
        "after=%00",
        "before=99999999T000000.0_1",
        "seen=",
    ],
)
def test_garbage_in_the_address_shows_the_first_page(mark: Membership, query: str) -> None:
    make_task(mark, title="here")
    client = browser_of(mark)
    assert titles(read(client, f"{LIST}?{query}")) == ["here"]
    assert titles(read(client, f"{ROWS}?{query}")) == ["here"]


def test_pages_follow_each_other_without_gaps_or_duplicates(mark: Membership) -> None:
    at = timezone.now()
    # Many of one moment: the cursor must tell rows apart that were made at the same time.
    make_tasks(mark, [at - timedelta(seconds=number // 40) for number in range(120)])
    client, seen, url = browser_of(mark), [], LIST
    while url:
        page = read(client, url)
        seen += titles(page)
        url = link(page, "next") or ""
    assert len(seen) == 120
    assert len(set(seen)) == 120


@pytest.mark.parametrize("filters", ["", "?status=moving", "?status=finished"])
def test_newer_leads_back_the_way_one_came(mark: Membership, filters: str) -> None:
    at = timezone.now()
    status = Status.RUNNING if "moving" in filters else Status.SUCCEEDED
    make_tasks(mark, [at - timedelta(seconds=number) for number in range(120)], status=status)
    client, first = browser_of(mark), LIST + filters
    second = read(client, link(read(client, first), "next") or "")
    third = read(client, link(second, "next") or "")
    back = read(client, link(third, "prev") or "")
    assert len(titles(third)) == 20
    assert titles(back) == titles(second)
    assert titles(read(client, link(back, "prev") or "")) == titles(read(client, first))


BY_STATUS = "task_list_by_status (workspace_id=? AND status=?)"


@pytest.mark.parametrize("name", STATUS_GROUPS)
def test_a_status_is_looked_up_and_not_searched_for_in_the_whole_list(mark: Membership, name: str) -> None:
    rows = TaskFilter(status=name).apply(Task.objects.filter(workspace=mark.workspace))
    plan = rows[:50].explain()
    index = {"attention": "task_list_of_attention (workspace_id=?)"}.get(name, BY_STATUS)
    assert connection.vendor != "sqlite" or index in plan


def test_only_the_first_page_polls(mark: Membership) -> None:
    at = timezone.now()
    make_tasks(mark, [at - timedelta(seconds=number) for number in range(60)])
    client = browser_of(mark)
    first = read(client, LIST)
    assert poll_url(first)
    assert 'hx-trigger="every' not in read(client, link(first, "next") or "")


def test_a_list_in_which_something_moves_polls_often_and_a_quiet_one_seldom(mark: Membership) -> None:
    client = browser_of(mark)
    make_task(mark)
    assert 'hx-trigger="every 30s"' in read(client, LIST)
    make_task(mark, status=Status.RUNNING)
    assert 'hx-trigger="every 3s"' in read(client, LIST)


def test_an_unchanged_poll_answers_204_with_one_query_beside_session_and_user(
    mark: Membership, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        make_task(mark, status=Status.RUNNING)
    client = browser_of(mark)
    url = poll_url(read(client, LIST))
    with django_assert_num_queries(3):
        answer = client.get(url)
    assert answer.status_code == 204
    assert answer.content == b""


@pytest.mark.parametrize("query", ["status=failed", "status=moving", "kind=", "status=moving&kind="])
def test_a_filtered_list_that_is_unchanged_answers_204_too(mark: Membership, query: str) -> None:
    query = query.replace("kind=", f"kind={COUNTING.slug}")
    make_task(mark, status=Status.FAILED)
    running = make_task(mark, status=Status.RUNNING)
    make_task(mark, status=Status.RUNNING, kind=PICKING)
    client = browser_of(mark)
    url = poll_url(read(client, f"{LIST}?{query}"))
    assert client.get(url).status_code == 204
    running.submissions.get().advance(Status.FAILED, cause="failed")
    assert client.get(url).status_code == 200


def test_a_poll_shows_the_rows_once_one_of_them_changed(mark: Membership) -> None:
    task = make_task(mark, title="first title")
    client = browser_of(mark)
    url = poll_url(read(client, LIST))
    assert client.get(url).status_code == 204
    Task.objects.filter(pk=task.pk).update(title="second title")
    task.touch()
    assert titles(read(client, url)) == ["second title"]


def test_a_poll_shows_a_colleagues_new_task(mark: Membership, alice: Membership) -> None:
    make_task(mark)
    client = browser_of(mark)
    url = poll_url(read(client, LIST))
    make_task(alice, title="Alice's")
    assert "Alice&#x27;s" in read(client, url)


def test_a_fragment_is_no_whole_page(mark: Membership) -> None:
    make_task(mark)
    page = read(browser_of(mark), ROWS)
    assert "<html" not in page
    assert page.strip().startswith('<div class="stack" id="task-rows"')


def test_a_poll_of_someone_who_was_signed_out_leads_to_sign_in(client: Client, db: None) -> None:
    page = f"http://testserver{LIST}?status=failed"
    answer = client.get(ROWS, headers={"HX-Request": "true", "HX-Current-URL": page})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == f"{reverse('account_login')}?next={LIST}%3Fstatus%3Dfailed"


def test_a_session_that_names_a_workspace_one_has_left_shows_none_of_its_tasks(
    mark: Membership, stefan: Membership
) -> None:
    make_task(stefan, title="Secret plans")
    client = browser_of(mark)
    session = client.session
    session["workspace"] = str(stefan.workspace_id)
    session.save()
    assert "Secret plans" not in client.get(ROWS).content.decode()


def test_more_rows_need_no_more_queries(mark: Membership) -> None:
    client = browser_of(mark)

    def add(count: int) -> None:
        for number in range(count):
            task = make_task(mark, status=list(Status)[number % len(Status)])
            task.uploads.add(make_file(mark, name=f"{uuid4()}.png"))
            make_output(task, state=[OutputState.SAVED, OutputState.WAITING][number % 2])
            make_task(mark, kind=PICKING, status=Status.RUNNING, brief={"schema": 1, "avatar": f"a{number}"})

    def redraw() -> None:
        client.get(LIST)  # what the frame keeps for a few seconds is kept from now on
        Task.objects.update(revision=F("revision") + 1)

    add(4)
    redraw()
    few = queries(lambda: client.get(LIST))
    add(16)
    redraw()
    assert queries(lambda: client.get(LIST)) == few


def test_rows_that_did_not_change_are_not_read_again(
    mark: Membership, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        make_task(mark, status=Status.RUNNING)
    client = browser_of(mark)
    client.get(LIST)
    with django_assert_max_num_queries(4):  # session, user, memberships, and where the rows stand
        client.get(LIST)


def test_each_reads_times_in_their_own_zone(mark: Membership, alice: Membership) -> None:
    make_task(mark, created_at=datetime(2026, 1, 2, 23, 30, tzinfo=UTC))
    User.objects.filter(pk=alice.user_id).update(time_zone="Europe/Berlin")
    assert 'title="2026-01-02 23:30"' in read(browser_of(mark), LIST)
    assert 'title="2026-01-03 00:30"' in read(browser_of(alice), LIST)


def test_upright_films_have_upright_thumbnails_so_that_faces_are_whole(mark: Membership) -> None:
    for title, width, height in (("Upright", 720, 1280), ("Broad", 1280, 720)):
        make_output(make_task(mark, title=title), width=width, height=height)
    page = read(browser_of(mark), LIST)
    rows = {title: page[: page.index(f">{title}</a>")].rpartition("<li")[2] for title in ("Upright", "Broad")}
    assert "frame--tall" in rows["Upright"]
    assert "frame--tall" not in rows["Broad"]
