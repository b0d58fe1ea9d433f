"""Marketers who order through the portal's forms, and go on where the portal waits for their choice."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import requests

from tasks.commands.next_steps import open_steps, start_step, usable_outputs
from tasks.commands.refusals import NotPossible, ReasonNeeded
from tasks.forms.sources import CredentialCatalog, WorkspaceFiles
from tasks.kinds import KINDS
from tasks.kinds import kind as kind_of
from tasks.kinds.base import KindForm, Step, TaskKind
from tasks.models import CatalogEntry, Credential, Membership, Output, Task, TaskStatus
from tests.people import browser_of, fill_form
from tests.soak.diary import Diary

# Seconds after which a marketer gives up on a portal that does not answer.
PATIENCE = 90
# Share of the orders that are sent a second time at once, as by a double click.
DOUBLE_CLICKS = 0.1
# Share of the tasks that wait for a choice with which somebody goes on.
GOES_ON = 0.7


class Marketer:
    """A browser that sends its form again, unchanged, until the portal has answered."""

    def __init__(self, web_url: str, member: Membership, credential: Credential, diary: Diary) -> None:
        self.member, self.credential, self.diary = member, credential, diary
        self.web_url = web_url
        session = browser_of(member).cookies["sessionid"].value
        page = self._page(next(iter(KINDS.values())))
        answer = requests.get(page, headers={"Cookie": f"sessionid={session}"}, timeout=60)
        self.token = answer.cookies["csrftoken"]
        self.headers = {"Cookie": f"sessionid={session}; csrftoken={self.token}", "Connection": "close"}

    def order(self, kind: TaskKind, folder: Path, chance: random.Random) -> None:
        """Order what the product's demo orders, with files of its own; perhaps with a double click."""
        data = fill_form(kind, self.member, self.credential, folder).data
        task_id, twice = uuid4(), chance.random() < DOUBLE_CLICKS
        # The same brief again within minutes is asked about, unless the person has said that it is meant.
        posted = {**data, "task_id": task_id, "another": "1", "csrfmiddlewaretoken": self.token}
        answered = [self._send(kind, posted) for _click in range(2 if twice else 1)]
        self.diary.note_order(kind.slug, task_id, answered=any(answered), twice=twice)

    def _send(self, kind: TaskKind, posted: dict[str, Any]) -> bool:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                answer = requests.post(
                    self._page(kind), posted, headers=self.headers, allow_redirects=False, timeout=30
                )
            except requests.RequestException:
                time.sleep(0.3)
                continue
            if answer.status_code == 303:
                return True
            self.diary.note_odd(f"{kind.slug}: HTTP {answer.status_code}")
            if answer.status_code < 500:
                return False
            time.sleep(0.3)
        return False

    def _page(self, kind: TaskKind) -> str:
        return f"{self.web_url}/tasks/new/{kind.slug}/"


class Chooser:
    """Goes on with tasks that wait for a choice, through the same command as their page."""

    def __init__(
        self, member: Membership, credential: Credential, diary: Diary, chance: random.Random
    ) -> None:
        self.member, self.credential, self.diary, self.chance = member, credential, diary, chance
        self._decided: set[UUID] = set()

    def go_on(self) -> None:
        """Decide about each task that waits; what nobody goes on with is left waiting."""
        for task in Task.objects.filter(status=TaskStatus.CHOOSING).exclude(pk__in=self._decided):
            self._decided.add(task.pk)
            if self.chance.random() < GOES_ON:
                self._choose(task)

    def _choose(self, task: Task) -> None:
        step = self.chance.choice(open_steps(task, kind_of(task.kind)))
        usable = [output for output in usable_outputs(task, step) if not step.refusal(output.facts)]
        if not usable:
            return
        chosen = self.chance.choice(usable)
        try:
            start_step(
                task=task,
                step=step,
                sources=[chosen],
                form=self._form(step, chosen),
                membership=self.member,
                order_id=uuid4(),
            )
        except (NotPossible, ReasonNeeded):
            return
        self.diary.went_on[f"{task.kind}/{step.slug}"] += 1

    def _form(self, step: Step, chosen: Output) -> KindForm | None:
        if step.inputs is None:
            return None
        initial = step.initial(chosen.facts)
        form = step.inputs(
            dict(self._answers(step, initial)),
            files=WorkspaceFiles(self.member.workspace),
            catalog=CredentialCatalog(self.credential),
            initial=initial,
        )
        assert form.is_valid(), form.errors.as_json()
        return form

    def _answers(self, step: Step, initial: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        """What is said or shown next: the words of the step's own fields, as far as it has them."""
        assert step.inputs is not None
        fields = dict(step.inputs.own_fields())
        if "segments" in fields:
            (number, _words), *others = initial["segments"]
            yield "segments", [[number, f"Words of {uuid4().hex[:8]}."], *others]
        if "voice" in fields:
            mode: Any = fields["mode"]
            yield from {"speech": "text", "script": "Taste it."}.items()
            yield "mode", next(value for value, _label in mode.choices if value)
            yield "voice", CatalogEntry.objects.on_shelf(self.credential, "voices")[0].remote_id
