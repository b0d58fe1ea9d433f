"""A new package: which versions go in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from tasks.access import PortalRequest, member
from tasks.commands.delivery.approval import approved
from tasks.commands.delivery.freezing import NotApproved, Order, make_package
from tasks.commands.refusals import NotPossible
from tasks.forms.delivery.package import USUAL_DAYS, PackageForm
from tasks.forms.tasks.filters import words_of
from tasks.models import CommentsKept, Version, VersionState
from tasks.views.http.addresses import PictureAddress
from tasks.views.http.formatting import exact
from tasks.views.http.responses import REFUSED, see_other

# Beside those that are ticked already; whoever looks for others searches.
MOST_OFFERED = 100
_COLUMNS = (
    *("number", "state", "changed_at", "piece__title", "blob__size"),
    *("output__blob", "output__width", "output__height", "output__role", "output__poster__sha256"),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A version that can be ticked."""

    version: Version
    poster_url: str
    is_upright: bool
    when: str
    is_chosen: bool


@require_http_methods(["GET", "HEAD", "POST"])
@member
def package_new(request: PortalRequest) -> HttpResponse:
    """Choose versions: approved ones, or any with `?show=all`. `?version=` ticks some."""
    if request.method != "POST":
        start = {"id": uuid4(), "days": USUAL_DAYS, "comments": CommentsKept.EVERYONE}
        kept = {name: request.GET[name] for name in ("name", "days", "comments") if name in request.GET}
        return _page(request, PackageForm(initial={**start, **kept}), request.GET.getlist("version"))
    form = PackageForm(request.POST)
    if not form.is_valid():
        return _page(request, form, request.POST.getlist("version"), status=REFUSED)
    asked = form.cleaned_data
    order = Order(
        id=asked["id"],
        versions=asked["version"],
        lifetime=form.lifetime,
        name=asked["name"],
        only_approved=not asked["with_unapproved"],
        comments=CommentsKept(asked["comments"]),
    )
    try:
        package = make_package(membership=request.membership, order=order)
    except NotApproved as refusal:
        names = ", ".join(f"{one.piece.title} v{one.number}" for one in refusal.versions[:10])
        form.add_error("version", f"{refusal} {names}")
    except NotPossible as refusal:
        form.add_error("version", str(refusal))
    else:
        return see_other("package-page", package.pk)
    return _page(request, form, request.POST.getlist("version"), status=REFUSED)


def _page(request: PortalRequest, form: PackageForm, ticked: list[str], *, status: int = 200) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    search, shows_all = words_of(asked.get("q", "")), asked.get("show") == "all"
    chosen, picture = _ids(ticked), PictureAddress("output-poster")
    mine = Version.objects.filter(workspace=request.membership.workspace_id)
    rows = mine if shows_all else approved(mine)
    if search:
        rows = rows.filter(piece__title__icontains=search)
    offered = [*_shown(mine.filter(pk__in=chosen)), *_shown(rows.exclude(pk__in=chosen))[:MOST_OFFERED]]
    context = {
        "form": form,
        "choices": [_choice(version, picture, chosen) for version in offered],
        "search": search,
        "shows_all": shows_all or any(one.state != VersionState.APPROVED for one in offered),
        "is_cut": len(offered) - len(chosen) >= MOST_OFFERED,
    }
    return render(request, "delivery/new.html", context, status=status)


def _ids(texts: list[str]) -> set[UUID]:
    """Those that can be read; a broken address ticks nothing."""
    found = set()
    for text in texts:
        try:
            found.add(UUID(text))
        except ValueError:
            continue
    return found


def _shown(rows: QuerySet[Version]) -> QuerySet[Version]:
    joined = rows.select_related("piece", "blob", "output__poster").only(*_COLUMNS)
    return joined.order_by("-changed_at", "-id")


def _choice(version: Version, picture: PictureAddress, chosen: set[UUID]) -> Choice:
    output, poster = version.output, version.poster
    return Choice(
        version=version,
        poster_url=picture(output.pk, poster.sha256) if poster else "",
        is_upright=(output.height or 0) > (output.width or 0),
        when=exact(version.changed_at),
        is_chosen=version.pk in chosen,
    )
