"""Two versions of a piece beside, above or instead of each other, and what differs in their briefs."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.http.request import QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tasks.access import PortalRequest, member, piece_for
from tasks.models import Piece, Version
from tasks.views.http.stage import StageMedia
from tasks.views.review.page import media_of
from tasks.views.tasks.differences import Difference, differences

MODES = {"side": _("Side by side"), "wipe": _("Wipe"), "swap": _("One at a time")}
_MOST_FRAMES = 10_000_000


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: "a", the older by default, or "b"."""

    name: str
    version: Version
    media: StageMedia


@require_safe
@member
def piece_compare(request: PortalRequest, piece_id: UUID) -> HttpResponse:
    """`?a=` and `?b=` are numbers of versions, the newest two without them; `?f=` a frame of the first."""
    piece = piece_for(request.membership, piece_id)
    versions = _versions(piece)
    mode = request.GET.get("mode", "")
    first, second = _chosen(versions, request.GET)
    context = {
        "piece": piece,
        "versions": versions,
        "modes": MODES.items(),
        "mode": mode if mode in MODES else "side",
        "sides": [Side("a", first, media_of(first)), Side("b", second, media_of(second))],
        "frame": min(_number(request.GET.get("f")) or 0, _MOST_FRAMES),
        "differences": _differences(first, second),
    }
    return render(request, "review/compare.html", context)


def _versions(piece: Piece) -> list[Version]:
    rows = piece.versions.select_related("piece", "blob__timing", "blob__preview", "output__poster")
    return list(rows.select_related("output__task__credential", "workspace").order_by("number"))


def _chosen(versions: list[Version], asked: QueryDict) -> tuple[Version, Version]:
    by_number = {version.number: version for version in versions}
    second = by_number.get(_number(asked.get("b")), versions[-1])
    others = [version for version in versions if version != second] or versions
    return by_number.get(_number(asked.get("a")), others[-1]), second


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0


def _differences(first: Version, second: Version) -> list[Difference]:
    before, after = first.output.task, second.output.task
    return [] if before == after else list(differences(before, after))
