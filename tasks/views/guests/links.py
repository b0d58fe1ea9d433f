"""Where members make links for guests, look after them and end them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tasks.access import PortalRequest, marketer, share_link_for, share_links_of, version_for
from tasks.commands.guests.links import Terms, change_link, make_link, reopen_link, revoke_links, token_of
from tasks.commands.refusals import NotPossible
from tasks.forms.guests.links import ShareLinkForm, first_terms, initial_of
from tasks.models import LinkEvent, Piece, ShareItem, ShareLink, User
from tasks.views.http.formatting import exact
from tasks.views.http.paging import address, page_of
from tasks.views.http.responses import REFUSED, see_other

_MOST_EVENTS = 100


@dataclass(frozen=True, slots=True)
class Row:
    """A link as the list shows it."""

    link: ShareLink
    pieces: int
    has_ended: bool
    until: str
    used: str


@require_http_methods(["GET", "HEAD", "POST"])
@marketer
def share_new(request: PortalRequest, version_id: UUID) -> HttpResponse:
    """Make a link to this version's piece, and to others beside it."""
    piece = version_for(request.membership, version_id).piece
    form = _form(request, [piece], initial=first_terms(piece))
    context = {"form": form, "piece": piece, "version_id": version_id}
    if form.is_bound and form.is_valid():
        pieces, terms = list(form.cleaned_data["pieces"]), Terms(**form.terms)
        try:
            link = make_link(membership=request.membership, pieces=pieces, terms=terms)
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The link is made. Copy its address and send it to your guests."))
            return see_other("link-page", link.pk)
    return render(request, "guests/link_new.html", context, status=REFUSED if form.is_bound else 200)


@require_safe
@marketer
def link_list(request: PortalRequest) -> HttpResponse:
    """The links that the member looks after, the newest first."""
    mine = share_links_of(request.membership)
    rows: QuerySet[Any] = mine.select_related("made_by")
    # Asked of each row that is shown; a join would count the items of all links before the page is cut.
    items = ShareItem.objects.filter(link=OuterRef("pk")).order_by().values("link")
    counted = Subquery(items.annotate(count=Count("pk")).values("count"))
    page = page_of(rows.annotate(pieces=counted).order_by("-created_at", "-id"), request.GET)
    here, now = reverse("link-list"), timezone.now()
    makers = User.objects.filter(share_links__in=mine.filter(revoked_at=None)).distinct()
    context = {
        "people": makers.order_by("name", "email"),
        "rows": [_row(link, now) for link in page.rows],
        "older_url": address(here, request.GET, before=page.older) if page.older else "",
        "newer_url": address(here, request.GET, after=page.newer) if page.newer else "",
    }
    return render(request, "guests/links.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@marketer
def link_page(request: PortalRequest, link_id: UUID) -> HttpResponse:
    """One link: its address, what it allows, what happened with it."""
    link = share_link_for(request.membership, link_id)
    shown = list(Piece.objects.filter(share_items__link=link).order_by("-created_at"))
    form = _form(request, shown, initial=initial_of(link), has_password=bool(link.password), link=link)
    if form.is_bound and form.is_valid():
        pieces, terms = list(form.cleaned_data["pieces"]), Terms(**form.terms)
        try:
            change_link(link=link, membership=request.membership, pieces=pieces, terms=terms)
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The changes are saved. Guests open the link once more."))
            return see_other("link-page", link_id)
    return render(request, "guests/link.html", _of_link(link, form), status=REFUSED if form.is_bound else 200)


@require_POST
@marketer
def link_revoke(request: PortalRequest) -> HttpResponse:
    """End the links that were chosen, or all of a person."""
    mine = share_links_of(request.membership)
    person = request.POST.get("person", "")
    if person.isdecimal() and len(person) < 10:
        chosen = mine.filter(made_by=int(person))
    else:
        chosen = mine.filter(pk__in=_ids(request.POST.getlist("link")))
    count = revoke_links(links=list(chosen), actor=request.user)
    if count:
        text = ngettext("%(count)d link is ended.", "%(count)d links are ended.", count)
        messages.success(request, text % {"count": count})
    else:
        messages.info(request, _("No link was chosen that was still open."))
    return see_other("link-list")


@require_POST
@marketer
def link_reopen(request: PortalRequest, link_id: UUID) -> HttpResponse:
    """Open a link again that a restore of the portal has ended."""
    link = share_link_for(request.membership, link_id)
    try:
        reopen_link(link=link, actor=request.user)
    except NotPossible as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The link is open again. Guests open it once more."))
    return see_other("link-page", link_id)


def _form(
    request: PortalRequest,
    shown: list[Piece],
    *,
    initial: dict[str, Any],
    has_password: bool = False,
    link: ShareLink | None = None,
) -> ShareLinkForm:
    membership = request.membership
    return ShareLinkForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        workspace=membership.workspace,
        may_be_endless=membership.may_administer or (link is not None and link.expires_at is None),
        shown=shown,
        has_password=has_password,
    )


def _row(link: Any, now: Any) -> Row:
    return Row(
        link=link,
        pieces=link.pieces,
        has_ended=link.has_ended(now),
        until=exact(link.expires_at) if link.expires_at else "",
        used=exact(link.last_used_at) if link.last_used_at else "",
    )


def _of_link(link: ShareLink, form: ShareLinkForm) -> dict[str, object]:
    token = token_of(link)
    has_ended = link.has_ended(timezone.now())
    events = LinkEvent.objects.filter(link=link).select_related("version__piece").order_by("-at", "-id")
    path = reverse("share-open", args=[token.reveal()]) if token else ""
    return {
        "link": link,
        "form": form,
        "has_ended": has_ended,
        "address": f"{settings.PORTAL_URL}{path}" if path and not has_ended else "",
        "until": exact(link.expires_at) if link.expires_at else "",
        "events": [(event, exact(event.at)) for event in events[:_MOST_EVENTS]],
    }


def _ids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts:
        with suppress(ValueError):
            found.append(UUID(text))
    return found
