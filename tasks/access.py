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
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django_htmx.middleware import HtmxDetails

from tasks.models import CatalogEntry, Credential, Membership, Output, Submission, Task, Upload, User

WORKSPACE_KEY = "workspace"

Rest = ParamSpec("Rest")


class PortalRequest(HttpRequest):
    """A request of a signed-in person, as views see it."""

    user: User
    htmx: HtmxDetails
    membership: Membership


View = Callable[Concatenate[PortalRequest, Rest], HttpResponseBase]
Door = Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]


def attach(request: HttpRequest) -> None:
    """Make `request.membership` known; it is looked up when first used."""
    request.membership = SimpleLazyObject(lambda: _membership(request))  # type: ignore[attr-defined]


def _membership(request: HttpRequest) -> Membership | None:
    if not request.user.is_authenticated:
        return None
    mine = (
        Membership.objects.filter(user=request.user).select_related("workspace").order_by("created_at", "pk")
    )
    chosen = request.session.get(WORKSPACE_KEY)
    current = mine.filter(workspace_id=chosen).first() if chosen else None
    if current is None and (current := mine.first()):
        request.session[WORKSPACE_KEY] = str(current.workspace_id)
    if current is not None:
        current.user = request.user
    return current


def chosen_workspace(request: PortalRequest) -> uuid.UUID | None:
    """The workspace the session names, unchecked: a query with it must join the person's memberships."""
    chosen = request.session.get(WORKSPACE_KEY)
    return uuid.UUID(chosen) if chosen else None


def _turn_away(request: HttpRequest) -> HttpResponse:
    """Send a stranger to sign in; a fragment is told to load that page as a whole."""
    if getattr(request, "htmx", False):
        return HttpResponse(status=401, headers={"HX-Redirect": reverse("account_login")})
    return redirect_to_login(request.get_full_path())


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


def _is_member(request: PortalRequest) -> bool:
    if not request.membership:
        raise Http404("no workspace")
    return True


def task_for(membership: Membership, task_id: uuid.UUID) -> Task:
    """A task of the member's workspace, with what its page shows."""
    return get_object_or_404(Task.objects.for_page(), workspace=membership.workspace_id, pk=task_id)


def submission_for(membership: Membership, submission_id: uuid.UUID) -> Submission:
    """A submission of the member's workspace."""
    rows = Submission.objects.select_related("task")
    return get_object_or_404(rows, workspace=membership.workspace_id, pk=submission_id)


def output_for(membership: Membership, output_id: uuid.UUID) -> Output:
    """An output of the member's workspace."""
    rows = Output.objects.select_related("blob", "poster", "task")
    return get_object_or_404(rows, workspace=membership.workspace_id, pk=output_id)


def upload_for(membership: Membership, upload_id: uuid.UUID) -> Upload:
    """An upload of the member's workspace; hidden ones too, since tasks may still show them."""
    rows = Upload.objects.select_related("blob", "poster")
    return get_object_or_404(rows, workspace=membership.workspace_id, pk=upload_id)


def catalog_entry_for(membership: Membership, entry_id: uuid.UUID) -> CatalogEntry:
    """A catalog entry of the member's workspace."""
    rows = CatalogEntry.objects.select_related("picture", "sample", "clip")
    return get_object_or_404(rows, workspace=membership.workspace_id, pk=entry_id)


def credential_for(membership: Membership, credential_id: uuid.UUID) -> Credential:
    """A credential of the member's workspace."""
    return get_object_or_404(Credential, workspace=membership.workspace_id, pk=credential_id)
