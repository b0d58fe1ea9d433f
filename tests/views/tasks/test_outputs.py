"""Using a result in another format: two clicks, for every format whose form takes such a file."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from tasks.forms.tasks.sources import facts_of_output
from tasks.kinds import accepting, fitting
from tasks.models import Membership, Output, OutputState, Upload
from tests.people import browser_of
from tests.views.rows import make_account, make_file, make_output, make_task


def page_of(member: Membership, output: Output) -> str:
    return browser_of(member).get(reverse("task-page", args=[output.task_id])).content.decode()


def offered(page: str) -> list[str]:
    return re.findall(r'name="use" value="([^"]+)"', page)


# What fits every field of its role.
FITTING: dict[str, dict[str, Any]] = {
    "image": {"format": "png", "width": 1024, "height": 1024, "seconds": None},
    "video": {"format": "mp4", "width": 1280, "height": 720, "seconds": 15.0},
    "audio": {"format": "mp3", "seconds": 15.0},
}


def names(role: str) -> list[str]:
    return [f"{kind.slug}:{name}" for kind, name in accepting(role)]


@pytest.mark.parametrize("role", ["image", "video", "audio"])
def test_every_form_that_takes_the_result_is_offered(mark: Membership, role: str) -> None:
    output = make_output(make_task(mark), role=role, **FITTING[role])
    assert offered(page_of(mark, output)) == names(role)


@pytest.mark.parametrize(
    ("role", "changed"),
    [
        ("image", {"width": 20}),
        ("video", {"seconds": 700.0}),
        ("video", {"width": 5000}),
        ("audio", {"seconds": 3000.0}),
    ],
)
def test_a_form_that_would_refuse_the_result_is_not_offered(
    mark: Membership, role: str, changed: dict[str, Any]
) -> None:
    """By the field's own check: what is offered passes it, what is not offered fails it."""
    make_account(mark.workspace)
    output = make_output(make_task(mark), role=role, **{**FITTING[role], **changed})
    facts = facts_of_output(output)
    assert facts is not None
    fits = [f"{kind.slug}:{name}" for kind, name in fitting(facts)]
    assert offered(page_of(mark, output)) == fits
    left_out = [use for use in names(role) if use not in fits]
    assert left_out
    client = browser_of(mark)
    answer = client.post(reverse("output-use", args=[output.pk]), {"use": left_out[0]})
    upload = Upload.objects.get()
    there = reverse("library-item", args=[upload.pk])
    assert answer.headers["Location"] == there
    page = client.get(there).content.decode()
    for use in left_out:
        slug, field = use.split(":")
        assert f"{reverse('task-new', args=[slug])}?{field}=" not in page
    assert ("No format takes this file" in page) == (not fits)


def test_text_and_what_is_not_saved_are_not_offered(mark: Membership) -> None:
    assert offered(page_of(mark, make_output(make_task(mark), role="text"))) == []
    assert offered(page_of(mark, make_output(make_task(mark), state=OutputState.WAITING))) == []


def test_a_reviewer_is_not_offered_it(mark: Membership, rita: Membership) -> None:
    output = make_output(make_task(mark), role="image")
    assert offered(page_of(rita, output)) == []


@pytest.mark.parametrize("role", ["image", "video", "audio"])
def test_choosing_leads_to_the_form_with_the_file_in_its_place(mark: Membership, role: str) -> None:
    make_account(mark.workspace)
    output = make_output(make_task(mark, title="A red mug"), role=role, **FITTING[role])
    client = browser_of(mark)
    for use in names(role):
        slug, field = use.split(":")
        answer = client.post(reverse("output-use", args=[output.pk]), {"use": use})
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith(reverse("task-new", args=[slug]))
        form = client.get(answer.headers["Location"])
        upload = Upload.objects.get()
        assert re.search(rf'name="{field}"[^>]* value="{upload.pk}"', form.content.decode())
        assert f"A red mug.{FITTING[role]['format']}" in form.content.decode()


def test_looking_at_a_page_makes_no_file(mark: Membership) -> None:
    output = make_output(make_task(mark), role="image")
    page_of(mark, output)
    assert browser_of(mark).get(reverse("output-use", args=[output.pk])).status_code == 405
    assert not Upload.objects.exists()


@pytest.mark.parametrize("use", ["", "no-such-thing:image", ":", "\x00"])
def test_an_unknown_wish_leads_to_the_files_own_page(mark: Membership, use: str) -> None:
    output = make_output(make_task(mark), role="image")
    answer = browser_of(mark).post(reverse("output-use", args=[output.pk]), {"use": use})
    assert answer.headers["Location"] == reverse("library-item", args=[Upload.objects.get().pk])


def test_a_result_without_a_copy_is_refused_in_words(mark: Membership) -> None:
    output = make_output(make_task(mark), state=OutputState.LOST)
    answer = browser_of(mark).post(reverse("output-use", args=[output.pk]), follow=True)
    assert "no saved copy" in answer.content.decode()
    assert not Upload.objects.exists()


def test_the_page_of_a_file_in_the_library_names_the_same_forms_and_the_task_that_made_it(
    mark: Membership,
) -> None:
    make_account(mark.workspace)
    output = make_output(make_task(mark, title="A red mug"), role="image", **FITTING["image"])
    client = browser_of(mark)
    there = client.post(reverse("output-use", args=[output.pk])).headers["Location"]
    page = client.get(there).content.decode()
    assert reverse("task-page", args=[output.task_id]) in page
    for kind, name in accepting("image"):
        assert f"{reverse('task-new', args=[kind.slug])}?{name}=" in page


def test_a_file_somebody_brought_names_no_task(mark: Membership) -> None:
    page = browser_of(mark).get(reverse("library-item", args=[make_file(mark).pk])).content.decode()
    assert "Made by" not in page
