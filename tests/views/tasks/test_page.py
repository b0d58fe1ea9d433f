"""The page of one task: every state has words, and its live part asks until nothing changes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tasks.causes import Cause
from tasks.commands.submissions.remarks import remark
from tasks.kinds import KINDS
from tasks.kinds.base import TaskKind
from tasks.models import Candidate, EvidenceKind, Membership, OutputState, RemoteFile, Status, Task
from tasks.topview.outcomes import OUTCOMES
from tasks.views.tasks.parts.activity import WORDS
from tests.people import browser_of
from tests.views.rows import PICKING, fill_catalog, make_file, make_output, make_submission, make_task


def show(member: Membership, task: Task) -> str:
    answer = browser_of(member).get(reverse("task-page", args=[task.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def poll_url(page: str) -> str:
    found = re.search(r'id="task-live" hx-get="([^"]+)"', page)
    return found[1].replace("&amp;", "&") if found else ""


def actions(page: str) -> set[str]:
    return set(re.findall(r'action="/submissions/[^/]+/([a-z]+)/"', page))


def test_another_workspaces_task_is_not_found(mark: Membership, stefan: Membership) -> None:
    task = make_task(stefan)
    client = browser_of(mark)
    assert client.get(reverse("task-page", args=[task.pk])).status_code == 404
    assert client.get(reverse("task-live", args=[task.pk])).status_code == 404


@pytest.mark.parametrize("status", list(Status))
def test_every_state_has_a_page(mark: Membership, status: Status) -> None:
    assert "Activity" in show(mark, make_task(mark, status=status, reason="Some reason."))


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        (Status.QUEUED, {"cancel"}),
        (Status.PREPARING, {"cancel"}),
        (Status.SUBMITTING, set()),
        (Status.RUNNING, {"stop"}),
        (Status.STOPPED, {"leave"}),
        (Status.SUCCEEDED, set()),
        (Status.FAILED, {"again"}),
        (Status.REFUSED, {"again"}),
        (Status.CANCELLED, set()),
        (Status.UNKNOWN, {"adopt", "abandon"}),
        (Status.ABANDONED, {"again"}),
    ],
)
def test_a_state_offers_what_is_safe_and_nothing_else(
    mark: Membership, status: Status, offered: set[str]
) -> None:
    assert actions(show(mark, make_task(mark, status=status))) == offered


@pytest.mark.parametrize("status", list(Status))
def test_a_reviewer_sees_everything_but_no_button_that_spends(
    mark: Membership, rita: Membership, status: Status
) -> None:
    task = make_task(mark, status=status, reason="Some reason.")
    page = show(rita, task)
    assert actions(page) == set()
    assert reverse("task-new", args=[task.kind]) not in page


def test_a_step_that_costs_is_confirmed_first(mark: Membership) -> None:
    page = show(mark, make_task(mark, status=Status.FAILED, accepted_at=timezone.now()))
    assert re.search(r'/again/" data-confirm="This starts a new paid task', page)


def test_the_reason_is_shown_and_escaped(mark: Membership) -> None:
    page = show(mark, make_task(mark, status=Status.REFUSED, reason="<i>bad</i> words"))
    assert "&lt;i&gt;bad&lt;/i&gt; words" in page
    assert "Nothing was charged." in page


def test_an_unknown_outcome_says_that_it_is_never_sent_again_by_itself(mark: Membership) -> None:
    page = show(mark, make_task(mark, status=Status.UNKNOWN))
    assert "never sends it a second time by itself" in page
    assert "TopView&#x27;s own list of tasks" in page


def test_the_answers_of_the_form_are_shown(mark: Membership) -> None:
    upload = make_file(mark, name="cup.png")
    brief = {
        "schema": 1,
        "image": str(upload.pk),
        "prompt": "It <turns>.",
        "mode": "lite",
        "duration": "5",
        "count": "2",
    }
    task = make_task(mark, brief=brief)
    task.uploads.add(upload)
    page = show(mark, task)
    assert "cup.png" in page
    assert "It &lt;turns&gt;." in page
    assert "5 seconds" in page


def test_what_was_picked_has_its_name(mark: Membership) -> None:
    task = make_task(
        mark, kind=PICKING, brief={"schema": 1, "person": "public", "avatar": "avatars-0", "speech": "text"}
    )
    fill_catalog(task.credential, "avatars", [("Nadia at the desk", {})])
    assert "Nadia at the desk" in show(mark, task)


def test_a_saved_output_has_a_player_a_download_and_its_facts(mark: Membership) -> None:
    task = make_task(mark, cost=Decimal("12.50"), remote_id="abc123")
    output = make_output(task)
    page = show(mark, task)
    assert re.search(rf'<video id="video-{output.pk}"[^>]*preload="none" poster="/outputs/', page)
    assert f"/outputs/{output.pk}/file/?download=1" in page
    assert output.blob is not None
    assert output.blob.sha256[:12] in page
    assert "12.5 credits" in page
    assert "abc123" in page


@pytest.mark.parametrize(
    ("status", "facts", "words"),
    [
        (Status.REFUSED, {}, "nothing was charged"),
        (Status.CANCELLED, {}, "nothing was charged"),
        (Status.FAILED, {}, "nothing was charged"),
        (Status.FAILED, {"accepted_at": timezone.now()}, "not known yet"),
        (Status.UNKNOWN, {}, "not known yet"),
        (Status.QUEUED, {}, "not known yet"),
        (Status.REFUSED, {"cost": Decimal("2")}, "2 credits"),
    ],
)
def test_what_never_got_to_topview_cost_nothing(
    mark: Membership, status: Status, facts: dict[str, Any], words: str
) -> None:
    page = show(mark, make_task(mark, status=status, **facts))
    cost = re.search(r"<dt>Cost</dt><dd>(.*?)</dd>", page)
    assert cost and words in cost[1]


def test_the_credential_is_masked(mark: Membership) -> None:
    assert "••••cdef" in show(mark, make_task(mark))


def test_an_output_that_is_being_saved_says_so_and_the_page_goes_on_asking(mark: Membership) -> None:
    task = make_task(mark)
    make_output(task, state=OutputState.SAVING)
    page = show(mark, task)
    assert "saving a copy here" in page
    assert poll_url(page)


def test_a_lost_output_can_be_saved_again(mark: Membership, rita: Membership) -> None:
    task = make_task(mark)
    output = make_output(task, state=OutputState.LOST, error="The link was dead.")
    again = reverse("output-retry-save", args=[output.pk])
    assert "The link was dead." in show(mark, task)
    assert again in show(mark, task)
    assert again not in show(rita, task)


def test_a_finished_task_stops_asking(mark: Membership) -> None:
    task = make_task(mark)
    make_output(task)
    assert poll_url(show(mark, task)) == ""


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.UNKNOWN, Status.STOPPED])
def test_a_task_that_can_change_by_itself_goes_on_asking(mark: Membership, status: Status) -> None:
    assert poll_url(show(mark, make_task(mark, status=status)))


def test_an_unchanged_poll_answers_204_with_one_query_beside_session_and_user(
    mark: Membership, django_assert_num_queries: Any
) -> None:
    task = make_task(mark, status=Status.RUNNING)
    client = browser_of(mark)
    url = poll_url(client.get(reverse("task-page", args=[task.pk])).content.decode())
    with django_assert_num_queries(3):
        assert client.get(url).status_code == 204


def test_a_poll_shows_what_changed(mark: Membership) -> None:
    task = make_task(mark, status=Status.RUNNING)
    client = browser_of(mark)
    url = poll_url(client.get(reverse("task-page", args=[task.pk])).content.decode())
    task.submissions.get().advance(Status.FAILED, cause="failed", reason=Cause.earlier("No face."))
    answer = client.get(url)
    assert answer.status_code == 200
    assert "No face." in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_a_growing_upload_to_topview_changes_the_poll(mark: Membership) -> None:
    task = make_task(mark, status=Status.PREPARING)
    upload = make_file(mark)
    task.uploads.add(upload)
    row = RemoteFile.objects.create(
        workspace=task.workspace, upload=upload, credential=task.credential, sent=1
    )
    client = browser_of(mark)
    url = poll_url(client.get(reverse("task-page", args=[task.pk])).content.decode())
    assert client.get(url).status_code == 204
    RemoteFile.objects.filter(pk=row.pk).update(sent=2)
    page = client.get(url).content.decode()
    assert upload.name in page
    assert 'value="2"' in page


@pytest.mark.parametrize("seen", ["", "x", "%00", "9" * 500])
def test_garbage_in_the_address_of_a_poll_shows_the_task(mark: Membership, seen: str) -> None:
    task = make_task(mark, status=Status.RUNNING)
    answer = browser_of(mark).get(f"{reverse('task-live', args=[task.pk])}?seen={seen}")
    assert answer.status_code == 200


def test_the_timeline_tells_a_second_attempt_apart(mark: Membership) -> None:
    task = make_task(mark, status=Status.FAILED)
    make_submission(task, Status.QUEUED)
    task.touch()
    assert "Tried again: in queue" in show(mark, Task.objects.get(pk=task.pk))


def test_the_missing_part_alone_is_offered_again(mark: Membership) -> None:
    task = make_task(mark, failed_parts=1, expected_outputs=2, reason="No face.")
    make_output(task)
    page = show(mark, task)
    assert "1 of 2 could not be made" in page and "What was made is kept." in page
    field = KINDS[task.kind].steps[0].wire.count_field
    assert f"?from={task.pk}&amp;{field}=1" in page
    form = browser_of(mark).get(f"{reverse('task-new', args=[task.kind])}?from={task.pk}&{field}=1")
    assert re.search(rf'name="{field}"[^>]*value="1"', form.content.decode())
    assert actions(page) == set()


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if not kind.steps[0].wire.count_field])
def test_where_a_product_has_no_number_to_ask_for_the_whole_is_offered(
    mark: Membership, kind: TaskKind
) -> None:
    task = make_task(mark, kind=kind, brief={"schema": 1}, failed_parts=1, expected_outputs=2)
    page = show(mark, task)
    assert "Duplicate with changes" in page
    assert "Make the missing ones" not in page


def causes_in(path: Path) -> Iterator[str]:
    """The words for causes that a file of the commands uses."""
    tree = ast.parse(path.read_text())
    named = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="cause", value=value):
                yield from texts_in(value, named)
            case ast.Assign(targets=[ast.Name(id="cause" | "_CAUSES")], value=value):
                yield from texts_in(value, named)
            case ast.AnnAssign(target=ast.Name(id="cause" | "_CAUSES"), value=ast.expr() as value):
                yield from texts_in(value, named)
            case ast.FunctionDef(name=called) if "cause" in called:
                yield from returned_by(node)
            case ast.arguments(kwonlyargs=names, kw_defaults=defaults):
                for name, default in zip(names, defaults, strict=True):
                    yield from texts_in(default, named) if name.arg == "cause" and default else ()


def returned_by(function: ast.FunctionDef) -> Iterator[str]:
    """Words that a function gives as they stand; sentences to be translated are calls."""
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Constant | ast.IfExp):
            yield from texts_in(node.value, {})


def texts_in(value: ast.expr, named: Mapping[str, object]) -> Iterator[str]:
    """The texts of an expression, constants of the file resolved."""
    for node in ast.walk(value):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
            yield node.value
        elif isinstance(node, ast.Name) and isinstance(text := named.get(node.id), str):
            yield text


def test_every_cause_has_words() -> None:
    files = (Path(settings.BASE_DIR) / "tasks" / "commands").rglob("*.py")
    used = {cause for path in files for cause in causes_in(path)} | {end.cause for end in OUTCOMES}
    assert {"created", "intent", "busy", "evidence", "unreachable", "save-failed"} <= used
    assert used - WORDS.keys() == set()


def test_the_history_names_who_ordered_and_what_went_wrong_with_copies(mark: Membership) -> None:
    task = make_task(mark)
    call = task.submissions.get()
    remark(submission=call, cause="save-failed", detail="The disk is full.")
    page = show(mark, task)
    assert "A copy could not be saved here" in page
    assert "The disk is full." in page


def test_a_task_of_a_product_that_is_gone_still_has_a_page(mark: Membership) -> None:
    task = make_task(mark, status=Status.FAILED)
    Task.objects.filter(pk=task.pk).update(kind="a-product-of-old")
    assert "not part of the portal any more" in show(mark, task)


def test_a_second_charge_of_an_older_attempt_is_said(mark: Membership) -> None:
    task = make_task(
        mark,
        status=Status.RUNNING,
        is_second_charge=True,
        attention="It turned up after all: this is a second charge.",
        remote_id="first-id",
    )
    make_submission(task, Status.RUNNING, remote_id="second-id")
    task.touch()
    page = show(mark, Task.objects.get(pk=task.pk))
    assert "this is a second charge" in page
    assert "first-id" in page
    assert "second-id" in page


def test_more_outputs_and_attempts_need_no_more_queries(mark: Membership) -> None:
    task = make_task(mark)
    make_output(task)
    client, url = browser_of(mark), reverse("task-page", args=[task.pk])
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for position in range(1, 6):
        make_output(task, position=position)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few)


def test_an_unknown_outcome_asks_one_thing_and_keeps_the_rest_under_more_options(mark: Membership) -> None:
    task = make_task(mark, status=Status.UNKNOWN, intent_at=timezone.now(), reason="The connection broke.")
    page = browser_of(mark).get(reverse("task-page", args=[task.pk])).content.decode()
    box = page[page.index("confirm that TopView received this") :]
    box = box[: box.index("</section>")]
    first, _, rest = box.partition("<details")
    assert "More options" in rest
    assert first.count("<p>") == 1
    assert first.count("button--primary") == 1
    assert "button--primary" not in rest
    for words in ("The connection broke.", "It never arrived", "never sends it a second time"):
        assert words not in first
        assert words in rest


def test_with_something_found_that_is_what_is_asked(mark: Membership) -> None:
    task = make_task(mark, status=Status.UNKNOWN, intent_at=timezone.now())
    Candidate.objects.create(
        workspace=task.workspace,
        submission=task.submissions.get(),
        evidence=EvidenceKind.BOARD,
        remote_id="elsewhere",
    )
    page = browser_of(mark).get(reverse("task-page", args=[task.pk])).content.decode()
    box = page[page.index("confirm that TopView received this") :]
    first, _, rest = box[: box.index("</section>")].partition("<details")
    assert first.count("button--primary") == 1
    assert "This is it" in first
    assert "Which one is it?" in first
    assert "Follow this task" not in first
    for words in ("None of these", "Follow this task", "It never arrived"):
        assert words in rest
