"""What people are told when a request fails: a page for each cause. None reads the request's body."""

from __future__ import annotations

import sys
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from tasks.views.http.bare_pages import Told, bare
from tasks.views.http.busy import SAFE
from tasks.views.http.outages import outage


def bad_request(request: HttpRequest, exception: BaseException) -> HttpResponse:
    """400: a form that is broken, a host name we do not answer to. 507 where a file found no room."""
    answer = outage(request, exception)
    if answer is not None:
        return answer
    text = _("What your browser sent cannot be understood. Nothing was done. Go back, reload and try again.")
    return bare(request, Told(_("That request was broken"), (text,)), status=400)


def forbidden(request: HttpRequest, exception: BaseException | None = None) -> HttpResponse:
    """403: the person's role is too small."""
    return HttpResponse(render_to_string("403.html", request=request), status=403)


def not_found(request: HttpRequest, exception: BaseException | None = None) -> HttpResponse:
    """404: nothing there, or nothing that this person may know of."""
    return HttpResponse(render_to_string("404.html", request=request), status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, unless what was raised says that the portal is only busy, or out of room."""
    answer = outage(request, sys.exc_info()[1])
    if answer is not None:
        return answer
    if request.method in SAFE:
        text = _("The fault is written down. Nothing was changed: try again, or tell an admin.")
    else:
        text = _(
            "The fault is written down. What you sent may or may not have been taken: look at the task list "
            "before you send it again."
        )
    return bare(request, Told(_("Something broke on our side"), (text,)), status=500)


class NotAllowedPage:
    """Middleware that puts words into an answer of 405, which Django leaves empty."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The same answer, with a page where somebody may look at it."""
        response = self.get_response(request)
        if response.status_code != 405 or not isinstance(response, HttpResponse) or response.content:
            return response
        text = _("This address is a step of a form, and no page. Nothing was done.")
        page = bare(request, Told(_("There is no page here"), (text,)), status=405)
        page["Allow"] = response.get("Allow", "")
        return page
