"""Every address of the portal, and four that only the benchmarks need."""

from cachetools import TTLCache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import include, path
from django.views.decorators.http import require_POST

from tasks.access import PortalRequest, signed_in
from tasks.views.frame.status_cache import forget
from tasks.views.tasks import list as task_list
from tasks.views.tasks import rows


@signed_in
def bare(request: PortalRequest) -> HttpResponse:
    """The least that a signed-in person can be answered: session and user are read, nothing else."""
    return HttpResponse("ok")


@require_POST
@signed_in
def taken(request: PortalRequest) -> HttpResponse:
    """A form's file is read, as everywhere, and left."""
    return HttpResponse(", ".join(request.FILES))


def undrawn(request: HttpRequest) -> HttpResponseBase:
    """The task list as the first person sees it: no row of it has been drawn before."""
    kept, rows._drawn = rows._drawn, TTLCache(maxsize=5000, ttl=60)
    try:
        return task_list.task_list(request)
    finally:
        rows._drawn = kept


@signed_in
def framed(request: PortalRequest) -> HttpResponse:
    """The frame of every page with next to nothing in it, and all that it tells an admin read anew."""
    forget(request.membership.workspace_id)
    return render(request, "403.html")


urlpatterns = [
    path("bare/", bare, name="bare"),
    path("framed/", framed, name="framed"),
    path("taken/", taken, name="taken"),
    path("undrawn/", undrawn, name="undrawn"),
    path("", include("topview_portal.urls")),
]
