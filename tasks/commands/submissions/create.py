"""Makes tasks: everything about the order is on disk before the worker hears of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks import audit
from tasks.causes import Cause, Code
from tasks.commands.ledger.pricing import price_of
from tasks.commands.ledger.spending import demand_confirmation, record_confirmation
from tasks.commands.library.uploads import require_ready
from tasks.commands.refusals import NotPossible, ReasonNeeded
from tasks.commands.runtime.queue import SUBMIT, nudge
from tasks.commands.submissions.duplicates import (
    demand_reason,
    live_duplicate,
    record_duplicate,
    wait_for_turn,
)
from tasks.kinds import kind
from tasks.kinds.base import KindForm, Step, TaskKind, UnusableBrief
from tasks.models import (
    DEAD,
    Credential,
    Membership,
    Output,
    Status,
    Submission,
    Task,
    TaskStatus,
    Transition,
    User,
    Workspace,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tasks.kinds.base import Brief


# How long an equal order of the same person that has been made already counts as perhaps the same.
_SAME_AGAIN = timedelta(minutes=10)


class AlreadySent(Exception):
    """The form's id belongs to a task with another brief: the person must say whether to make another.

    With `is_equal` it is the other way round: the very same was ordered by another form and made just now.
    """

    def __init__(self, task: Task | None, *, is_equal: bool = False) -> None:
        super().__init__("this was already sent")
        self.task, self.is_equal = task, is_equal


class Unasked(Exception):
    """A further attempt at a paid call that no person asked for: a fault of ours."""


def create_task(
    *,
    task_id: UUID,
    membership: Membership,
    kind: TaskKind,
    form: KindForm,
    credential: Credential,
    version_of: Task | None = None,
    is_another: bool = True,
    reason: str = "",
    confirmed: str = "",
) -> Task:
    """Store a valid form as a task and queue its first step.

    `task_id` was drawn when the form was shown: sent twice with the same values it lands on the same task.
    Raises AlreadySent when the values differ, or when the id is a stranger's; unless `is_another`, which says
    that the person wants one more, also when they have just got the very same by another form.
    Raises ReasonNeeded when it may be the same paid work as a task that is alive, and no reason is given, and
    PriceUnconfirmed when it costs more than the workspace wants spent unasked.
    Raises NotPossible when a file of it may not be used, or not yet.
    """
    brief = form.brief()
    order = _Order(task_id, membership, kind, brief, brief_digest(kind, brief), credential, version_of)
    try:
        with transaction.atomic():
            workspace = wait_for_turn(membership.workspace_id)
            if (known := Task.objects.filter(pk=task_id).first()) is None:
                return _take(order, workspace, reason, confirmed, is_another=is_another)
    except IntegrityError:
        known = Task.objects.get(pk=task_id)
    if known.workspace_id != membership.workspace_id:
        raise AlreadySent(None)
    if known.brief_digest != order.digest or known.owner_id != membership.user_id:
        raise AlreadySent(known)
    return known


@dataclass(frozen=True)
class _Order:
    task_id: UUID
    membership: Membership
    kind: TaskKind
    brief: dict[str, Any]
    digest: str
    credential: Credential
    version_of: Task | None


def _take(order: _Order, workspace: Workspace, reason: str, confirmed: str, *, is_another: bool) -> Task:
    duplicate = live_duplicate(workspace_id=workspace.pk, digest=order.digest, source=order.version_of)
    demand_reason(duplicate, reason)
    if not is_another and duplicate is None and (twin := _just_made(order)) is not None:
        raise AlreadySent(twin, is_equal=True)
    actor, first = order.membership.user, order.kind.steps[0]
    amount = demand_confirmation(
        workspace=workspace,
        price=price_of(workspace_id=workspace.pk, kind=order.kind, step=first, asked=order.brief),
        actor=actor,
        order=(order.digest, str(order.credential.pk)),
        confirmed=confirmed,
    )
    task = _make(order, reason, is_duplicate=duplicate is not None)
    record_duplicate(task=task, duplicate=duplicate, actor=actor, reason=reason)
    record_confirmation(task=task, step=first.slug, actor=actor, amount=amount)
    return task


def _just_made(order: _Order) -> Task | None:
    """What the person has got with the same brief within minutes; not what they make again."""
    lately = Task.objects.filter(
        workspace=order.membership.workspace_id, created_at__gt=timezone.now() - _SAME_AGAIN
    )
    equal = lately.filter(owner=order.membership.user_id, brief_digest=order.digest)
    ended = (TaskStatus.FAILED, TaskStatus.CANCELLED)
    again = [order.version_of.pk] if order.version_of else []
    return equal.exclude(status__in=ended).exclude(pk__in=again).order_by("-created_at").first()


def brief_digest(kind: TaskKind, brief: Brief) -> str:
    """The same for two forms exactly when they ask for the same thing."""
    text = json.dumps([kind.slug, brief], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _make(order: _Order, reason: str, *, is_duplicate: bool) -> Task:
    membership, kind = order.membership, order.kind
    uploads = require_ready(membership.workspace_id, kind.uploads(order.brief))
    task = Task.objects.create(
        pk=order.task_id,
        workspace_id=membership.workspace_id,
        owner_id=membership.user_id,
        credential=order.credential,
        kind=kind.slug,
        title=kind.title(order.brief, {str(upload.pk): upload.name for upload in uploads})[:200],
        brief=order.brief,
        brief_schema=kind.version,
        brief_digest=order.digest,
        version_of=order.version_of,
    )
    task.uploads.set(uploads)
    queue_step(
        task=task,
        step=kind.steps[0],
        actor=membership.user,
        reason=reason if is_duplicate else "",
        is_duplicate=is_duplicate,
    )
    audit.record(
        audit.Verb.TASK_CREATED,
        actor=membership.user,
        workspace=membership.workspace,
        subject=task,
        kind=kind.slug,
    )
    return task


def queue_step(
    *,
    task: Task,
    step: Step,
    item: str = "",
    source: Output | None = None,
    answers: Mapping[str, Any] | None = None,
    submission_id: UUID | None = None,
    quarantined_at: datetime | None = None,
    actor: User | None = None,
    reason: str = "",
    is_duplicate: bool = False,
) -> Submission:
    """Queue a call of one step: the next attempt when earlier ones are dead. Runs inside a transaction.

    `source` is the output it works on, `answers` what was asked beside the task's brief. With
    `quarantined_at` it waits until a person releases it. Nobody is the actor of a step that starts by
    itself; a further attempt is always somebody's, and on the record; `is_duplicate` says that something
    alive may be the same, too. Raises ReasonNeeded when an earlier attempt may have been paid
    and no reason is given.
    Raises NotPossible for a task that was made elsewhere, and when the kind cannot read what is stored.
    The database refuses a second live row, with IntegrityError.
    """
    if task.is_adopted:
        words = _("It was made elsewhere: nobody here knows what was asked for, so it goes no further.")
        raise NotPossible(words)
    earlier = list(task.submissions.filter(step=step.slug, item=item).order_by("attempt"))
    if earlier:
        _judge_repetition(earlier, actor, reason)
    submission = Submission(
        pk=submission_id or uuid4(),
        workspace_id=task.workspace_id,
        task=task,
        step=step.slug,
        item=item,
        source=source,
        answers=dict(answers or {}),
        attempt=earlier[-1].attempt + 1 if earlier else 1,
        quarantined_at=quarantined_at,
        reason=Cause.of(Code.ON_HOLD_AFTER_RESTORE) if quarantined_at else None,
    )
    try:
        submission.expected_outputs = step.expected_outputs(submission.asked)
    except UnusableBrief as error:
        words = _("The task's input cannot be used: %(problem)s") % {"problem": error}
        raise NotPossible(words) from error
    submission.save(force_insert=True)
    _record_birth(submission, actor, reason, is_duplicate=is_duplicate)
    task.touch()
    nudge(SUBMIT, submission.pk)
    return submission


def _judge_repetition(earlier: list[Submission], actor: User | None, reason: str) -> None:
    if actor is None:
        raise Unasked(f"{earlier[0].pk}: another attempt without a person")
    if not reason.strip() and any(attempt.may_be_paid for attempt in earlier):
        raise ReasonNeeded(
            _("TopView has accepted this before, or may have. Say why it is started, and paid, once more.")
        )


def _record_birth(submission: Submission, actor: User | None, reason: str, *, is_duplicate: bool) -> None:
    is_repeated = submission.attempt > 1
    cause = "ordered-again" if is_duplicate else "created" if actor else "followed"
    Transition.objects.create(
        workspace_id=submission.workspace_id,
        submission=submission,
        to_status=Status.QUEUED,
        cause="repeated" if is_repeated else cause,
        detail=reason.strip()[:500],
        actor=actor,
    )
    if is_repeated:
        audit.record(
            audit.Verb.TRIED_AGAIN,
            actor=actor,
            workspace=submission.task.workspace,
            subject=submission.task,
            step=submission.step,
            item=submission.item,
            attempt=submission.attempt,
            reason=reason.strip()[:500],
        )


def refuse_beside_another(task: Task, source: Output) -> None:
    """Raise NotPossible while another call works on the same output in a task that they share at TopView.

    There both would be told by one row, and nobody could say whose result it is. Runs inside a transaction.
    """
    Task.objects.select_for_update(no_key=True).get(pk=task.pk)
    sharing = [step.slug for step in kind(task.kind).steps if step.wire.shares_task]
    calls = task.submissions.filter(step__in=sharing, source__identity=source.identity)
    if calls.exclude(status__in=(*DEAD, Status.SUCCEEDED)).exists():
        raise NotPossible(_("Something else is still being made of this. Wait until it is finished."))
