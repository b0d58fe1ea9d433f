"""Which rows a person may see or change. Everything starts from the membership; a stranger gets 404.

Views take rows only from here. A role that is too small gets 403, since its holder knows the page exists.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django_htmx.middleware import HtmxDetails

from tasks.models import (
    CatalogEntry,
    Charge,
    Comment,
    Credential,
    Membership,
    Output,
    Package,
    Piece,
    Preview,
    Product,
    ShareLink,
    Submission,
    Task,
    Upload,
    User,
    Version,
)
from tasks.models.task_pages import read_lost_calls, tasks_for_page

WORKSPACE_KEY = "workspace"

Rest = ParamSpec("Rest")


class PortalRequest(HttpRequest):
    """A request of a signed-in person, as views see it."""

    user: User
    htmx: HtmxDetails
    membership: Membership
    memberships: list[Membership]


View = Callable[Concatenate[PortalRequest, Rest], HttpResponseBase]
Door = Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]


def attach(request: HttpRequest) -> None:
    """Make `request.memberships` and `request.membership` known; both are looked up when first used."""
    request.memberships = SimpleLazyObject(lambda: _memberships(request))  # type: ignore[attr-defined]
    request.membership = SimpleLazyObject(lambda: _membership(request))  # type: ignore[attr-defined]


def _memberships(request: HttpRequest) -> list[Membership]:
    """All of the person's, oldest first: they are few, and the frame of a page names their workspaces."""
    if not request.user.is_authenticated:
        return []
    rows = Membership.objects.filter(user=request.user).select_related("workspace")
    memberships = list(rows.order_by("created_at", "pk"))
    for membership in memberships:
        membership.user = request.user
    return memberships


def _membership(request: HttpRequest) -> Membership | None:
    mine: list[Membership] = request.memberships  # type: ignore[attr-defined]  # see attach
    if not mine:
        return None
    chosen = request.session.get(WORKSPACE_KEY)
    current = next((one for one in mine if str(one.workspace_id) == chosen), None)
    if current is None:
        current = mine[0]
        request.session[WORKSPACE_KEY] = str(current.workspace_id)
    return current


def asked_workspace(request: PortalRequest) -> uuid.UUID:
    """The workspace the session names, unchecked: a query with it must look at the memberships itself.

    Without one it is the person's first. A person without any gets 404.
    """
    chosen = request.session.get(WORKSPACE_KEY)
    return uuid.UUID(chosen) if chosen else workspace_of(request)


def workspace_of(request: PortalRequest) -> uuid.UUID:
    """The workspace the person works in. A person without one gets 404."""
    if not request.membership:
        raise Http404("no workspace")
    return request.membership.workspace_id


def _turn_away(request: HttpRequest) -> HttpResponse:
    """Send a stranger to sign in, and back; a fragment is told to load that page as a whole."""
    details: HtmxDetails | None = getattr(request, "htmx", None)
    if not details:
        return redirect_to_login(request.get_full_path())
    try:
        page = details.current_url_abs_path
    except ValueError:
        page = None  # the browser says nothing sensible
    return HttpResponse(status=401, headers={"HX-Redirect": redirect_to_login(page or reverse("home")).url})


def _guard(view: View[Rest], allows: Callable[[PortalRequest], bool]) -> Door[Rest]:
    def door(request: HttpRequest, /, *rest: Rest.args, **named: Rest.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _turn_away(request)
        known: PortalRequest = request  # type: ignore[assignment]  # the middleware has attached the rest
        if not allows(known):
            raise PermissionDenied
        return view(known, *rest, **named)

    return update_wrapper(door, view)


def signed_in(view: View[Rest]) -> Door[Rest]:
    """Open to any signed-in person; the view itself joins the memberships."""
    return _guard(view, lambda request: True)


def member(view: View[Rest]) -> Door[Rest]:
    """Open to every member of the workspace. A person without one gets 404."""
    return _guard(view, _is_member)


def marketer(view: View[Rest]) -> Door[Rest]:
    """Open to members who may spend."""
    return _guard(view, lambda request: _is_member(request) and request.membership.may_spend)


def administrator(view: View[Rest]) -> Door[Rest]:
    """Open to admins of the workspace."""
    return _guard(view, lambda request: _is_member(request) and request.membership.may_administer)


def caretaker(view: View[Rest]) -> Door[Rest]:
    """Open to admins of the workspace, and to owners of the installation who are in it."""
    return _guard(view, lambda request: _is_member(request) and _takes_care(request))


def owner(view: View[Rest]) -> Door[Rest]:
    """Open to owners of the installation, whatever their role in a workspace."""
    return _guard(view, lambda request: request.user.is_owner)


def _takes_care(request: PortalRequest) -> bool:
    return request.user.is_owner or request.membership.may_administer


def _is_member(request: PortalRequest) -> bool:
    return bool(workspace_of(request))


def task_for(membership: Membership, task_id: uuid.UUID) -> Task:
    """A task of the member's workspace."""
    rows = Task.objects.select_related("owner", "credential")
    return get_object_or_404(rows, workspace=membership.workspace_id, pk=task_id)


def task_page_for(membership: Membership, task_id: uuid.UUID) -> Task:
    """The same with the calls that its page shows."""
    task = get_object_or_404(tasks_for_page(), workspace=membership.workspace_id, pk=task_id)
    read_lost_calls(task)
    return task


def submission_for(membership: Membership, submission_id: uuid.UUID) -> Submission:
    """A submission of the member's workspace."""
    rows = Submission.objects.select_related("task")
    return get_object_or_404(rows, workspace=membership.workspace_id, pk=submission_id)


def output_for(membership: Membership, output_id: uuid.UUID) -> Output:
    """An output of the member's workspace."""
    rows = Output.objects.select_related(
        "blob__preview", "blob__timing", "blob__player_media__strip", "poster", "task", "submission"
    )
    return get_object_or_404(rows, workspace=membership.workspace_id, pk=output_id)


def upload_for(membership: Membership, upload_id: uuid.UUID) -> Upload:
    """An upload of the member's workspace; hidden ones too, since tasks may still show them."""
    rows = Upload.objects.select_related("blob__preview", "poster", "original")
    return get_object_or_404(rows, workspace=membership.workspace_id, pk=upload_id)


def preview_for(membership: Membership, preview_id: uuid.UUID) -> Preview:
    """A preview of a file of the member's workspace."""
    rows = Preview.objects.select_related("blob")
    return get_object_or_404(rows, workspace=membership.workspace_id, pk=preview_id)


def catalog_entry_for(membership: Membership, entry_id: uuid.UUID) -> CatalogEntry:
    """A catalog entry of the member's workspace."""
    rows = CatalogEntry.objects.select_related("picture", "sample", "clip")
    return get_object_or_404(rows, workspace=membership.workspace_id, pk=entry_id)


def product_for(membership: Membership, product_id: uuid.UUID) -> Product:
    """A saved product of the member's workspace; hidden ones too, so that hiding can be undone."""
    rows = Product.objects.prefetch_related("files__upload__poster", "files__upload__blob")
    return get_object_or_404(
        rows.select_related("owner", "task"), workspace=membership.workspace_id, pk=product_id
    )


def version_for(membership: Membership, version_id: uuid.UUID) -> Version:
    """A version of a piece of the member's workspace."""
    rows = Version.objects.select_related(
        "piece",
        "blob__timing",
        "blob__preview",
        "blob__player_media__strip",
        "sender",
        "output__task__owner",
        "output__poster",
        "workspace",
    )
    return get_object_or_404(rows, workspace=membership.workspace_id, pk=version_id)


def piece_for(membership: Membership, piece_id: uuid.UUID) -> Piece:
    """A piece of the member's workspace."""
    return get_object_or_404(Piece, workspace=membership.workspace_id, pk=piece_id)


def comment_for(membership: Membership, comment_id: uuid.UUID) -> Comment:
    """A comment on a version of the member's workspace, unless it was deleted."""
    rows = Comment.objects.filter(deleted_at=None).select_related("version", "author", "parent")
    return get_object_or_404(rows, workspace=membership.workspace_id, pk=comment_id)


def own_comment_for(membership: Membership, comment_id: uuid.UUID) -> Comment:
    """The same, of the member's own."""
    comment = comment_for(membership, comment_id)
    if comment.author_id != membership.user_id:
        raise PermissionDenied
    return comment


def package_for(membership: Membership, package_id: uuid.UUID) -> Package:
    """A package of the member's workspace, over or not."""
    rows = Package.objects.select_related("made_by", "revoked_by", "workspace")
    return get_object_or_404(rows, workspace=membership.workspace_id, pk=package_id)


def share_links_of(membership: Membership) -> QuerySet[ShareLink]:
    """The links that the member looks after: their own, all of the workspace where they are an admin."""
    rows = ShareLink.objects.filter(workspace=membership.workspace_id)
    return rows if membership.may_administer else rows.filter(made_by=membership.user_id)


def share_link_for(membership: Membership, link_id: uuid.UUID) -> ShareLink:
    """One of these links; 404 for any other."""
    return get_object_or_404(share_links_of(membership).select_related("made_by"), pk=link_id)


def charge_for(membership: Membership, charge_id: int) -> Charge:
    """A charge of one of the member's workspace's accounts."""
    rows = Charge.objects.select_related("credential", "workspace", "submission__task")
    return get_object_or_404(rows, workspace=membership.workspace_id, pk=charge_id)


def credential_for(membership: Membership, credential_id: uuid.UUID) -> Credential:
    """A credential of the member's workspace."""
    return get_object_or_404(Credential, workspace=membership.workspace_id, pk=credential_id)
