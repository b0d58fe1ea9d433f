"""Answers that several pages give."""

from __future__ import annotations

from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url

REFUSED = 422
# Something is newer than what was seen.
CONFLICT = 409
# Nothing can be kept: the disk is full.
NO_ROOM = 507
# With this a form comes only to be drawn again: its page had to be left before it was sent.
UNSENT = "unsent"


class SeeOther(HttpResponseRedirect):
    """What every POST that did its work answers: look there now (303)."""

    status_code = 303


def forget_errors(*forms: Form | None) -> None:
    """Say nothing of what is not filled in yet."""
    for form in forms:
        if form is not None:
            form.errors.clear()


def see_other(to: object, *parts: object) -> HttpResponse:
    """A redirect to the page of that name, or to a row's page."""
    return SeeOther(resolve_url(to, *parts))  # type: ignore[arg-type]  # as `redirect` takes them
