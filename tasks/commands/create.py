"""Makes tasks: everything about the order is on disk before the worker hears of it."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks import audit
from tasks.commands.queue import SUBMIT, nudge
from tasks.commands.refusals import NotPossible, ReasonNeeded
from tasks.kinds import kind
from tasks.kinds.base import KindForm, Step, TaskKind
from tasks.models import (
    DEAD,
    Credential,
    Membership,
    Move,
    Output,
    Status,
    Submission,
    Task,
    TaskStatus,
    Upload,
    User,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tasks.kinds.base import Brief


# How long an equal order of the same person counts as perhaps the same, sent from a second tab.
_SAME_AGAIN = timedelta(minutes=10)


class AlreadySent(Exception):
    """The form's id belongs to a task with another brief: the person must say whether to make another.

    With `is_equal` it is the other way round: another form has just ordered the very same.
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
) -> Task:
    """Store a valid form as a task and queue its first step.

    `task_id` was drawn when the form was shown: sent twice with the same values it lands on the same task.
    Raises AlreadySent when the values differ, or when the id is a stranger's; unless `is_another`, which says
    that the person wants one more, also when they have just ordered the very same in another form.
    """
    brief = form.brief()
    digest = brief_digest(kind, brief)
    try:
        with transaction.atomic():
            _wait_for_turn(membership)
            if (known := Task.objects.filter(pk=task_id).first()) is None:
                if not is_another and (twin := _twin(membership, digest, version_of)) is not None:
                    raise AlreadySent(twin, is_equal=True)
                return _make(task_id, membership, kind, brief, digest, credential, version_of)
    except IntegrityError:
        known = Task.objects.get(pk=task_id)
    if known.workspace_id != membership.workspace_id:
        raise AlreadySent(None)
    if known.brief_digest != digest or known.owner_id != membership.user_id:
        raise AlreadySent(known)
    return known


def _wait_for_turn(membership: Membership) -> None:
    """Let one order of a person in a workspace follow another: each sees what was ordered just before."""
    Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)


def _twin(membership: Membership, digest: str, version_of: Task | None) -> Task | None:
    """What the person has just ordered with the same brief and may still get; not what they make again."""
    lately = Task.objects.filter(
        workspace=membership.workspace_id, created_at__gt=timezone.now() - _SAME_AGAIN
    )
    equal = lately.filter(owner=membership.user_id, brief_digest=digest)
    ended = (TaskStatus.FAILED, TaskStatus.CANCELLED)
    again = [version_of.pk] if version_of else []
    return equal.exclude(status__in=ended).exclude(pk__in=again).order_by("-created_at").first()


def brief_digest(kind: TaskKind, brief: Brief) -> str:
    """The same for two forms exactly when they ask for the same thing."""
    text = json.dumps([kind.slug, brief], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _make(
    task_id: UUID,
    membership: Membership,
    kind: TaskKind,
    brief: dict[str, object],
    digest: str,
    credential: Credential,
    version_of: Task | None,
) -> Task:
    uploads = Upload.objects.filter(workspace=membership.workspace_id, pk__in=kind.uploads(brief))
    task = Task.objects.create(
        pk=task_id,
        workspace_id=membership.workspace_id,
        owner_id=membership.user_id,
        credential=credential,
        kind=kind.slug,
        title=kind.title(brief, {str(upload.pk): upload.name for upload in uploads})[:200],
        brief=brief,
        brief_schema=kind.version,
        brief_digest=digest,
        version_of=version_of,
    )
    task.uploads.set(uploads)
    queue_step(task=task, step=kind.steps[0], actor=membership.user)
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
    held_at: datetime | None = None,
    actor: User | None = None,
    reason: str = "",
) -> Submission:
    """Queue a call of one step: the next attempt when earlier ones are dead. Runs inside a transaction.

    `source` is the output it works on, `answers` what was asked beside the task's brief. With `held_at` it
    waits until a person releases it. Nobody is the actor of a step that starts by itself; a further attempt
    is always somebody's, and on the record. Raises ReasonNeeded when an earlier attempt may have been paid
    and no reason is given.
    Raises NotPossible for a task that was made elsewhere.
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
        held_at=held_at,
        reason=words_of_hold() if held_at else "",
    )
    submission.expected_outputs = step.expected_outputs(submission.asked)
    submission.save(force_insert=True)
    _record_birth(submission, actor, reason)
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


def _record_birth(submission: Submission, actor: User | None, reason: str) -> None:
    is_repeated = submission.attempt > 1
    cause = "created" if actor else "followed"
    Move.objects.create(
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


def words_of_hold() -> str:
    """Why a call is on hold."""
    return _("On hold: the portal was restored from a backup, and this may have been sent since it was made.")


def refuse_beside_another(task: Task, source: Output) -> None:
    """Raise NotPossible while another call works on the same output in a task that they share at TopView.

    There both would be told by one row, and nobody could say whose result it is. Runs inside a transaction.
    """
    Task.objects.select_for_update(no_key=True).get(pk=task.pk)
    sharing = [step.slug for step in kind(task.kind).steps if step.shares_task]
    calls = task.submissions.filter(step__in=sharing, source__identity=source.identity)
    if calls.exclude(status__in=(*DEAD, Status.SUCCEEDED)).exists():
        raise NotPossible(_("Something else is still being made of this. Wait until it is finished."))
