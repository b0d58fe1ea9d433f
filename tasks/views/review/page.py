"""One version: what it shows, what is said about it, and the decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tasks.access import PortalRequest, member, version_for
from tasks.commands.library.captions import cues_for
from tasks.commands.review.deciding import may_withdraw
from tasks.commands.review.noting import note
from tasks.commands.review.rules import Obstacle, Stage, obstacle, stage_of, stages_of, waiting_for
from tasks.commands.review.sending import RECALLABLE, may_recall
from tasks.forms.review.decision import DecisionForm
from tasks.kinds import KINDS
from tasks.media.captions import Cue
from tasks.models import Decision, Membership, Version, VersionAct, VersionState
from tasks.views.http.addresses import poster_url
from tasks.views.http.formatting import exact
from tasks.views.http.stage import Addresses, StageMedia, on_stage
from tasks.views.review.thread import Refused, thread_context


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What else waits for the reader, beside this version, in the inbox's order."""

    previous: UUID | None
    next: UUID | None
    place: int  # from 1; 0 where this version does not wait for the reader
    total: int


@require_safe
@member
def review_page(request: PortalRequest, version_id: UUID) -> HttpResponse:
    version = version_for(request.membership, version_id)
    note(VersionAct.SEEN, version=version, person=request.user)
    return render_review(request, version)


def render_review(
    request: PortalRequest,
    version: Version,
    *,
    refused: Form | None = None,
    comment: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; what was typed stands there again: `refused` in the decision's form, `comment` below."""
    cues = cues_for(version.output, version.blob)
    context = {
        "media": media_of(version, cues),
        "cues": cues,
        "sent": exact(version.sent_at),
        "neighbours": neighbours(version, request.membership),
        **live_context(request, version, refused=refused, comment=comment),
    }
    return render(request, "review/page.html", context, status=status)


def live_context(
    request: PortalRequest, version: Version, *, refused: Form | None = None, comment: Refused | None = None
) -> dict[str, object]:
    """What changes while the page is open: decisions and comments."""
    return {
        "version": version,
        "piece": version.piece,
        "task": version.output.task,
        "again_url": _again_url(version, request.membership),
        "can_recall": version.state in RECALLABLE and may_recall(version, request.membership),
        "versions": version.piece.versions.order_by("-number"),
        **decision_context(version, request.membership, refused),
        **thread_context(version, request.membership, request.GET, comment),
    }


def _again_url(version: Version, membership: Membership) -> str:
    """Where a maker answers what was turned down; "" where nothing is, or for whom it is no business."""
    task = version.output.task
    is_turned_down = version.state in (VersionState.CHANGES, VersionState.REJECTED, VersionState.WITHDRAWN)
    if not (is_turned_down and membership.may_spend and task.kind in KINDS):
        return ""
    return f"{reverse('task-new', args=[task.kind])}?from={task.pk}"


def decision_context(version: Version, membership: Membership, refused: Form | None) -> dict[str, object]:
    """The part of the page about the decision."""
    stages = stages_of(version.workspace_id)
    stage = stage_of(version, stages)
    why = obstacle(version, membership, stage)
    return {
        "stage": stage,
        "stages": stages,
        "decisions": [_Said(one, exact(one.at)) for one in version.decisions.all()],
        "may_decide": why is None,
        "may_withdraw": may_withdraw(version, membership),
        "obstacle": "" if why is None else obstacle_words(why, stage),
        "decision_form": refused or DecisionForm(initial={"revision": version.revision}),
    }


@dataclass(frozen=True, slots=True)
class _Said:
    decision: Decision
    when: str


def obstacle_words(why: Obstacle, stage: Stage) -> str:
    """Why the reader cannot decide, or nothing where the version's own state says it."""
    if why is Obstacle.ROLE:
        return _("This waits for: %(who)s.") % {"who": stage.decided_by.label}
    if why is Obstacle.OWN_WORK:
        return _("You made this, so others decide about it.")
    if why is Obstacle.DECIDED:
        return _("You have approved it; others are still waited for.")
    return ""


def media_of(version: Version, cues: Sequence[Cue] = ()) -> StageMedia:
    """The bytes that were sent, as the stage shows them; with `cues`, captions are offered."""
    output, url = version.output, reverse("version-file", args=[version.pk])
    at = Addresses(
        file=url,
        download=f"{url}?download=1",
        poster=poster_url(output, version.poster),
        strip=reverse("version-strip", args=[version.pk]),
        captions=reverse("version-captions", args=[version.pk]) if cues else "",
    )
    return on_stage(output, version.blob, at, key=version.pk)


# As many as the inbox shows.
MOST_WAITING = 100


def neighbours(version: Version, membership: Membership) -> Neighbours:
    """Where it stands among what waits for the reader."""
    waiting = list(waiting_for(membership).values_list("pk", flat=True)[:MOST_WAITING])
    if version.pk not in waiting:
        return Neighbours(None, waiting[0] if waiting else None, 0, len(waiting))
    here = waiting.index(version.pk)
    before = waiting[here - 1] if here else None
    after = waiting[here + 1] if here + 1 < len(waiting) else None
    return Neighbours(before, after, here + 1, len(waiting))
