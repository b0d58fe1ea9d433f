"""The maker's side: sending for review, the task's page and list, and the rule's settings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tasks.commands.notifications.letters import write
from tasks.models import (
    Comment,
    Mail,
    Membership,
    Output,
    OutputState,
    Piece,
    ReviewStage,
    ReviewState,
    Task,
    Verdict,
    Version,
    VersionState,
)
from tests.people import browser_of, make_alice, make_blob
from tests.reviewing import judge, make_version, send
from tests.views.rows import make_output, make_task

pytestmark = pytest.mark.django_db


def post(member: Membership, task: Task, outputs: list[Output], **data: Any) -> Any:
    form = {"outputs": [one.pk for one in outputs], "title": "Spring sale", **data}
    return browser_of(member).post(reverse("task-review", args=[task.pk]), form)


def test_several_results_become_pieces_of_their_own(mark: Membership, rita: Membership) -> None:
    task = make_task(mark)
    outputs = [make_output(task, position=place) for place in range(3)]
    due = timezone.localdate() + timedelta(days=2)
    answer = post(mark, task, outputs[:2], reviewers=[rita.user.pk], note="First cut", due_on=due.isoformat())
    assert answer.url == reverse("task-page", args=[task.pk])
    versions = Version.objects.order_by("piece__title")
    assert [one.piece.title for one in versions] == ["Spring sale 1", "Spring sale 2"]
    assert {(one.note, one.due_on, one.sender) for one in versions} == {("First cut", due, mark.user)}
    assert [list(one.reviewers.all()) for one in versions] == [[rita.user]] * 2
    assert Mail.objects.filter(cause="review-asked", user=rita.user).count() == 2
    task.refresh_from_db()
    assert task.review_state == ReviewState.OPEN


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"results": 0}, "Choose at least one result."),
        ({"title": ""}, "required"),
        ({"due_on": "2020-01-01"}, "Choose today or a later day."),
        ({"due_on": "soon"}, "Enter a valid date."),
        ({"due_on": "9999-12-31"}, "Choose a day within the next ten years."),
        ({"note": "x" * 2001}, "at most 2000"),
        ({"reviewers": ["999999"]}, "not one of the available"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field_and_nothing_is_sent(
    changes: dict[str, Any], said: str, mark: Membership, rita: Membership
) -> None:
    task = make_task(mark)
    outputs = [make_output(task)][: changes.get("results", 1)]
    answer = post(mark, task, outputs, **{"note": "Keep this", **changes})
    page = answer.content.decode()
    assert answer.status_code == 422 and said in page
    assert "note" in changes or "Keep this" in page
    assert not Piece.objects.exists()


def test_a_duplicate_is_offered_as_the_next_version(mark: Membership, rita: Membership) -> None:
    first = make_version(mark)
    duplicate = make_task(mark)
    Task.objects.filter(pk=duplicate.pk).update(version_of=first.output.task)
    output = make_output(duplicate)
    page = browser_of(mark).get(reverse("task-review", args=[duplicate.pk])).content.decode()
    assert f'<option value="{first.piece_id}" selected>' in page
    post(mark, duplicate, [output], piece=first.piece_id)
    first.refresh_from_db()
    assert (output.version.piece, output.version.number) == (first.piece, 2)
    assert first.state == VersionState.SUPERSEDED


def test_two_results_are_not_sent_as_the_same_version(mark: Membership) -> None:
    first = make_version(mark)
    duplicate = make_task(mark)
    Task.objects.filter(pk=duplicate.pk).update(version_of=first.output.task)
    outputs = [make_output(duplicate, position=place) for place in range(2)]
    answer = post(mark, duplicate, outputs, piece=first.piece_id)
    assert answer.status_code == 422 and "Choose one result" in answer.content.decode()


def test_only_what_is_saved_and_undecided_is_offered(mark: Membership, rita: Membership) -> None:
    task = make_task(mark)
    saved = make_output(task)
    unsaved = make_output(task, position=1, state=OutputState.WAITING)
    decided = make_output(task, position=2)
    judge(send(decided, mark), rita)
    page = browser_of(mark).get(reverse("task-review", args=[task.pk])).content.decode()
    found = {one.pk for one in (saved, unsaved, decided) if f'value="{one.pk}"' in page}
    assert found == {saved.pk}
    assert post(mark, task, [unsaved]).status_code == 422


def test_requested_changes_stand_on_the_list_and_the_makers_page(mark: Membership, rita: Membership) -> None:
    version = make_version(mark)
    judge(version, rita, Verdict.CHANGES, "Show the price.")
    browser, task = browser_of(mark), version.output.task
    wanting = browser.get(reverse("task-list"), {"status": "attention"}).content.decode()
    assert 'data-review="changes"' in wanting
    page = browser.get(reverse("task-page", args=[task.pk])).content.decode()
    assert "Show the price." in page and "Make a new version" in page


def test_a_newer_version_answers_the_requested_changes(mark: Membership, rita: Membership) -> None:
    version = make_version(mark)
    judge(version, rita, Verdict.CHANGES, "Show the price.")
    make_version(mark, piece=version.piece)
    task = Task.objects.get(pk=version.output.task_id)
    assert (task.review_state, task.needs_attention) == (ReviewState.NONE, False)


def test_the_maker_takes_a_version_out_and_a_late_wish_changes_nothing(
    mark: Membership, rita: Membership
) -> None:
    version = make_version(mark)
    address = reverse("review-recall", args=[version.pk])
    browser_of(mark).post(address)
    version.refresh_from_db()
    assert version.state == VersionState.RECALLED
    other = make_version(mark)
    judge(other, rita)
    browser_of(mark).post(reverse("review-recall", args=[other.pk]))
    other.refresh_from_db()
    assert other.state == VersionState.APPROVED


def rule(stages: list[dict[str, str]], had: int = 1) -> dict[str, str]:
    data = {"form-TOTAL_FORMS": str(len(stages)), "form-INITIAL_FORMS": str(had)}
    for number, stage in enumerate(stages):
        data |= {f"form-{number}-{name}": value for name, value in stage.items()}
    return data


ONE = {"decided_by": "reviewers", "needed": "one"}


def test_an_admin_adds_a_stage_and_takes_it_out_again(mark: Membership) -> None:
    alice = make_alice(mark.workspace)
    browser, address = browser_of(alice), reverse("review-rule")
    brand = {"name": "Brand", "decided_by": "admins", "needed": "all", "allows_own_work": "on"}
    assert browser.post(address, rule([ONE, brand])).status_code == 303
    stages = list(
        ReviewStage.objects.values_list("position", "name", "decided_by", "needed", "allows_own_work")
    )
    assert stages == [(0, "", "reviewers", "one", False), (1, "Brand", "admins", "all", True)]
    assert 'value="Brand"' in browser.get(address).content.decode()
    browser.post(address, rule([{**ONE, "DELETE": "on"}, brand], had=2))
    assert [one.name for one in ReviewStage.objects.all()] == ["Brand"]


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        ([{**ONE, "DELETE": "on"}], "At least one stage must stay."),
        ([{**ONE, "decided_by": "nobody"}], "not one of the available"),
        ([ONE] * 6, "at most 5"),
    ],
)
def test_a_rule_that_does_not_work_is_refused(
    stages: list[dict[str, str]], said: str, mark: Membership
) -> None:
    alice = make_alice(mark.workspace)
    answer = browser_of(alice).post(reverse("review-rule"), rule(stages))
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not ReviewStage.objects.exists()


def test_the_task_offers_to_send_only_while_something_can_be_sent(mark: Membership, rita: Membership) -> None:
    version = make_version(mark)
    browser, task = browser_of(mark), version.output.task
    link = f'href="{reverse("task-review", args=[task.pk])}"'
    page = reverse("task-page", args=[task.pk])
    assert link not in browser.get(page).content.decode()
    make_output(task, position=1)
    assert link in browser.get(page).content.decode()
    assert link not in browser_of(rita).get(page).content.decode()


def test_the_form_of_the_next_version_shows_what_reviewers_asked_for(
    mark: Membership, rita: Membership
) -> None:
    version = make_version(mark)
    for body, facts in (("Show the price.", {}), ("Done already.", {"resolved_at": timezone.now()})):
        Comment.objects.create(
            workspace=mark.workspace, version=version, author=rita.user, body=body, **facts
        )
    judge(version, rita, Verdict.CHANGES, "Make it brighter.")
    task = version.output.task
    address = f"{reverse('task-new', args=[task.kind])}?from={task.pk}"
    page = browser_of(mark).get(address).content.decode()
    assert "Make it brighter." in page and "Show the price." in page
    assert "Done already." not in page
    judge(make_version(mark, piece=version.piece), rita)
    assert "Make it brighter." not in browser_of(mark).get(address).content.decode()


def test_a_piece_waits_on_when_its_maker_has_left(mark: Membership, rita: Membership) -> None:
    version = make_version(mark)
    mark.delete()
    page = browser_of(rita).get(reverse("review-page", args=[version.pk])).content.decode()
    assert "Approve" in page
    judge(version, rita, Verdict.CHANGES, "Too long.")
    letter = write(Mail.objects.get(cause="review-decided"))
    assert version.state == VersionState.CHANGES and letter is None


def test_a_result_for_which_changes_were_requested_is_not_offered_again(
    mark: Membership, rita: Membership
) -> None:
    version = make_version(mark)
    judge(version, rita, Verdict.CHANGES, "Show the price.")
    browser_of(mark).post(reverse("review-recall", args=[version.pk]))
    task = version.output.task
    other = make_output(task, position=1)
    page = browser_of(mark).get(reverse("task-review", args=[task.pk])).content.decode()
    offered = [one.pk for one in (version.output, other) if f'value="{one.pk}"' in page]
    assert offered == [other.pk]


def test_no_page_shows_a_poster_of_other_bytes_than_were_sent(mark: Membership, rita: Membership) -> None:
    version = make_version(mark)
    output = version.output
    assert output.poster is not None
    poster = reverse("output-poster", args=[output.pk, output.poster.sha256[:12]])
    inbox = browser_of(rita).get(reverse("review-inbox"))
    assert poster in inbox.content.decode()
    judge(version, rita)
    pages = [
        *(reverse(name, args=[version.piece_id]) for name in ("piece-proof", "piece-compare")),
        f"{reverse('review-inbox')}?tab=decided",
        reverse("review-page", args=[version.pk]),
        reverse("package-new"),
    ]
    assert [page for page in pages if poster not in browser_of(rita).get(page).content.decode()] == []
    output.blob = make_blob(mark.workspace, b"made anew", "video/mp4")
    output.save()
    assert [page for page in pages if poster in browser_of(rita).get(page).content.decode()] == []


def test_a_withdrawn_approval_stands_on_the_makers_list_and_page(mark: Membership, rita: Membership) -> None:
    version = make_version(mark)
    judge(version, rita)
    judge(version, rita, Verdict.WITHDRAWN, "The price is wrong.")
    browser, task = browser_of(mark), version.output.task
    wanting = browser.get(reverse("task-list"), {"status": "attention"}).content.decode()
    assert 'data-review="withdrawn"' in wanting
    shown = browser.get(reverse("task-page", args=[task.pk])).content.decode()
    assert "The price is wrong." in shown
    form = browser.get(reverse("task-review", args=[task.pk])).content.decode()
    assert "Version 1" in form and "opened again" in form


def test_the_maker_is_mailed_of_an_approval_once_the_last_stage_has_given_it(
    mark: Membership, rita: Membership, alice: Membership
) -> None:
    for place, who in enumerate(("reviewers", "admins")):
        ReviewStage.objects.create(workspace=mark.workspace, position=place, decided_by=who)
    version = make_version(mark)
    judge(version, rita)
    assert not Mail.objects.filter(cause="review-decided").exists()
    judge(version, alice)
    assert Mail.objects.get(cause="review-decided").user == mark.user
