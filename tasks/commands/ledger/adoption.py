"""What a person does about a charge that is of no call of the portal: adopt it, or set it aside.

Adopting pays for nothing: the task is followed at TopView under the id that the charge names, and what it has
made is saved. Nothing is ever sent for it.
"""

from __future__ import annotations

import hashlib
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks import audit
from tasks.audit import Verb
from tasks.commands.evidence.following import Taken, look_ahead, refusal, take
from tasks.commands.refusals import NotPossible
from tasks.kinds import KINDS
from tasks.kinds.base import Step, TaskKind, UnusableBrief
from tasks.models import Charge, ClaimSource, Status, Submission, Task, Transition, User

ADOPTED = "adopted"


def adoptable_as(charge: Charge) -> list[tuple[TaskKind, Step]]:
    """The formats and steps that the log names so. One that shares its task is no task of its own."""
    return [
        (kind, step)
        for kind in KINDS.values()
        for step in kind.steps
        if charge.remote_id and step.pricing.credit_log_type == charge.task_type and not step.wire.shares_task
    ]


def adopt_charge(*, charge: Charge, kind: TaskKind, step: Step, actor: User) -> Task:
    """Follow what was charged, as a task of the person's. Said twice, it lands on the same task.

    Said again for another format or step, while TopView does not know it as the first, it is asked about as
    the second. Raises NotPossible when a call of the portal follows it, or its type is not this step's.
    """
    if (kind, step) not in adoptable_as(charge):
        raise NotPossible(_("TopView's log names this charge otherwise."))
    task_id = uuid5(charge.workspace_id, charge.remote_id)
    try:
        with transaction.atomic():
            known = Task.objects.filter(pk=task_id).first()
            return (
                _as_another(known, kind, step, actor) if known else _make(task_id, charge, kind, step, actor)
            )
    except IntegrityError:
        return Task.objects.get(pk=task_id)


def _make(task_id: UUID, charge: Charge, kind: TaskKind, step: Step, actor: User) -> Task:
    if Submission.objects.filter(workspace=charge.workspace_id, remote_id=charge.remote_id).exists():
        raise NotPossible(_("A call of this portal follows it already."))
    task = Task.objects.create(
        pk=task_id,
        workspace_id=charge.workspace_id,
        owner=actor,
        credential_id=charge.credential_id,
        kind=kind.slug,
        title=_title(kind, charge.remote_id),
        brief_digest=hashlib.sha256(charge.remote_id.encode()).hexdigest(),
        choice_closed=True,
        is_adopted=True,
    )
    call = _follow(task, step, charge, actor)
    try:
        take(call, remote_id=charge.remote_id, source=ClaimSource.CHARGE, actor=actor)
    except Taken as taken:
        raise refusal(taken.claim, workspace_id=charge.workspace_id) from None
    mine = Charge.objects.filter(credential=charge.credential_id, remote_id=charge.remote_id, submission=None)
    mine.update(submission=call, set_aside_at=None, set_aside_reason="")
    _record(Verb.CHARGE_ADOPTED, charge, actor, kind=kind.slug, step=step.slug, task=str(task_id))
    task.touch()
    return task


def _follow(task: Task, step: Step, charge: Charge, actor: User) -> Submission:
    """Its call, born at work: TopView accepted it without us."""
    now = timezone.now()
    call = Submission.objects.create(
        workspace_id=task.workspace_id,
        task=task,
        step=step.slug,
        status=Status.RUNNING,
        remote_id=charge.remote_id,
        expected_outputs=_expected(step),
        accepted_at=charge.charged_at or now,
        next_at=now,
    )
    Transition.objects.create(
        workspace_id=task.workspace_id,
        submission=call,
        to_status=Status.RUNNING,
        cause=ADOPTED,
        detail=charge.remote_id,
        actor=actor,
    )
    look_ahead(call, since=now)
    return call


def _expected(step: Step) -> int:
    """How many files it makes at least, as far as that can be told without a brief."""
    try:
        return step.expected_outputs({})
    except UnusableBrief:
        return 1


def _title(kind: TaskKind, remote_id: str) -> str:
    return _("%(format)s made elsewhere (%(id)s)") % {"format": kind.label, "id": remote_id[:12]}


def _as_another(task: Task, kind: TaskKind, step: Step, actor: User) -> Task:
    """It was adopted before. Where TopView did not know it as that, it is asked about as this."""
    call = task.submissions.get()
    if (task.kind, call.step) == (kind.slug, step.slug) or not is_mistaken(task, call):
        return task
    title = _title(kind, call.remote_id)
    Task.objects.filter(pk=task.pk).update(kind=kind.slug, title=title)
    Submission.objects.filter(pk=call.pk).update(step=step.slug, next_at=timezone.now(), attention=None)
    audit.record(
        Verb.CHARGE_ADOPTED,
        actor=actor,
        workspace=task.workspace,
        subject=task,
        kind=kind.slug,
        step=step.slug,
    )
    task.touch()
    task.refresh_from_db()
    return task


def is_mistaken(task: Task, call: Submission) -> bool:
    """Whether an adopted task may be of another format than was said: TopView has shown nothing of it."""
    return (
        task.is_adopted
        and call.status == Status.RUNNING
        and bool(call.attention)
        and not call.outputs.exists()
    )


def set_charge_aside(*, charge: Charge, actor: User, reason: str) -> bool:
    """A person says why it is nothing of this portal's. False when that was said, or a call has it."""
    rows = Charge.objects.filter(pk=charge.pk, set_aside_at=None, submission=None)
    with transaction.atomic():
        won = bool(rows.update(set_aside_at=timezone.now(), set_aside_reason=reason[:300]))
        if won:
            _record(Verb.CHARGE_SET_ASIDE, charge, actor, reason=reason[:300])
    return won


def take_charge_back(*, charge: Charge, actor: User) -> bool:
    """It is in question again. False when it was not set aside."""
    rows = Charge.objects.filter(pk=charge.pk, set_aside_at__isnull=False)
    with transaction.atomic():
        won = bool(rows.update(set_aside_at=None, set_aside_reason=""))
        if won:
            _record(Verb.CHARGE_TAKEN_BACK, charge, actor)
    return won


def _record(verb: Verb, charge: Charge, actor: User, **facts: object) -> None:
    audit.record(
        verb,
        actor=actor,
        workspace=charge.workspace,
        subject=charge,
        remote_id=charge.remote_id,
        cost=str(charge.cost),
        **facts,
    )
