"""A file dropped into the folder of the kinds is a product everywhere, with no other change."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

import tasks.kinds
from tasks.kinds import KINDS, discover
from tasks.management import coverage
from tasks.models import Membership, Task
from tests.kinds.test_registry import SAMPLE, sample_folder
from tests.people import browser_of
from tests.views.rows import make_account, make_file, make_output, make_task

__all__ = ["sample_folder"]

SLUG = "sample-thing"
OPERATIONS = {'"a"': '"submitStoryboard"', '"b"': '"queryStoryboard"'}


@pytest.fixture
def dropped(sample_folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The slug of a kind whose file was put into the folder before the portal started."""
    source = SAMPLE.replace("{slug}", SLUG)
    for placeholder, operation in OPERATIONS.items():
        source = source.replace(f"operation={placeholder}", f"operation={operation}")
    (sample_folder / "sample_thing.py").write_text(source)
    for slug, kind in discover(tasks.kinds.__path__, "tasks.kinds").items():
        monkeypatch.setitem(KINDS, slug, kind)
    return SLUG


def test_it_is_offered_and_has_a_form_with_its_price(dropped: str, mark: Membership) -> None:
    make_account(mark.workspace)
    client, url = browser_of(mark), reverse("task-new", args=[dropped])
    assert url in client.get(reverse("task-formats")).content.decode()
    form = client.get(url).content.decode()
    assert 'name="image"' in form
    assert 'name="words"' in form
    assert "Usually takes 5 sec." in form
    assert client.post(reverse("task-price", args=[dropped]), {"words": "Hi"}).status_code == 200


def test_its_task_has_a_page_and_a_place_in_the_lists_filter(dropped: str, mark: Membership) -> None:
    make_account(mark.workspace)
    client = browser_of(mark)
    sent = {"image": str(make_file(mark).pk), "words": "A blue cup", "task_id": str(uuid4())}
    assert client.post(reverse("task-new", args=[dropped]), sent).status_code == 303
    page = client.get(reverse("task-page", args=[Task.objects.get().pk])).content.decode()
    assert "A blue cup" in page
    make_task(mark, title="Another product")
    everything = client.get(reverse("task-list")).content.decode()
    assert re.search(rf'<option value="{dropped}"|kind={dropped}', everything)
    own = client.get(f"{reverse('task-list')}?kind={dropped}").content.decode()
    assert "A blue cup" in own
    assert "Another product" not in own


def test_results_of_others_can_be_used_in_it(dropped: str, mark: Membership) -> None:
    output = make_output(make_task(mark), role="image")
    page = browser_of(mark).get(reverse("task-page", args=[output.task_id])).content.decode()
    assert f'value="{dropped}:image"' in page


def test_it_has_its_row_on_the_page_of_operations_which_is_then_stale(dropped: str) -> None:
    rows = coverage.page().splitlines()
    assert any(f"`/tasks/new/{dropped}/`" in row and "Make it" in row for row in rows)
    for operation in ("submitStoryboard", "queryStoryboard"):
        assert any(f"| {operation} |" in row and "Sample: Make it" in row for row in rows)
    with pytest.raises(CommandError, match="stale"):
        call_command("topview_coverage", "--check")


def test_without_the_file_nothing_knows_it(mark: Membership) -> None:
    make_account(mark.workspace)
    assert browser_of(mark).get(reverse("task-new", args=[SLUG])).status_code == 404
    assert SLUG not in coverage.page()
