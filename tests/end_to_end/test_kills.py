"""kill -9 at every checkpoint, with real processes: paid once, saved once, or a plain *unknown*; never two.

Each checkpoint gets a call of its own, and whoever works on it dies there, once. The calls are those of a
product of one step and of one of several, whose second step starts by itself and whose third is chosen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import close_old_connections

from tasks.commands.evidence.decisions import give_task_id
from tasks.commands.runtime.failpoints import DIE, HALT, NAMES
from tasks.commands.submissions.next_steps import start_step, usable_outputs
from tasks.forms.tasks.sources import CredentialCatalog, WorkspaceFiles
from tasks.kinds import product_avatar, video_avatar
from tasks.kinds.base import TaskKind
from tasks.models import (
    CatalogEntry,
    Claim,
    Credential,
    Membership,
    Output,
    OutputState,
    Status,
    Submission,
    Task,
)
from tests.end_to_end.arming import Arms
from tests.parts import Parts, wait_until
from tests.people import leave_pictures, make_credential, make_mark, make_workspace, order, ready_catalogs
from tests.upstream import Upstream

pytestmark = [pytest.mark.proof, pytest.mark.django_db(transaction=True)]

ONE, SEVERAL = video_avatar.KIND, product_avatar.KIND
STEPS = tuple(step.slug for step in SEVERAL.steps)
SPOKEN = {"mode": "avatar4", "speech": "text", "script": "Taste it."}


@dataclass(frozen=True)
class End:
    """What has become of a call whose worker died at a checkpoint, before anybody helps."""

    accepted: int
    status: Status


PAID_AND_SAVED = End(1, Status.SUCCEEDED)
# Nobody knows whether the POST had left: unknown, and never sent again.
NEVER_SENT = End(0, Status.UNKNOWN)
# TopView has it, but its answer was lost: unknown until the evidence comes, which a person gives here.
HELD = End(1, Status.UNKNOWN)
ENDS: dict[str, End] = dict.fromkeys(NAMES, PAID_AND_SAVED) | {
    "submit.intent": NEVER_SENT,
    "submit.answered": HELD,
    # These are reached by calls that are unknown already.
    "settle.answered": HELD,
    "settle.adopted": HELD,
}
AT_ONCE = [name for name in NAMES if ENDS[name] is PAID_AND_SAVED]
HELD_AT = [name for name in NAMES if ENDS[name] is HELD]
# The refresh is one process: its death costs a lease, so each of its steps is met once by the several steps.
AT_ANY_STEP = [name for name in AT_ONCE if not name.startswith("refresh.")]
AT_ONE_STEP = [name for name in AT_ONCE if name.startswith("refresh.")]


class Desk:
    """A marketer who orders, goes on where people choose, and tells what is known of the unknown."""

    def __init__(self, parts: Parts, folder: Path) -> None:
        self.parts, self.folder = parts, folder
        self.arms = Arms(folder / "arms")
        self.member: Membership = make_mark(make_workspace())
        credential = make_credential(self.member.workspace, max_in_flight=1000)
        self.credential: Credential = ready_catalogs(credential)
        leave_pictures()
        self.upstream = Upstream(parts.store)
        self.wanted: dict[tuple[UUID, str], str] = {}

    def order(self, kind: TaskKind, deaths: dict[str, str], *, action: str = DIE) -> None:
        """A task whose steps' workers die at these checkpoints, by step."""
        task_id = uuid4()
        words = {"script": f"Sentence number {len(self.wanted)}."} if kind is ONE else {}
        for step, name in deaths.items():
            self.wanted[task_id, step] = name
            self.arms.arm(name, task_id, step, action=action)
            if name.startswith("settle."):
                self.arms.arm("submit.answered", task_id, step, action=action)
        order(kind, self.member, self.credential, self.folder, words, task_id=task_id)

    def start_worker(self, *, workers: int = 4) -> None:
        """Start the worker, which takes over soon from what died."""
        self.parts.start_worker(WORKERS=str(workers), TAKEOVER_SECONDS="2", **self.arms.variables)

    def is_done(self) -> bool:
        """Whether everybody has died who should, and everything has come to its end all the same."""
        return self.go_on() and not self.arms.left()

    def go_on(self) -> bool:
        """Do what a person can; whether nothing is left to be done and nothing will happen by itself."""
        close_old_connections()
        before = self._statuses()
        for submission in Submission.objects.filter(status=Status.UNKNOWN):
            self._tell(submission)
        for task in Task.objects.filter(kind=SEVERAL.slug).exclude(submissions__step=STEPS[-1]):
            self._choose(task)
        moving = Submission.objects.exclude(status__in=(Status.SUCCEEDED, Status.UNKNOWN))
        unsaved = Output.objects.exclude(state=OutputState.SAVED)
        told = Claim.objects.open().filter(submission__status=Status.UNKNOWN)
        something_waits = moving.exists() or unsaved.exists() or told.exists()
        # The worker goes on between these questions: what one had not seen yet, the next may have missed.
        return not something_waits and self._statuses() == before

    def _statuses(self) -> dict[object, str]:
        return dict(Submission.objects.values_list("pk", "status"))

    def _tell(self, submission: Submission) -> None:
        """Give TopView's id of a call that it has, as someone would who found it on its site."""
        remote_ids = self.accepted(submission)
        if remote_ids and not submission.claims.exists():
            give_task_id(submission=submission, actor=self.member.user, remote_id=remote_ids[0])

    def _choose(self, task: Task) -> None:
        step = SEVERAL.step(STEPS[-1])
        pictures = usable_outputs(task, step)
        if not pictures or not all(picture.state == OutputState.SAVED for picture in pictures):
            return
        assert step.follow_up.inputs is not None
        voice = CatalogEntry.objects.in_catalog(self.credential, "voices")[0].remote_id
        form = step.follow_up.inputs(
            {**SPOKEN, "voice": voice},
            files=WorkspaceFiles(self.member.workspace),
            catalog=CredentialCatalog(self.credential),
            initial=step.follow_up.initial(pictures[0].facts),
        )
        assert form.is_valid(), form.errors.as_json()
        start_step(
            task=task, step=step, sources=pictures[:1], form=form, membership=self.member, order_id=uuid4()
        )

    def accepted(self, submission: Submission) -> list[str]:
        """TopView's ids of what it accepted for a call."""
        return [call.task_id for call in self.upstream.calls() if call.digest == submission.body_digest]


def standing(desk: Desk) -> str:
    """What is still open, for the message of a test that waited in vain."""
    rows = Submission.objects.exclude(status=Status.SUCCEEDED)
    lines = [f"{row.task_id}.{row.step} {row.status} {row.next_at} {row.reason}" for row in rows]
    open_outputs = Output.objects.exclude(state=OutputState.SAVED)
    lines += [f"output {row.state} {row.error}" for row in open_outputs]
    return "; ".join([*lines, *desk.arms.left()])


@pytest.fixture
def desk(parts: Parts, tmp_path: Path) -> Iterator[Desk]:
    """Sandbox and marketer; no worker yet."""
    parts.start_sandbox(seconds=0.5)
    yield Desk(parts, tmp_path)
    for path in tmp_path.glob("arms/*"):
        path.unlink()


def order_several_steps(desk: Desk) -> None:
    """Enough calls of several steps to meet each checkpoint at each step."""
    for number in range(len(AT_ANY_STEP)):
        turned = AT_ANY_STEP[number:] + AT_ANY_STEP[:number]
        desk.order(SEVERAL, dict(zip(STEPS, turned, strict=False)))
    for name, step in zip(AT_ONE_STEP, cycle(STEPS), strict=False):
        desk.order(SEVERAL, {step: name})
    for step in STEPS:
        for name in ("submit.intent", "submit.answered"):
            desk.order(SEVERAL, {step: name})


def test_a_process_that_dies_at_any_checkpoint_pays_once_and_loses_nothing(desk: Desk) -> None:
    for name in NAMES:
        desk.order(ONE, {ONE.steps[0].slug: name})
    desk.start_worker()
    wait_until(desk.is_done, seconds=400, what=lambda: standing(desk))
    judge(desk)


@pytest.mark.long
def test_a_process_that_dies_at_any_checkpoint_of_any_step_pays_once_and_loses_nothing(desk: Desk) -> None:
    order_several_steps(desk)
    desk.start_worker()
    wait_until(desk.is_done, seconds=400, what=lambda: standing(desk))
    judge(desk)


@pytest.mark.long
def test_a_whole_worker_that_dies_at_any_checkpoint_pays_once_and_loses_nothing(desk: Desk) -> None:
    """All that stand at a checkpoint halt there; then the supervisor is killed, and all others with it."""
    desk.start_worker(workers=8)
    for prefix in ("submit.", "refresh.answered", "refresh.moved", "save."):
        for name in NAMES:
            if name.startswith(prefix):
                desk.order(ONE, {ONE.steps[0].slug: name}, action=HALT)
        wait_until(lambda: not desk.arms.left(), seconds=180, what=lambda: standing(desk))
        desk.parts.kill_node("worker")
        desk.start_worker(workers=8)
        # Whoever was halted goes on now: the next kill must not meet them at another step.
        wait_until(desk.is_done, seconds=120, what=lambda: standing(desk))
    judge(desk)


def judge(desk: Desk) -> None:
    """Every call has come to the end that the table gives it, and TopView has accepted no other."""
    known = 0
    for submission in Submission.objects.select_related("task"):
        name = desk.wanted.get((submission.task_id, submission.step), "")
        end = ENDS.get(name, PAID_AND_SAVED)
        what = f"{submission.task.kind} {submission.step} killed at {name}: {submission.status}"
        accepted = desk.accepted(submission)
        assert len(accepted) == end.accepted, what
        known += len(accepted)
        if end is NEVER_SENT:
            assert submission.status == Status.UNKNOWN and submission.reason, what
            continue
        assert (submission.status, submission.remote_id) == (Status.SUCCEEDED, accepted[0]), what
        if end is HELD:
            assert submission.transitions.filter(to_status=Status.UNKNOWN).count() == 1, what
        assert_saved(desk, submission, what)
    assert known == len(desk.upstream.calls())
    assert not desk.parts.sandbox.violations()


def assert_saved(desk: Desk, submission: Submission, what: str) -> None:
    """Every file that TopView made of it is here, byte for byte."""
    outputs = list(submission.outputs.select_related("blob"))
    made = desk.upstream.files(submission.remote_id)
    assert len(outputs) >= 1 and all(output.state == OutputState.SAVED for output in outputs), what
    assert {(output.blob.sha256, output.blob.size) for output in outputs if output.blob} == made, what
