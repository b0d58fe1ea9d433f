"""People beside those who order: one chooses where the portal waits for it, another helps what is stuck."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from tasks.commands.refusals import NotPossible, ReasonNeeded
from tasks.commands.submissions.next_steps import open_steps, start_step, usable_outputs
from tasks.forms.tasks.sources import CredentialCatalog, WorkspaceFiles
from tasks.kinds import kind as kind_of
from tasks.kinds.base import KindForm, Step
from tasks.models import (
    CatalogEntry,
    Credential,
    CredentialState,
    Membership,
    Output,
    Status,
    Submission,
    Task,
    TaskStatus,
)
from tests.marketer import Browser

# Share of the tasks that wait for a choice with which somebody goes on.
GOES_ON = 0.7
# What takes longer at TopView is not watched any more; nothing but a fault makes it.
_LONG = timedelta(seconds=60)
# An admin looks so long at a check that goes on before asking for another.
_CHECKING = timedelta(seconds=10)


class Helper:
    """Does what the pages offer to an admin of a lost account, and to whoever waits in vain."""

    def __init__(self, browser: Browser, credential: Credential, helped: Counter[str]) -> None:
        """`browser` is an admin's; `helped` counts what was done."""
        self._browser, self._credential, self._helped = browser, credential, helped

    def help(self) -> None:
        """Look once, and do what is needed."""
        account = Credential.objects.get(pk=self._credential.pk)
        waits = account.check_asked_at is None or account.check_asked_at < timezone.now() - _CHECKING
        if account.state == CredentialState.DISABLED:
            self._do("enabled the account", f"/settings/credentials/{account.pk}/enable/")
        elif account.state == CredentialState.PAUSED and waits:
            self._do("had the account tested", f"/settings/credentials/{account.pk}/check/")
        long = Submission.objects.filter(status=Status.RUNNING, accepted_at__lt=timezone.now() - _LONG)
        for submission in long:
            self._do("stopped watching", f"/submissions/{submission.pk}/stop/")

    def _do(self, what: str, path: str) -> None:
        answer = self._browser.post(path)
        if answer is not None and answer.status_code == 303:
            self._helped[what] += 1


class Chooser:
    """Goes on with tasks that wait for a choice, through the same command as their page."""

    def __init__(
        self, member: Membership, credential: Credential, chance: random.Random, went_on: Counter[str]
    ) -> None:
        """`went_on` counts the steps that were started."""
        self.member, self.credential, self.chance, self.went_on = member, credential, chance, went_on
        self._decided: set[UUID] = set()

    def go_on(self) -> None:
        """Decide about each task that waits; what nobody goes on with is left waiting."""
        for task in Task.objects.filter(status=TaskStatus.CHOOSING).exclude(pk__in=self._decided):
            self._decided.add(task.pk)
            if self.chance.random() < GOES_ON:
                self._choose(task)

    def _choose(self, task: Task) -> None:
        step = self.chance.choice(open_steps(task, kind_of(task.kind)))
        usable = [output for output in usable_outputs(task, step) if not step.follow_up.refusal(output.facts)]
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
        self.went_on[f"{task.kind}/{step.slug}"] += 1

    def _form(self, step: Step, chosen: Output) -> KindForm | None:
        if step.follow_up.inputs is None:
            return None
        initial = step.follow_up.initial(chosen.facts)
        form = step.follow_up.inputs(
            dict(self._answers(step, initial)),
            files=WorkspaceFiles(self.member.workspace),
            catalog=CredentialCatalog(self.credential),
            initial=initial,
        )
        assert form.is_valid(), form.errors.as_json()
        return form

    def _answers(self, step: Step, initial: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        """What is said or shown next: the words of the step's own fields, as far as it has them."""
        assert step.follow_up.inputs is not None
        fields = dict(step.follow_up.inputs.own_fields())
        if "segments" in fields:
            (number, _words), *others = initial["segments"]
            yield "segments", [[number, f"Words of {uuid4().hex[:8]}."], *others]
        if "voice" in fields:
            mode: Any = fields["mode"]
            yield from {"speech": "text", "script": "Taste it."}.items()
            yield "mode", next(value for value, _label in mode.choices if value)
            yield "voice", CatalogEntry.objects.in_catalog(self.credential, "voices")[0].remote_id
