"""A kind that was just written from the contract is ordered, made by the sandbox and saved."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pytest
from django.urls import reverse

from tasks.kinds import KINDS
from tasks.models import Credential, Membership, OutputState, Status, Task
from tests import people
from tests.commands.conftest import Worker
from tests.kinds.test_new_kind import SLUG, UNSERVED, written
from tests.sandbox_fixture import SandboxDriver

# Any of these that no kind serves by now.
OPERATION = next(
    one for one in ("submitText2Image", "submitStoryboard", "submitText2Video", *UNSERVED) if one in UNSERVED
)


def test_a_new_kind_is_ordered_by_its_form_and_its_files_are_saved(
    portal: SandboxDriver,
    mark: Membership,
    credential: Credential,
    worker: Worker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kind = written(tmp_path, OPERATION)
    monkeypatch.setitem(KINDS, SLUG, kind)
    client, url = people.browser_of(mark), reverse("task-new", args=[SLUG])
    page = client.get(url).content.decode()
    for name, _field in kind.inputs.own_fields():
        assert f'name="{name}"' in page
    assert client.post(url, {"task_id": str(uuid4())}).status_code == 422

    example = tmp_path / "tests/kinds/examples" / SLUG / "submit_plain.json"
    answers = json.loads(example.read_text())["answers"]
    assert client.post(url, {**answers, "task_id": str(uuid4())}).status_code == 303
    task = Task.objects.get()
    submission = worker.finish(worker.submit(people.only_submission(task)))
    assert submission.status == Status.SUCCEEDED
    assert (portal.accepted(OPERATION), portal.violations()) == (1, [])

    for output in task.outputs.all():
        assert worker.save(output).state == OutputState.SAVED
    assert task.outputs.exists()
    assert client.get(reverse("task-page", args=[task.pk])).status_code == 200
