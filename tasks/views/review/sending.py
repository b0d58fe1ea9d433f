"""The maker sends results of a task for review, and takes a version out of it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from tasks.access import PortalRequest, marketer, task_for, version_for
from tasks.commands.refusals import NotPossible
from tasks.commands.review.rules import deciders_of_task
from tasks.commands.review.sending import (
    Request,
    piece_for,
    pieces_to_join,
    recall,
    send_all_for_review,
    sendable_outputs,
)
from tasks.forms.review.sending import SendForm
from tasks.models import AssetRole, Output, Task, Version
from tasks.views.http.addresses import poster_url
from tasks.views.http.responses import REFUSED, see_other


@dataclass(frozen=True, slots=True)
class Option:
    """A result as the form offers it."""

    id: str
    label: str
    role: str
    poster_url: str
    width: int | None
    height: int | None
    becomes: str  # which version of which piece, where that is not to be chosen
    is_chosen: bool


@require_http_methods(["GET", "HEAD", "POST"])
@marketer
def task_review(request: PortalRequest, task_id: UUID) -> HttpResponse:
    """Choose results, say to whom and by when, and send them."""
    task = task_for(request.membership, task_id)
    outputs = list(sendable_outputs(task))
    form = _form(request, task, outputs)
    if request.method != "POST" or not form.is_valid():
        status = REFUSED if form.is_bound else 200
        context = {"task": task, "form": form, "options": _options(form, outputs)}
        return render(request, "review/send.html", context, status=status)
    asked = form.cleaned_data
    try:
        versions = send_all_for_review(
            outputs=list(asked["outputs"]),
            membership=request.membership,
            request=Request(list(asked.get("reviewers") or ()), asked["note"], asked["due_on"]),
            piece=asked.get("piece"),
            title=asked["title"],
        )
    except NotPossible as refusal:
        messages.warning(request, str(refusal))
        return see_other("task-review", task_id)
    sent = ngettext("Sent for review.", "%(count)d results are sent for review.", len(versions))
    messages.success(request, sent % {"count": len(versions)})
    return see_other("task-page", task_id)


def _form(request: PortalRequest, task: Task, outputs: Sequence[Output]) -> SendForm:
    pieces = {piece.pk: piece for output in outputs for piece in pieces_to_join(output)}
    # A duplicate is most often the next version of what it was made from.
    first = next(iter(pieces)) if len(outputs) == 1 and pieces else None
    asked = request.GET.get("output")
    chosen = [one.pk for one in outputs if len(outputs) == 1 or str(one.pk) == asked]
    return SendForm(
        request.POST if request.method == "POST" else None,
        outputs=outputs,
        pieces=list(pieces.values()),
        deciders=list(deciders_of_task(task, request.user).select_related("user")),
        initial={"title": task.title[:200], "outputs": chosen, "piece": first},
    )


def _options(form: SendForm, outputs: Sequence[Output]) -> list[Option]:
    chosen = {str(one) for one in form["outputs"].value() or ()}
    many = len(outputs) > 1
    return [
        Option(
            id=str(output.pk),
            label=output.name or f"{AssetRole(output.role).label}{f' {number}' if many else ''}",
            role=output.role,
            poster_url=poster_url(output, output.poster),
            width=output.width,
            height=output.height,
            becomes=_becomes(output),
            is_chosen=str(output.pk) in chosen,
        )
        for number, output in enumerate(outputs, 1)
    ]


def _becomes(output: Output) -> str:
    own = Version.objects.filter(output=output).select_related("piece").first()
    if own is not None:
        said = _("Version %(number)d of “%(piece)s” is opened again")
        return said % {"number": own.number, "piece": own.piece.title}
    piece = piece_for(output)
    return _("Becomes the next version of “%(piece)s”") % {"piece": piece.title} if piece else ""


@require_POST
@marketer
def review_recall(request: PortalRequest, version_id: UUID) -> HttpResponse:
    """Take a version out of review."""
    version = version_for(request.membership, version_id)
    try:
        won = recall(version=version, membership=request.membership)
    except NotPossible as refusal:
        messages.warning(request, str(refusal))
        return see_other("review-page", version_id)
    if won:
        messages.success(request, _("It does not wait for a decision any more."))
    else:
        messages.warning(request, _("It was decided meanwhile, so nothing was changed."))
    return see_other("review-page", version_id)
