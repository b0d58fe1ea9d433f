"""What the machine plays with: a portal and a sandbox on its clock, and moments to act in between."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from tasks import kinds
from tasks.commands.evidence import settling
from tasks.commands.outputs import save
from tasks.commands.refresh import loop, results
from tasks.commands.refusals import NotPossible
from tasks.commands.submissions import submit
from tasks.commands.submissions.next_steps import start_step, usable_outputs
from tasks.forms.tasks.sources import CredentialCatalog, WorkspaceFiles
from tasks.kinds import image_to_video, marketing_video, product_avatar
from tasks.logs import context_id
from tasks.media import examiner, examiner_child
from tasks.models import CatalogEntry, Credential, Membership, Status, Submission, Task
from tasks.sandbox.state import State
from tasks.topview.client import TopViewClient
from tasks.topview.results import Accepted
from tests import people
from tests.commands.conftest import Worker
from tests.parts import wait_until
from tests.sandbox_fixture import SandboxDriver

KINDS = (image_to_video.KIND, marketing_video.KIND, product_avatar.KIND)
# The modules that reach the named steps.
_REACHING = (submit, save, loop, results, settling)


class Killed(BaseException):
    """The worker was killed here: nothing after this step happens, and nobody hears of it."""


@dataclass
class Clock:
    """The time of both, which a test moves on; the portal's may be wrong by `skew`."""

    passed: timedelta = timedelta()
    skew: timedelta = timedelta()

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Let the portal's and the sandbox's code read this clock."""
        real, real_time = timezone.now, time.time

        def now() -> datetime:
            return real() + self.passed + self.skew

        patch.setattr("django.utils.timezone.now", now)
        theirs = SimpleNamespace(time=lambda: real_time() + self.passed.total_seconds())
        patch.setattr("tasks.sandbox.clock.time", theirs)


@dataclass
class Moment:
    """A named step of the worker at which something else happens, once."""

    at: str | None = None
    then: Callable[[], None] = field(default=lambda: None)

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Have every named step ask whether it is the one."""
        for module in _REACHING:
            patch.setattr(module, "checkpoint", self.reach)

    def reach(self, name: str, *_calls: object) -> None:
        """The worker has come to a step."""
        if name == self.at:
            self.at = None
            self.then()


class AtOnce:
    """In place of a pool of threads: of several queries at once, another would end first each time."""

    def __init__(self, **_options: object) -> None:
        pass

    def submit(self, work: Callable[..., object], *arguments: object) -> None:
        """Do it now."""
        work(*arguments)

    def shutdown(self, **_options: object) -> None:
        """There is nothing to end."""


@dataclass
class World:
    """The portal with its people, its worker, and TopView."""

    portal: SandboxDriver
    worker: Worker
    mark: Membership
    alice: Membership
    credential: Credential
    folder: Path
    clock: Clock
    moment: Moment
    #: Which call of ours each accepted one was, by TopView's own number.
    senders: dict[int, str] = field(default_factory=dict)
    #: The task id that a worker was given for a call, unless it was killed before it could write it down.
    heard: dict[str, str] = field(default_factory=dict)

    @property
    def upstream(self) -> State:
        """The sandbox from within."""
        assert self.portal.sandbox is not None and self.portal.sandbox.state is not None
        return self.portal.sandbox.state

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Take the clocks and steps over. Decoding is left in this process, which is quicker."""
        self.clock.install(patch)
        self.moment.install(patch)
        patch.setattr(examiner, "_run", examiner_child.answer)
        patch.setattr("tasks.commands.refresh.poller.ThreadPoolExecutor", AtOnce)
        send = TopViewClient.submit

        def submit(client: TopViewClient, path: str, body: Any) -> Accepted:
            try:
                accepted = send(client, path, body)
                self.heard[context_id.get()] = accepted.task_id
                return accepted
            finally:
                # The job's name in the log is the call's id.
                for row in self.upstream.database.rows("SELECT id FROM accepted"):
                    self.senders.setdefault(row["id"], context_id.get())

        patch.setattr(TopViewClient, "submit", submit)

    def reset(self) -> None:
        """TopView as at first; its tasks end only when they are told to."""
        self.portal.reset()
        self.portal.speed(10**9)
        self.clock.passed = self.clock.skew = timedelta()
        self.moment.at = None
        self.senders.clear()
        self.heard.clear()

    def order(self, kind: int, films: int) -> Task:
        """A task as its form makes it."""
        values = {"count": str(films)} if KINDS[kind] is image_to_video.KIND else {}
        return people.order(KINDS[kind], self.mark, self.credential, self.folder, values)

    def go_on(self, task: Task, number: int) -> None:
        """Start a step that a person may start, for one of the outputs it works on; or learn why not."""
        choices = [
            (step, output)
            for step in kinds.kind(task.kind).steps
            if step.follow_up.works_on
            for output in usable_outputs(task, step)
        ]
        if not choices:
            return
        step, output = choices[number % len(choices)]
        try:
            start_step(
                task=task,
                step=step,
                sources=[output],
                form=self._form(step, output.facts),
                membership=self.mark,
                order_id=uuid4(),
            )
        except NotPossible:
            return

    def _form(self, step: Any, facts: Any) -> Any:
        if step.follow_up.inputs is None:
            return None
        voice = CatalogEntry.objects.in_catalog(self.credential, "voices")[0].remote_id
        spoken = {"mode": "avatar4", "speech": "text", "script": "Taste it.", "voice": voice}
        words = {"segments": [[key, f"{text} Now."] for key, text in facts.get("segments", [])]}
        form = step.follow_up.inputs(
            words if "segments" in facts else spoken,
            files=WorkspaceFiles(self.mark.workspace),
            catalog=CredentialCatalog(self.credential),
            initial=step.follow_up.initial(facts),
        )
        assert form.is_valid(), form.errors.as_json()
        return form

    def finish(self, remote_id: str, fault: str = "") -> None:
        """Let TopView come to an end with a task, and wait until it has."""
        if fault:
            self.portal.fault(fault, scope=remote_id)
        self.portal.finish(remote_id)

        def is_over() -> bool:
            task = self.upstream.task_store.task(remote_id)
            return task is None or not any(job.finished is None for job in task.jobs)

        for _try in range(200):
            if is_over():
                break
            time.sleep(0.005)
        wait_until(is_over, what=f"the end of {remote_id}")
        if fault:
            self.portal.clear(fault, scope=remote_id)

    def accepted(self) -> dict[str, list[str]]:
        """The ids TopView gave, by the call of ours that it accepted."""
        found: dict[str, list[str]] = {}
        for row in self.upstream.database.rows("SELECT id, task_id FROM accepted ORDER BY id"):
            found.setdefault(self.senders[row["id"]], []).append(row["task_id"])
        return found

    def remote_ids(self, *, unfinished: bool = False) -> list[str]:
        """Every task at TopView, oldest first, once; or those it is still at work on."""
        ids = list(dict.fromkeys(one for ids in self.accepted().values() for one in ids))
        if not unfinished:
            return ids
        rows = self.upstream.database.rows("SELECT DISTINCT task_id FROM job WHERE finished IS NULL")
        at_work = {row["task_id"] for row in rows}
        return [one for one in ids if one in at_work]

    def calls(self, *statuses: Status) -> list[Submission]:
        """The portal's calls in the order in which they were made."""
        rows = Submission.objects.select_related("task__credential").order_by("created_at", "pk")
        return list(rows.filter(status__in=statuses) if statuses else rows)
