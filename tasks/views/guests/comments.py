"""Saying something as a guest, and the thread as it renews itself."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tasks.commands.guests.commenting import say
from tasks.commands.people.sign_ins import TooManyAttempts
from tasks.commands.refusals import NotPossible
from tasks.commands.review.comments import Place
from tasks.forms.guests.comment import GuestCommentForm
from tasks.guest_access import GuestRequest, Right, guest, version_for
from tasks.models import timeline_of
from tasks.views.guests.entering import too_many, visitor_address
from tasks.views.guests.pages import render_version
from tasks.views.guests.thread import decision_of, thread_of
from tasks.views.http.responses import REFUSED, SeeOther


@require_safe
@guest(Right.SEE)
def guest_thread(request: GuestRequest, version_id: UUID) -> HttpResponseBase:
    """What is said; 204 while it is as the asker has seen it."""
    version = version_for(request.visit, version_id)
    if str(version.revision) == request.GET.get("seen"):
        return HttpResponse(status=204)
    context = {"visit": request.visit, "version": version, **thread_of(request.visit, version)}
    context |= decision_of(request.visit, version)
    return render(request, "guests/_live.html", context)


@require_POST
@guest(Right.COMMENT)
def guest_comment(request: GuestRequest, version_id: UUID) -> HttpResponseBase:
    """Say something, or answer what guests see."""
    version = version_for(request.visit, version_id)
    form = GuestCommentForm(request.POST, timeline=timeline_of(version))
    if not form.is_valid():
        return render_version(request, version, comment=form, status=REFUSED)
    said = form.cleaned_data
    try:
        comment = say(
            session=request.visit.session,
            version=version,
            comment_id=said["comment_id"],
            body=said["body"],
            place=Place(said["frame_in"], said["frame_out"]),
            parent_id=said["parent"],
            address=visitor_address(request),
        )
    except TooManyAttempts as error:
        return too_many(request, error)
    except NotPossible as refusal:
        form.add_error(None, str(refusal))
        return render_version(request, version, comment=form, status=REFUSED)
    page = reverse("guest-version", args=[request.visit.link.pk, version.pk])
    return SeeOther(f"{page}#comment-{comment.pk}")
