"""Deciding about a version."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tasks.access import PortalRequest, member, version_for
from tasks.commands.refusals import NotPossible
from tasks.commands.review.deciding import Outdated, ReasonMissing, Seen, decide
from tasks.commands.review.rules import waiting_for
from tasks.forms.review.decision import DecisionForm
from tasks.models import Decision, Verdict
from tasks.views.frame.status_cache import forget_waiting
from tasks.views.http.responses import CONFLICT, REFUSED, see_other
from tasks.views.review.page import render_review


@require_POST
@member
def review_decide(request: PortalRequest, version_id: UUID) -> HttpResponse:
    """Approve, ask for changes, reject, or withdraw an approval; then on to what waits next."""
    version = version_for(request.membership, version_id)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return render_review(request, version, refused=form, status=REFUSED)
    asked = form.cleaned_data
    seen = Seen(asked["sha256"], asked["revision"])
    try:
        decision = decide(
            version=version,
            membership=request.membership,
            verdict=Verdict(asked["verdict"]),
            reason=asked["reason"],
            seen=seen,
        )
    except ReasonMissing as missing:
        form.add_error("reason", str(missing))
        return render_review(request, version, refused=form, status=REFUSED)
    except Outdated:
        return _outdated(request, version_id, form, seen)
    except NotPossible as refusal:
        messages.warning(request, str(refusal))
        return see_other("review-page", version_id)
    return _onwards(request, decision)


def _onwards(request: PortalRequest, decision: Decision) -> HttpResponse:
    messages.success(request, _said(decision))
    forget_waiting(request.membership)
    version = decision.version
    waits = waiting_for(request.membership).exclude(pk=version.pk)
    # What the reader has passed over stays behind them.
    is_later = Q(sort_at__gt=version.sort_at) | Q(sort_at=version.sort_at, pk__gt=version.pk)
    following = waits.filter(is_later).first() or waits.first()
    if decision.verdict == Verdict.WITHDRAWN:
        return see_other("review-page", decision.version_id)
    return see_other("review-page", following.pk) if following else see_other("review-inbox")


def _said(decision: Decision) -> str:
    words = {
        Verdict.APPROVED: _("Approved: %(piece)s, version %(number)d."),
        Verdict.CHANGES: _("Changes requested: %(piece)s, version %(number)d."),
        Verdict.REJECTED: _("Rejected: %(piece)s, version %(number)d."),
        Verdict.WITHDRAWN: _("Approval withdrawn: %(piece)s, version %(number)d."),
    }[Verdict(decision.verdict)]
    return words % {"piece": decision.version.piece.title, "number": decision.version.number}


def _outdated(request: PortalRequest, version_id: UUID, form: DecisionForm, seen: Seen) -> HttpResponse:
    version = version_for(request.membership, version_id)
    context = {
        "version": version,
        "piece": version.piece,
        "form": form,
        "is_replaced": version.is_replaced or version.blob.sha256 != seen.sha256,
        "newer": version.piece.versions.filter(number__gt=version.number).order_by("-number"),
        "decisions": version.decisions.filter(revision__gt=seen.revision),
        "comments": version.comments.filter(revision__gt=seen.revision).select_related("author", "guest"),
    }
    return render(request, "review/outdated.html", context, status=CONFLICT)
