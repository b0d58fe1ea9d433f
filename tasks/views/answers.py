"""Answers that several pages give."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url

REFUSED = 422
# Nothing can be kept: the disk is full.
NO_ROOM = 507


class SeeOther(HttpResponseRedirect):
    """What every POST that did its work answers: look there now (303)."""

    status_code = 303


def see_other(to: object, *parts: object) -> HttpResponse:
    """A redirect to the page of that name, or to a row's page."""
    return SeeOther(resolve_url(to, *parts))  # type: ignore[arg-type]  # as `redirect` takes them
