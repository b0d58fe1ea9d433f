"""Every address of the portal, and two that only the benchmarks need."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import include, path

from tasks.access import PortalRequest, signed_in
from tasks.models.kept import Kept
from tasks.views import task_list, task_rows


@signed_in
def bare(request: PortalRequest) -> HttpResponse:
    """The least that a signed-in person can be answered: session and user are read, nothing else."""
    return HttpResponse("ok")


def undrawn(request: HttpRequest) -> HttpResponseBase:
    """The task list as the first person sees it: no row of it has been drawn before."""
    kept, task_rows._drawn = task_rows._drawn, Kept(seconds=60, most=5000)
    try:
        return task_list.task_list(request)
    finally:
        task_rows._drawn = kept


urlpatterns = [
    path("bare/", bare, name="bare"),
    path("undrawn/", undrawn, name="undrawn"),
    path("", include("topview_portal.urls")),
]
