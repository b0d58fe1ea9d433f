"""What guests see: the pieces of a link, and one version of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tasks.commands.guests.copies import small_copy
from tasks.commands.guests.events import note_use
from tasks.commands.library.captions import cues_for
from tasks.forms.guests.comment import GuestCommentForm
from tasks.forms.guests.decision import GuestDecisionForm
from tasks.guest_access import GuestRequest, Right, Visit, guest, successor_of, version_for
from tasks.media.captions import Cue
from tasks.models import DownloadRight, LinkAct, Version
from tasks.views.guests.entering import visitor_address
from tasks.views.guests.thread import decision_of, thread_of
from tasks.views.http.responses import see_other
from tasks.views.http.stage import Addresses, StageMedia, on_stage

# More than anybody looks through; a link with more shows the newest.
_MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Card:
    """One piece on the page of a link."""

    version: Version
    url: str
    poster_url: str
    is_upright: bool


@require_safe
@guest(Right.SEE)
def guest_list(request: GuestRequest) -> HttpResponseBase:
    """The pieces of the link; where it has one alone, on to that."""
    link_id = request.visit.link.pk
    versions = request.visit.link.versions().select_related("piece", "output__poster")
    found = list(versions.order_by("-sent_at", "-id")[:_MOST_SHOWN])
    note_use(request.visit.session, LinkAct.SEEN, None, visitor_address(request))
    if len(found) == 1:
        return see_other("guest-version", link_id, found[0].pk)
    context = {"visit": request.visit, "cards": [_card(link_id, version) for version in found]}
    return render(request, "guests/list.html", context)


@require_safe
@guest(Right.SEE)
def guest_version(request: GuestRequest, version_id: UUID) -> HttpResponseBase:
    """One version; of a piece that has a newer one, that."""
    visit = request.visit
    try:
        version = version_for(visit, version_id)
    except Http404:
        newer = successor_of(visit, version_id)
        if newer is None:
            raise
        return see_other("guest-version", visit.link.pk, newer.pk)
    note_use(visit.session, LinkAct.SEEN, version, visitor_address(request))
    return render_version(request, version)


def render_version(
    request: GuestRequest,
    version: Version,
    *,
    comment: GuestCommentForm | None = None,
    decision: GuestDecisionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; a comment or a decision that was not taken stands in its form again."""
    visit = request.visit
    cues = cues_for(version.output, version.blob)
    context = {
        "visit": visit,
        "version": version,
        "piece": version.piece,
        "media": guest_media(visit, version, cues),
        "cues": cues,
        "has_more": visit.link.items.count() > 1,
        **thread_of(visit, version, comment),
        **decision_of(visit, version, decision),
    }
    return render(request, "guests/version.html", context, status=status)


def guest_media(visit: Visit, version: Version, cues: Sequence[Cue] = ()) -> StageMedia:
    """The bytes that were sent, by addresses that only the link opens; with `cues`, captions are offered."""
    parts = [visit.link.pk, version.pk]
    output = version.output
    url = reverse("guest-file", args=parts)
    has_poster = version.poster is not None
    offers = visit.link.download == DownloadRight.ORIGINAL or (
        visit.link.download == DownloadRight.PREVIEW and small_copy(version) is not None
    )
    at = Addresses(
        file=url,
        download=reverse("guest-download", args=parts) if offers else "",
        poster=reverse("guest-poster", args=parts) if has_poster else "",
        strip=reverse("guest-strip", args=parts),
        captions=reverse("guest-captions", args=parts) if cues else "",
        preview=reverse("guest-preview", args=parts),
    )
    return on_stage(output, version.blob, at, key=version.pk, watermark=watermark_of(visit))


def watermark_of(visit: Visit) -> str:
    """What stands over a picture; "" for none."""
    if not visit.link.has_watermark:
        return ""
    who = visit.link.name
    if visit.guest is not None:
        who = f"{visit.guest.name} · {visit.guest.mail}" if visit.guest.mail else visit.guest.name
    return f"{who} · {timezone.now():%Y-%m-%d}"


def _card(link_id: UUID, version: Version) -> Card:
    output = version.output
    has_poster = version.poster is not None
    return Card(
        version=version,
        url=reverse("guest-version", args=[link_id, version.pk]),
        poster_url=reverse("guest-poster", args=[link_id, version.pk]) if has_poster else "",
        is_upright=(output.height or 0) > (output.width or 0),
    )
