"""Settings: calls that wait since a backup was restored, until an admin decides about each. For admins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from tasks.access import PortalRequest, administrator, submission_for
from tasks.commands.evidence.lost_calls import Traces, traces_of
from tasks.commands.operations import quarantine
from tasks.commands.refusals import FollowedElsewhere
from tasks.commands.submissions import actions
from tasks.forms.tasks.decisions import SentForm
from tasks.models import Submission
from tasks.text import StrOrPromise
from tasks.views.accounts.charge_rows import Line, format_and_step, lines_of_found
from tasks.views.frame.status_cache import answer_change
from tasks.views.http.formatting import exact
from tasks.views.http.responses import REFUSED
from tasks.views.tasks.follower import words_of

# Cards of one page; the next ones come up as these are decided.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class QuarantinedCall:
    """One call on hold, with what may be its trace at TopView."""

    call: Submission
    format: StrOrPromise
    step: StrOrPromise
    owner: str
    ordered: str
    ordered_at: datetime
    traces: Traces
    lines: list[Line]
    shown_by: str  # by when TopView would show a trace
    typed: str = ""
    problem: str = ""

    @property
    def traces_id(self) -> str:
        """The id of the words above the table of traces."""
        return f"traces-{self.call.pk}"

    @property
    def traces_name(self) -> str:
        """The ids that name the table: among several, the title tells them apart."""
        return f"title-{self.call.pk} {self.traces_id}"


@require_safe
@administrator
def quarantined_calls(request: PortalRequest) -> HttpResponse:
    """What is on hold, the longest waiting first."""
    return _page(request)


@require_POST
@administrator
def quarantine_release_all(request: PortalRequest) -> HttpResponse:
    """Release all those of which TopView would show a trace, and shows none."""
    count = quarantine.release_untraced(workspace_id=request.membership.workspace_id, actor=request.user)
    said = ngettext("%(count)d call was released.", "%(count)d calls were released.", count)
    return answer_change(request, said % {"count": count}, "quarantine")


@require_POST
@administrator
def quarantine_release(request: PortalRequest, submission_id: UUID) -> HttpResponse:
    """It was not sent: let it go on."""
    return _act(request, submission_id, quarantine.release, _("Released. It is sent when its turn comes."))


@require_POST
@administrator
def quarantine_cancel(request: PortalRequest, submission_id: UUID) -> HttpResponse:
    """It is not wanted any more."""
    return _act(request, submission_id, actions.cancel, _("Cancelled. The portal does not send it."))


@require_POST
@administrator
def quarantine_sent(request: PortalRequest, submission_id: UUID) -> HttpResponse:
    """It was sent: look for it, or follow the task that is named."""
    submission = submission_for(request.membership, submission_id)
    form = SentForm(request.POST)
    if not form.is_valid():
        return _page(request, refused=submission_id, form=form, status=REFUSED)
    remote_id = form.cleaned_data["remote_id"]
    try:
        won = quarantine.say_sent(submission=submission, actor=request.user, remote_id=remote_id)
    except FollowedElsewhere as reason:
        form.add_error("remote_id", words_of(reason))
        return _page(request, refused=submission_id, form=form, status=REFUSED)
    return _back(request, _("It is not sent again. The portal looks for it at TopView."), won=won)


def _act(
    request: PortalRequest, submission_id: UUID, command: Callable[..., bool], said: str
) -> HttpResponse:
    submission = submission_for(request.membership, submission_id)
    return _back(request, said, won=command(submission=submission, actor=request.user))


def _back(request: PortalRequest, said: str, *, won: bool) -> HttpResponse:
    late = _("A colleague was faster: it is not on hold any more.")
    return answer_change(request, said, "quarantine", won=won, late=late)


def _page(
    request: PortalRequest, *, refused: UUID | None = None, form: SentForm | None = None, status: int = 200
) -> HttpResponse:
    rows = Submission.objects.quarantined().filter(workspace=request.membership.workspace_id)
    calls = list(rows.select_related("task__credential", "task__owner", "source__submission")[:SHOWN])
    lines = [
        _line(call, traces, form if call.pk == refused else None)
        for call, traces in zip(calls, traces_of(calls), strict=True)
    ]
    context = {
        "lines": lines,
        "count": rows.count(),
        "untraced": sum(1 for line in lines if line.traces.say_not_sent),
    }
    return render(request, "system/quarantine.html", context, status=status)


def _line(call: Submission, traces: Traces, form: SentForm | None) -> QuarantinedCall:
    format_label, step = format_and_step(call)
    return QuarantinedCall(
        call=call,
        format=format_label,
        step=step,
        owner=str(call.task.owner or ""),
        ordered=exact(call.created_at),
        ordered_at=call.created_at,
        traces=traces,
        lines=lines_of_found(traces.found),
        shown_by=exact(traces.shown_by),
        typed=form["remote_id"].value() or "" if form else "",
        problem=str(form.errors["remote_id"][0]) if form else "",
    )
