"""Deciding as a guest."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST

from tasks.commands.guests.deciding import decide_by_link, keeper_of
from tasks.commands.refusals import NotPossible
from tasks.commands.review.deciding import Outdated, ReasonMissing, Seen
from tasks.forms.guests.decision import GuestDecisionForm
from tasks.guest_access import GuestRequest, Right, guest, version_for
from tasks.models import Verdict, Version, Visibility
from tasks.views.guests.entering import visitor_address
from tasks.views.guests.pages import render_version
from tasks.views.http.responses import CONFLICT, REFUSED, see_other


@require_POST
@guest(Right.DECIDE)
def guest_decide(request: GuestRequest, version_id: UUID) -> HttpResponseBase:
    """Approve, ask for changes, or reject."""
    version = version_for(request.visit, version_id)
    form = GuestDecisionForm(request.POST)
    if not form.is_valid():
        return render_version(request, version, decision=form, status=REFUSED)
    asked = form.cleaned_data
    seen = Seen(asked["sha256"], asked["revision"])
    try:
        decide_by_link(
            session=request.visit.session,
            version=version,
            verdict=Verdict(asked["verdict"]),
            reason=asked["reason"],
            seen=seen,
            address=visitor_address(request),
        )
    except ReasonMissing as missing:
        form.add_error("reason", str(missing))
        return render_version(request, version, decision=form, status=REFUSED)
    except Outdated:
        return _outdated(request, version, form, seen)
    except NotPossible as refusal:
        form.add_error(None, str(refusal))
        return render_version(request, version, decision=form, status=REFUSED)
    return see_other("guest-version", request.visit.link.pk, version.pk)


def _outdated(request: GuestRequest, version: Version, form: GuestDecisionForm, seen: Seen) -> HttpResponse:
    """What is newer, as far as guests may know."""
    version.refresh_from_db()
    comments = version.comments.filter(revision__gt=seen.revision, visibility=Visibility.EVERYONE)
    context = {
        "visit": request.visit,
        "version": version,
        "piece": version.piece,
        "form": form,
        "is_replaced": version.is_replaced,
        "keeper": keeper_of(version),
        "comments": comments.filter(deleted_at=None).select_related("author", "guest"),
    }
    return render(request, "guests/outdated.html", context, status=CONFLICT)
