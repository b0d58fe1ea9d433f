"""Saying something about a version, and the thread as it renews itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from tasks.access import (
    PortalRequest,
    asked_workspace,
    comment_for,
    member,
    own_comment_for,
    signed_in,
    version_for,
)
from tasks.commands.library.captions import cues_for
from tasks.commands.refusals import NotPossible
from tasks.commands.review.comments import (
    Place,
    add_comment,
    delete_comment,
    edit_comment,
    reopen_comment,
    reply,
    resolve_comment,
)
from tasks.forms.review.comment import WordsForm, comment_form
from tasks.models import Comment, Version, review_revision, timeline_of
from tasks.views.http.responses import REFUSED, SeeOther, see_other
from tasks.views.review.page import live_context, render_review
from tasks.views.review.thread import Refused, comment_url


@require_safe
@signed_in
def review_thread(request: PortalRequest, version_id: UUID) -> HttpResponse:
    """Comments and decisions; 204 while they are as the asker has seen them."""
    workspace_id = asked_workspace(request)
    revision = review_revision(version_id, workspace_id=workspace_id, user_id=request.user.pk)
    if revision is None:
        raise Http404("no such version")
    if str(revision) == request.GET.get("seen"):
        return HttpResponse(status=204)
    return _live(request, version_id)


@require_POST
@member
def comment_add(request: PortalRequest, version_id: UUID) -> HttpResponse:
    """Say something about a version."""
    version = version_for(request.membership, version_id)
    cues = cues_for(version.output, version.blob)
    words, starts = [cue.text for cue in cues], [cue.start for cue in cues]
    form = comment_form(version, request.POST, sentences=words, starts=starts)
    if not form.is_valid():
        return _refused(request, version, Refused(form))
    said = form.cleaned_data
    drawing = said.get("drawing")
    strokes = drawing["strokes"] if drawing else []
    x, y = next((one["points"][0] for one in strokes if one["tool"] == "point"), (None, None))
    sentence = {"sentence": said["sentence"], "sentence_digest": said["sentence_digest"]}
    place = Place(said["frame_in"], said["frame_out"], x, y, drawing, **sentence)

    def act() -> Comment:
        return add_comment(
            version=version,
            membership=request.membership,
            comment_id=said["comment_id"],
            body=said["body"],
            place=place,
            visibility=said["visibility"],
        )

    return _done(request, version_id, act)


@require_POST
@member
def comment_reply(request: PortalRequest, comment_id: UUID) -> HttpResponse:
    """Answer a comment, or tell at the form why that cannot be."""
    parent = comment_for(request.membership, comment_id)
    form = WordsForm(request.POST)
    if not form.is_valid():
        version = version_for(request.membership, parent.version_id)
        return _refused(request, version, Refused(form, parent.pk))
    said = form.cleaned_data

    def act() -> Comment:
        return reply(
            parent=parent,
            membership=request.membership,
            comment_id=said["comment_id"],
            body=said["body"],
            visibility=said["visibility"],
        )

    return _done(request, parent.version_id, act)


@require_POST
@member
def comment_edit(request: PortalRequest, comment_id: UUID) -> HttpResponse:
    """Change the words of an own comment, or who sees it."""
    comment = own_comment_for(request.membership, comment_id)
    form = WordsForm({"comment_id": comment.pk, **request.POST.dict()})
    if not form.is_valid():
        version = version_for(request.membership, comment.version_id)
        return _refused(request, version, Refused(form, comment.pk, is_edit=True))
    said = form.cleaned_data

    def act() -> Comment:
        edit_comment(
            comment=comment,
            membership=request.membership,
            body=said["body"],
            visibility=said["visibility"],
        )
        return comment

    return _done(request, comment.version_id, act)


@require_POST
@member
def comment_delete(request: PortalRequest, comment_id: UUID) -> HttpResponse:
    """Take an own comment's words away."""
    comment = own_comment_for(request.membership, comment_id)

    def act() -> None:
        delete_comment(comment=comment, membership=request.membership)

    return _done(request, comment.version_id, act)


@require_POST
@member
def comment_resolve(request: PortalRequest, comment_id: UUID) -> HttpResponse:
    """Say that what a comment asks for is done; with `reopen`, that it is not."""
    comment = comment_for(request.membership, comment_id)
    command = reopen_comment if "reopen" in request.POST else resolve_comment

    def act() -> Comment:
        command(comment=comment, membership=request.membership)
        return comment

    return _done(request, comment.version_id, act)


def _done(request: PortalRequest, version_id: UUID, act: Callable[[], Comment | None]) -> HttpResponse:
    """Do it, and show where: the page at the comment, or to a script the thread as it stands now."""
    comment, refusal = None, ""
    try:
        comment = act()
    except NotPossible as told:
        refusal = str(told)
    if request.htmx:
        answer = _live(request, version_id, with_form=True)
        if refusal:
            answer["HX-Trigger"] = json.dumps({"portal:toast": {"text": refusal, "level": "error"}})
        return answer
    if refusal:
        messages.warning(request, refusal)
    if comment is None:
        return see_other("review-page", version_id)
    version = version_for(request.membership, version_id)
    return SeeOther(comment_url(comment, timeline_of(version)))


def _refused(request: PortalRequest, version: Version, refused: Refused) -> HttpResponse:
    return render_review(request, version, comment=refused, status=REFUSED)


def _live(request: PortalRequest, version_id: UUID, *, with_form: bool = False) -> HttpResponse:
    """What is new on the page; `with_form` an empty form for another comment, too."""
    context = live_context(request, version_for(request.membership, version_id))
    return render(request, "review/_live.html", {**context, "with_form": with_form})
