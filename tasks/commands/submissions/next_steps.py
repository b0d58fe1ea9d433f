"""Steps after the first: what a person chooses to go on with, and what goes on by itself."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tasks import audit
from tasks.commands.ledger.pricing import price_of
from tasks.commands.ledger.spending import demand_confirmation, record_confirmation
from tasks.commands.library.uploads import require_ready
from tasks.commands.refusals import NotPossible
from tasks.commands.submissions.create import queue_step, refuse_beside_another
from tasks.commands.submissions.duplicates import demand_reason_for_step, live_calls, wait_for_turn
from tasks.kinds import kind
from tasks.models import DEAD, Membership, Output, Status, Submission, Task, Workspace

if TYPE_CHECKING:
    from tasks.kinds.base import KindForm, Step, TaskKind

logger = logging.getLogger(__name__)


def start_step(
    *,
    task: Task,
    step: Step,
    sources: Sequence[Output],
    form: KindForm | None,
    membership: Membership,
    order_id: UUID,
    reason: str = "",
    confirmed: str = "",
) -> list[Submission]:
    """Queue a step for outputs that were chosen, each as a call of its own.

    `order_id` was drawn when the page was shown: sent twice, it lands on the same calls.
    Raises NotPossible when one of them cannot be worked on, or was started already; then none is started.
    Raises ReasonNeeded when one was paid before, or may have been, and no reason is given; of a step that
    may be repeated when it may be doing the same for that output now.
    Raises PriceUnconfirmed when all of it costs more than the workspace wants spent unasked.
    """
    answers = form.brief() if form is not None else {}
    ids = {uuid5(order_id, str(source.pk)): source for source in sources}
    try:
        with transaction.atomic():
            workspace = wait_for_turn(task.workspace_id)
            uploads = form.uploads(answers) if form is not None else []
            task.uploads.add(*require_ready(task.workspace_id, uploads))
            known = set(task.submissions.filter(pk__in=ids).values_list("pk", flat=True))
            calls = [_start(task, step, source, answers, membership, order_id, reason) for source in sources]
            unpaid = [source for key, source in ids.items() if key not in known]
            _agree(workspace, task, step, unpaid, answers, membership, confirmed)
            return calls
    except IntegrityError:
        started = [_the_same(one, step, answers) for one in task.submissions.filter(pk__in=ids)]
        if len(started) < len(ids):
            raise NotPossible(_("Somebody has already started this.")) from None
        return started


def _agree(
    workspace: Workspace,
    task: Task,
    step: Step,
    sources: Sequence[Output],
    answers: dict[str, object],
    membership: Membership,
    confirmed: str,
) -> None:
    """After everything else was found to be possible: what is asked about last is the price."""
    if not sources:
        return
    asked = {**task.brief, **answers, "item_facts": sources[0].facts}
    amount = demand_confirmation(
        workspace=workspace,
        price=price_of(
            workspace_id=workspace.pk, kind=kind(task.kind), step=step, asked=asked, count=len(sources)
        ),
        actor=membership.user,
        order=(str(task.pk), step.slug, sorted(str(one.pk) for one in sources), sorted(answers.items())),
        confirmed=confirmed,
    )
    record_confirmation(task=task, step=step.slug, actor=membership.user, amount=amount)


def _start(
    task: Task,
    step: Step,
    source: Output,
    answers: dict[str, object],
    membership: Membership,
    order_id: UUID,
    reason: str,
) -> Submission:
    submission_id = uuid5(order_id, str(source.pk))
    if known := task.submissions.filter(pk=submission_id).first():
        return _the_same(known, step, answers)
    if step.wire.shares_task:
        refuse_beside_another(task, source)
    if refusal := step.follow_up.refusal(source.facts):
        raise NotPossible(str(refusal))
    is_duplicate = demand_reason_for_step(task, step, source, answers, reason)
    submission = queue_step(
        task=task,
        step=step,
        item=item_of(task, step, source),
        source=source,
        answers=answers,
        submission_id=submission_id,
        actor=membership.user,
        reason=reason,
        is_duplicate=is_duplicate,
    )
    audit.record(
        audit.Verb.STEP_STARTED,
        actor=membership.user,
        workspace=membership.workspace,
        subject=task,
        step=step.slug,
        item=submission.item,
        **({"reason": reason.strip()[:500]} if is_duplicate else {}),
    )
    return submission


def _the_same(known: Submission, step: Step, answers: dict[str, object]) -> Submission:
    """What this page has started before. Raises NotPossible when it asked for something else then."""
    if (known.step, known.answers) != (step.slug, answers) or known.status in DEAD:
        raise NotPossible(_("This page was sent before, with other answers. Send it again to start another."))
    return known


def item_of(task: Task, step: Step, source: Output) -> str:
    """The name under which a step works on an output: once each, unless the step may be repeated.

    What a repeatable step has made anew is another thing to work on than what was there before.
    """
    if not step.follow_up.is_repeatable:
        made_as = source.submission.item
        return made_as if made_as.startswith(f"{source.identity}~") else source.identity
    mine = task.submissions.filter(step=step.slug, item__startswith=f"{source.identity}~")
    alive = set(mine.exclude(status__in=DEAD).values_list("item", flat=True))
    names = (f"{source.identity}~{number}" for number in count(1))
    return next(name for name in names if name not in alive)


def may_be_paid_before(task: Task, step: Step, source: Output) -> bool:
    """Whether an earlier attempt at the step was paid, or may have been, for this output, or is under way."""
    if live_calls(task, step, source):
        return True
    item = item_of(task, step, source)
    return any(attempt.may_be_paid for attempt in task.submissions.filter(step=step.slug, item=item))


def start_automatic_steps(done: Submission) -> None:
    """Queue what goes on by itself after a success. Runs in the transaction that writes the success.

    Not after a call that was found late beside a newer one, not of what was made elsewhere, and never twice
    for an output. One that cannot be queued waits for a person: the success that was paid for is kept.
    """
    task = done.task
    if done.is_second_charge or task.is_adopted:
        return
    for step in kind(task.kind).automatic_steps(task.brief, done.step):
        known = set(task.submissions.filter(step=step.slug).values_list("item", flat=True))
        for source in done.outputs.exclude(identity__in=known).order_by("position"):
            held = done.quarantined_at
            try:
                queue_step(task=task, step=step, item=source.identity, source=source, quarantined_at=held)
            except NotPossible:
                logger.warning("next-steps.not-started", extra={"task": str(task.pk), "step": step.slug})


def close_choice(*, task: Task, membership: Membership) -> None:
    """Somebody wants nothing more of this task: it waits for nobody any longer. Its steps stay open."""
    with transaction.atomic():
        if Task.objects.filter(pk=task.pk, choice_closed=False).update(choice_closed=True):
            audit.record(
                audit.Verb.CHOICE_CLOSED,
                actor=membership.user,
                workspace=membership.workspace,
                subject=task,
            )
            task.touch()


def usable_outputs(task: Task, step: Step) -> list[Output]:
    """What a step can work on: for each key the newest output of the steps it names."""
    rows = Output.objects.filter(
        task=task, submission__step__in=step.follow_up.works_on, submission__status=Status.SUCCEEDED
    )
    newest: dict[str, Output] = {}
    shown = rows.select_related("submission", "blob__preview", "blob__timing", "blob__player_media", "poster")
    for output in shown.order_by("created_at", "position"):
        newest[output.identity] = output
    return sorted(newest.values(), key=lambda output: output.position)


def open_steps(task: Task, declared: TaskKind) -> list[Step]:
    """The steps of a task that a person may start now: none of what was made elsewhere."""
    if task.is_adopted:
        return []
    calls = list(task.submissions.values_list("step", "status"))
    done = {step for step, status in calls if status == Status.SUCCEEDED}
    return declared.open_steps(task.brief, done=done, started={step for step, _status in calls})
