"""What a person may decide about a submission: cancel, stop watching, try again, settle the unknown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks import kinds
from tasks.audit import Verb, record_about_call
from tasks.commands.ledger.pricing import price_of
from tasks.commands.ledger.spending import demand_confirmation, record_confirmation
from tasks.commands.refusals import NotPossible
from tasks.commands.runtime.queue import SAVE_OUTPUT, nudge
from tasks.commands.submissions.create import queue_step, refuse_beside_another
from tasks.commands.submissions.duplicates import demand_reason, duplicate_of, wait_for_turn
from tasks.commands.submissions.remarks import remark
from tasks.kinds.base import Step
from tasks.models import DEAD, Output, OutputState, Status, Submission, User, Workspace


def cancel(*, submission: Submission, actor: User) -> bool:
    """Call it off before the paid call. False when the worker was faster: then it may already be paid."""
    while submission.status in (Status.QUEUED, Status.PREPARING):
        if _decide(submission, Status.CANCELLED, Verb.TASK_CANCELLED, actor, cause="cancelled"):
            return True
        # It has moved since it was read, perhaps only from one of the two to the other.
        submission.refresh_from_db()
    return False


def stop_watching(*, submission: Submission, actor: User, keeps_outputs: bool = True) -> bool:
    """Take it off people's minds. TopView has no cancel: it may still finish and be charged.

    What it makes is saved all the same, unless `keeps_outputs` is False.
    """
    if submission.status != Status.RUNNING:
        return False
    cause = "stopped" if keeps_outputs else "stopped-unwanted"
    return _decide(
        submission, Status.STOPPED, Verb.WATCHING_STOPPED, actor, cause=cause, keeps_outputs=keeps_outputs
    )


def want_outputs(*, submission: Submission, actor: User, wanted: bool) -> bool:
    """Have what it makes, or has made, saved after all; or, while nobody watches it, not saved.

    False when that is so already, or cannot be chosen any more.
    """
    rows = Submission.objects.filter(pk=submission.pk, keeps_outputs=not wanted)
    if not wanted:
        rows = rows.filter(status=Status.STOPPED)
    with transaction.atomic():
        if not rows.update(keeps_outputs=wanted):
            return False
        record_about_call(Verb.OUTPUTS_WANTED if wanted else Verb.OUTPUTS_UNWANTED, submission, actor)
        cause = "outputs-wanted" if wanted else "outputs-unwanted"
        remark(submission=submission, cause=cause, actor=actor)
        for output in submission.outputs.filter(state=OutputState.WAITING) if wanted else ():
            _fetch_now(output)
        submission.task.touch()
    return True


def try_again(*, submission: Submission, actor: User, reason: str = "", confirmed: str = "") -> Submission:
    """Queue a new, paid attempt at the same step. Raises NotPossible while one is alive or has succeeded.

    Raises ReasonNeeded when an earlier attempt was accepted, or may have been, or the same may be made by
    another task or call now, and no reason is given; PriceUnconfirmed when it costs more than the workspace
    wants spent unasked.
    """
    if submission.status not in DEAD:
        raise NotPossible(_("This step is still under way, so it is not started a second time."))
    step = kinds.step(submission.task.kind, submission.step)
    try:
        with transaction.atomic():
            workspace = wait_for_turn(submission.workspace_id)
            if step.wire.shares_task and submission.source is not None:
                refuse_beside_another(submission.task, submission.source)
            demand_reason(duplicate_of(submission), reason)
            fresh = queue_step(
                task=submission.task,
                step=step,
                item=submission.item,
                source=submission.source,
                answers=submission.answers,
                actor=actor,
                reason=reason,
            )
            _agree(workspace, submission, step, actor, confirmed)
    except IntegrityError:
        raise NotPossible(_("Somebody has already started this step again.")) from None
    return fresh


def _agree(workspace: Workspace, submission: Submission, step: Step, actor: User, confirmed: str) -> None:
    declared = kinds.kind(submission.task.kind)
    amount = demand_confirmation(
        workspace=workspace,
        price=price_of(workspace_id=workspace.pk, kind=declared, step=step, asked=submission.asked),
        actor=actor,
        order=(str(submission.pk), "again"),
        confirmed=confirmed,
    )
    record_confirmation(task=submission.task, step=step.slug, actor=actor, amount=amount)


def ask_save_again(*, output: Output, actor: User) -> None:
    """Fetch an output once more, now; one that was not wanted is wanted then."""
    want_outputs(submission=output.submission, actor=actor, wanted=True)
    with transaction.atomic():
        if _fetch_now(output):
            remark(submission=output.submission, cause="asked-to-save", actor=actor)
            output.task.touch()


def _fetch_now(output: Output) -> bool:
    rows = Output.objects.filter(pk=output.pk).exclude(state__in=(OutputState.SAVED, OutputState.SAVING))
    if not rows.update(state=OutputState.WAITING, next_at=timezone.now() - timedelta(seconds=1)):
        return False
    nudge(SAVE_OUTPUT, output.pk)
    return True


def _decide(submission: Submission, to: Status, verb: Verb, actor: User, *, cause: str, **facts: Any) -> bool:
    if to is Status.CANCELLED:
        facts["finished_at"] = timezone.now()
    with transaction.atomic():
        won = submission.advance(to, cause=cause, actor=actor, **facts)
        if won:
            record_about_call(verb, submission, actor)
    return won
