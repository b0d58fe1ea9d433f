"""Duplicating a task: its answers in the form, what differs before and after, and words for what is gone."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from tasks.models import Membership, Status, Task
from tests.people import browser_of
from tests.views.rows import COUNTING, PICKING, fill_catalog, make_account, make_file, make_task

NEW = reverse("task-new", args=[COUNTING.slug])
PRICE = reverse("task-price", args=[COUNTING.slug])
FILE = next(name for name, field in COUNTING.inputs.own_fields() if field.widget_kind == "asset")


def first_task(member: Membership, **changes: Any) -> Task:
    """A finished task whose brief is whole."""
    upload = make_file(member, name="cup.png")
    brief = {"schema": 1, FILE: str(upload.pk), "prompt": "It turns.", "mode": "lite", "duration": "5"}
    task = make_task(member, brief={**brief, "count": "2", **changes})
    task.uploads.add(upload)
    return task


def again(member: Membership, task: Task, **changes: str) -> Task:
    """Made after it by the form, as a person would."""
    answers = {name: value for name, value in task.brief.items() if name != "schema"}
    sent = {**answers, **changes, "from": str(task.pk), "task_id": str(uuid4())}
    answer = browser_of(member).post(NEW, sent)
    assert answer.status_code == 303
    return Task.objects.get(pk=sent["task_id"])


def page_of(member: Membership, task: Task) -> str:
    answer = browser_of(member).get(reverse("task-page", args=[task.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def rows(page: str) -> dict[str, list[str]]:
    """The table of differences: label, then the words of both cells."""
    table = re.search(r'<table class="table differences">(.*?)</table>', page, re.DOTALL)
    found = re.findall(r'<tr>\s*<th scope="row">(.*?)</th>(.*?)</tr>', table[1] if table else "", re.DOTALL)
    return {
        label: [
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<td>(.*?)</td>", cells, re.S)
        ]
        for label, cells in found
    }


def label(name: str) -> str:
    return str(dict(COUNTING.inputs.own_fields())[name].label)


def test_the_page_of_a_version_shows_what_differs_and_nothing_else(mark: Membership) -> None:
    second = again(mark, task := first_task(mark), mode="best", prompt="It jumps.")
    page = page_of(mark, second)
    assert rows(page) == {label("prompt"): ["It turns.", "It jumps."], label("mode"): ["Lite", "Best"]}
    assert f'Version 2 of <a href="{reverse("task-page", args=[task.pk])}">' in page


def test_files_that_differ_are_shown_as_pictures(mark: Membership) -> None:
    other = make_file(mark, name="mug.png")
    page = page_of(mark, again(mark, first_task(mark), **{FILE: str(other.pk)}))
    before, after = rows(page)[label(FILE)]
    assert (before.split()[0], after.split()[0]) == ("cup.png", "mug.png")
    assert page.count('<img src="/uploads/') >= 3


def test_an_answer_given_only_once_says_so(mark: Membership) -> None:
    task = first_task(mark)
    page = page_of(mark, again(mark, task, negative_prompt="No hands."))
    assert rows(page) == {label("negative_prompt"): ["not given", "No hands."]}


def test_another_account_is_a_difference(mark: Membership) -> None:
    task = first_task(mark)
    other = make_account(mark.workspace, name="Second account")
    page = page_of(mark, again(mark, task, account=str(other.pk)))
    assert rows(page) == {"Account": ["Sandbox", "Second account"]}


def test_the_same_again_says_that_nothing_differs(mark: Membership) -> None:
    page = page_of(mark, again(mark, first_task(mark)))
    assert "the same was asked for once more" in page
    assert rows(page) == {}


def test_the_first_names_its_versions_in_order(mark: Membership) -> None:
    task = first_task(mark)
    second, third = again(mark, task, count="1"), again(mark, task, count="3")
    page = page_of(mark, task)
    links = re.findall(r'<a href="([^"]+)">Version (\d)', page)
    assert links == [(reverse("task-page", args=[one.pk]), str(n)) for n, one in ((2, second), (3, third))]
    assert "Version 3 of" in page_of(mark, third)
    assert "different-title" not in page


def test_the_form_names_what_is_changed_from_the_first(mark: Membership) -> None:
    task = first_task(mark)
    client = browser_of(mark)
    page = client.get(f"{NEW}?from={task.pk}").content.decode()
    assert "Nothing is changed from the first yet." in page
    assert task.title in page
    sent = {**task.brief, "from": str(task.pk), "mode": "pro", "count": "4"}
    note = client.post(PRICE, sent).content.decode()
    assert f"Changed from the first: {label('mode')}, {label('count')}." in note


def test_a_form_that_starts_anew_compares_with_nothing(mark: Membership) -> None:
    make_account(mark.workspace)
    page = browser_of(mark).get(NEW).content.decode()
    assert "from the first" not in page


def test_a_strangers_task_cannot_be_compared_with(mark: Membership, stefan: Membership) -> None:
    theirs = first_task(stefan)
    assert browser_of(mark).post(PRICE, {"from": str(theirs.pk)}).status_code == 404


def test_a_file_that_left_the_library_is_named(mark: Membership) -> None:
    task = first_task(mark)
    task.uploads.update(hidden_at=timezone.now())
    page = browser_of(mark).get(f"{NEW}?from={task.pk}").content.decode()
    assert f"{label(FILE)}: This file is not in the library any more." in page
    assert f"Changed from the first: {label(FILE)}." in page


def test_an_entry_that_left_the_catalog_is_named(mark: Membership) -> None:
    account = make_account(mark.workspace)
    fill_catalog(account, "avatars", [("Nadia", {})])
    task = make_task(mark, kind=PICKING, brief={"schema": 1, "avatar": "gone", "script": "Hello."})
    page = browser_of(mark).get(f"{reverse('task-new', args=[PICKING.slug])}?from={task.pk}").content.decode()
    assert "This is not in the list any more. Choose another." in page


@pytest.mark.parametrize(
    "brief",
    [
        {"schema": 0, "mode": "gone", "retired": "x", "count": "99"},
        {"schema": 99, FILE: "no id at all", "mode": ["lite"], "count": {"a": 1}, "prompt": None},
        {},
    ],
)
def test_a_brief_of_another_schema_is_met_with_words(mark: Membership, brief: dict[str, Any]) -> None:
    task = first_task(mark)
    Task.objects.filter(pk=task.pk).update(brief=brief)
    page = browser_of(mark).get(f"{NEW}?from={task.pk}").content.decode()
    assert "made with an earlier version of this format" in page
    second = make_task(mark)
    Task.objects.filter(pk=second.pk).update(version_of=task)
    assert "different-title" in page_of(mark, second)
    assert page_of(mark, task)


def test_a_failed_task_can_be_made_again(mark: Membership) -> None:
    task = first_task(mark)
    task.submissions.update(status=Status.FAILED)
    task.touch()
    assert f"{NEW}?from={task.pk}" in page_of(mark, task)


def test_versions_of_a_product_that_is_gone_still_have_pages(mark: Membership) -> None:
    second = again(mark, task := first_task(mark), mode="best")
    Task.objects.filter(pk__in=[task.pk, second.pk]).update(kind="retired-thing")
    assert "Version 2 of" in page_of(mark, second)
    assert page_of(mark, task)
