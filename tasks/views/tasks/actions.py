"""What people decide about a submission or an output: one address for each act."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tasks.access import PortalRequest, marketer, output_for, submission_for
from tasks.commands.evidence import decisions
from tasks.commands.ledger.spending import PriceUnconfirmed
from tasks.commands.library.use_output import use_output
from tasks.commands.refusals import FollowedElsewhere, NotPossible, ReasonNeeded
from tasks.commands.submissions import actions
from tasks.forms.tasks.decisions import ReasonForm, RepeatForm, StopForm, TaskIdForm
from tasks.forms.tasks.sources import facts_of
from tasks.models import Submission
from tasks.views.http.responses import REFUSED, SeeOther, see_other
from tasks.views.tasks.confirmations import PriceQuestion, price_question
from tasks.views.tasks.follower import words_of
from tasks.views.tasks.page import render_task
from tasks.views.tasks.usages import usage


@require_POST
@marketer
def submission_cancel(request: PortalRequest, submission_id: UUID) -> HttpResponse:
    """Take it back before the paid call."""
    return _act(request, submission_id, actions.cancel, _("Cancelled. Nothing was paid."))


@require_POST
@marketer
def submission_stop(request: PortalRequest, submission_id: UUID) -> HttpResponse:
    """Stop watching what TopView does; TopView goes on."""
    form = StopForm(request.POST)
    keeps = not (form.is_valid() and form.cleaned_data["unwanted"])
    saved = _("Nobody watches this any more. What comes is still saved.")
    left = _("Nobody watches this any more, and what comes is not saved.")
    said = saved if keeps else left
    return _act(request, submission_id, actions.stop_watching, said, keeps_outputs=keeps)


@require_POST
@marketer
def submission_save_outputs(request: PortalRequest, submission_id: UUID) -> HttpResponse:
    """Have what it makes saved after all."""
    said = _("What it makes is saved.")
    return _act(request, submission_id, actions.want_outputs, said, wanted=True)


@require_POST
@marketer
def submission_discard_outputs(request: PortalRequest, submission_id: UUID) -> HttpResponse:
    """Leave at TopView what a call makes that nobody watches."""
    said = _("What it makes is not saved.")
    return _act(request, submission_id, actions.want_outputs, said, wanted=False)


@require_POST
@marketer
def submission_retry(request: PortalRequest, submission_id: UUID) -> HttpResponse:
    """Start a new attempt, which is paid again."""
    submission = submission_for(request.membership, submission_id)
    form = RepeatForm(request.POST)
    if not form.is_valid():
        return _refuse(request, submission, form)
    try:
        actions.try_again(submission=submission, actor=request.user, **form.cleaned_data)
    except ReasonNeeded as needed:
        form.add_error("reason", str(needed))
        return _refuse(request, submission, form)
    except PriceUnconfirmed as asked:
        return _refuse(request, submission, form, price_question(asked))
    except NotPossible as reason:
        messages.warning(request, str(reason))
        return see_other("task-page", submission.task_id)
    return _back(request, submission, _("Started again."), won=True)


@require_POST
@marketer
def submission_adopt(request: PortalRequest, submission_id: UUID) -> HttpResponse:
    """Follow the task that a person found at TopView."""
    submission = submission_for(request.membership, submission_id)
    form = TaskIdForm(request.POST)
    if not form.is_valid():
        return _refuse(request, submission, form)
    remote_id = form.cleaned_data["remote_id"]
    try:
        won = decisions.give_task_id(submission=submission, actor=request.user, remote_id=remote_id)
    except FollowedElsewhere as refused:
        form.add_error("remote_id", words_of(refused))
        return _refuse(request, submission, form)
    said = _("Thank you. The portal asks TopView about that task, and follows it once TopView knows it.")
    return _back(request, submission, said, won=won)


@require_POST
@marketer
def submission_choose(request: PortalRequest, submission_id: UUID, candidate_id: int) -> HttpResponse:
    """Follow one of the tasks at TopView that may be it."""
    submission = submission_for(request.membership, submission_id)
    candidate = get_object_or_404(submission.candidates, pk=candidate_id, dismissed_at=None)
    try:
        won = decisions.choose_candidate(candidate=candidate, actor=request.user)
    except FollowedElsewhere as refused:
        messages.warning(request, words_of(refused))
        return see_other("task-page", submission.task_id)
    said = _("Thank you. The portal asks TopView about that task, and follows it once TopView knows it.")
    return _back(request, submission, said, won=won)


@require_POST
@marketer
def submission_none(request: PortalRequest, submission_id: UUID) -> HttpResponse:
    """None of the tasks at TopView that were found is it."""
    said = _("Written down. If another task turns up that fits, it is shown here.")
    lost = _("There was nothing to choose from any more.")
    return _act(request, submission_id, decisions.dismiss_candidates, said, lost=lost)


@require_POST
@marketer
def submission_abandon(request: PortalRequest, submission_id: UUID) -> HttpResponse:
    """Say that it never arrived; then it can be tried again."""
    submission = submission_for(request.membership, submission_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _refuse(request, submission, form)
    won = decisions.abandon(submission=submission, actor=request.user, reason=form.cleaned_data["reason"])
    return _back(request, submission, _("Written down. You can try again now."), won=won)


@require_POST
@marketer
def output_retry_save(request: PortalRequest, output_id: UUID) -> HttpResponse:
    """Fetch a result once more that could not be saved."""
    output = output_for(request.membership, output_id)
    actions.ask_save_again(output=output, actor=request.user)
    messages.success(request, _("The portal tries to save it again."))
    return see_other("task-page", output.task_id)


@require_POST
@marketer
def output_use(request: PortalRequest, output_id: UUID) -> HttpResponse:
    """Make a result a file of the library and go on to the form that was chosen, else to the file's own page.

    `use` names format and field, separated by a colon.
    """
    output = output_for(request.membership, output_id)
    try:
        upload = use_output(output=output, membership=request.membership)
    except NotPossible as reason:
        messages.error(request, str(reason))
        return see_other("task-page", output.task_id)
    slug, _colon, field = request.POST.get("use", "").partition(":")
    chosen = usage(facts_of(upload), slug, field)
    return SeeOther(chosen.address(upload) if chosen else reverse("library-item", args=[upload.pk]))


def _act(
    request: PortalRequest,
    submission_id: UUID,
    command: Callable[..., bool],
    said: str,
    *,
    lost: str = "",
    **facts: bool,
) -> HttpResponse:
    """What a person decides about a call with one press; `lost` is said when it came too late."""
    submission = submission_for(request.membership, submission_id)
    won = command(submission=submission, actor=request.user, **facts)
    return _back(request, submission, said, won=won, lost=lost)


def _back(
    request: PortalRequest, submission: Submission, said: str, *, won: bool, lost: str = ""
) -> HttpResponse:
    if won:
        messages.success(request, said)
    else:
        late = _("It had already moved on, so nothing was changed. This is how it stands now.")
        messages.warning(request, lost or late)
    return see_other("task-page", submission.task_id)


def _refuse(
    request: PortalRequest, submission: Submission, form: forms.Form, price: PriceQuestion | None = None
) -> HttpResponse:
    """The task page once more, with what was typed and what is wrong with it or must be agreed to."""
    return render_task(request, submission.task_id, refused=form, price=price, status=REFUSED)
