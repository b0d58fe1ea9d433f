"""The proof page of a piece: who made each version, with what, at what cost; who saw, decided, took it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tasks.access import PortalRequest, member, piece_for
from tasks.kinds import KINDS
from tasks.models import (
    Decision,
    PackageAct,
    PackageEvent,
    Piece,
    Submission,
    Version,
    VersionAct,
    VersionState,
)
from tasks.views.http.addresses import poster_url
from tasks.views.http.formatting import credits_words, exact
from tasks.views.tasks.brief import Input, inputs_of


@dataclass(frozen=True, slots=True)
class Deed:
    """That somebody did something, and when."""

    who: str
    when: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """One version, and all that is known of how it came and where it went."""

    version: Version
    poster_url: str
    made_by: str
    format: str
    account: str
    remote_ids: list[str]
    cost: str
    made: str
    sent: str
    inputs: list[Input]
    decisions: list[tuple[Decision, str]]
    seen: list[Deed]
    downloaded: list[Deed]
    is_replaced: bool


@require_safe
@member
def piece_proof(request: PortalRequest, piece_id: UUID) -> HttpResponse:
    """The versions of a piece, the newest first; printed, it makes a document."""
    piece = piece_for(request.membership, piece_id)
    proofs = [_proof(version) for version in _versions(piece)]
    context = {
        "piece": piece,
        "proofs": proofs,
        "standing": standing([proof.version for proof in proofs]),
        "printed": exact(timezone.now()),
        "zone": timezone.get_current_timezone_name(),
    }
    return render(request, "review/proof.html", context)


def standing(versions: list[Version]) -> str:
    """How the piece stands, in words; `versions` the newest first. An approval stays with its own version."""
    approved = next((one for one in versions if one.state == VersionState.APPROVED), None)
    newest = versions[0] if versions else None
    if newest is None:
        return ""
    if approved is None or approved == newest:
        return f"v{newest.number}: {newest.get_state_display()}"
    words = _("v%(approved)d is approved; v%(newest)d: %(state)s")
    return words % {
        "approved": approved.number,
        "newest": newest.number,
        "state": newest.get_state_display(),
    }


def _versions(piece: Piece) -> list[Version]:
    rows = piece.versions.order_by("-number").select_related(
        "sender", "blob", "output__poster", "output__submission", "output__task__owner"
    )
    return list(
        rows.select_related("output__task__credential").prefetch_related("decisions", "events__guest__link")
    )


def _proof(version: Version) -> Proof:
    output, task = version.output, version.output.task
    call, kind = output.submission, KINDS.get(task.kind)
    return Proof(
        version=version,
        poster_url=poster_url(version.output, version.poster),
        made_by=str(task.owner or _("a former member")),
        format=str(kind.label) if kind else task.kind,
        account=f"{task.credential.name} ••••{task.credential.last_four}",
        remote_ids=[one for one in (call.remote_id, call.second_remote_id) if one],
        cost=_cost(call),
        made=exact(output.saved_at or output.created_at),
        sent=exact(version.sent_at),
        inputs=inputs_of(task),
        decisions=[(one, exact(one.at)) for one in version.decisions.all()],
        seen=_deeds(version, VersionAct.SEEN),
        downloaded=[*_deeds(version, VersionAct.DOWNLOADED), *_taken_in_packages(version)],
        is_replaced=version.is_replaced,
    )


def _cost(call: Submission) -> str:
    """Of the call that made it, and of its whole task where that is more."""
    total = Submission.objects.filter(task=call.task_id).aggregate(sum=Sum("cost"))["sum"]
    if call.cost is None:
        return credits_words(total) if total else _("not known")
    own = credits_words(call.cost)
    if not total or total == call.cost:
        return own
    return _("%(own)s; the whole task %(total)s") % {"own": own, "total": credits_words(Decimal(total))}


def _deeds(version: Version, act: VersionAct) -> list[Deed]:
    """Of a guest, by which link they came."""
    return [
        Deed(one.person_name, _between(one.at, one.last_at), one.guest.link.name if one.guest else "")
        for one in version.events.all()
        if one.act == act
    ]


def _taken_in_packages(version: Version) -> list[Deed]:
    packages = version.package_entries.filter(blob__isnull=False).values("package")
    rows = PackageEvent.objects.filter(package__in=packages, act=PackageAct.DOWNLOADED)
    return [
        Deed(one.person_name, _between(one.at, one.last_at), one.package.name)
        for one in rows.select_related("package").order_by("at", "id")
    ]


def _between(first: datetime, last: datetime) -> str:
    begin, end = exact(first), exact(last)
    return begin if begin == end else f"{begin} – {end}"
