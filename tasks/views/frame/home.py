"""Where a person begins: at what waits for them."""

from __future__ import annotations

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect

from tasks.models import Membership, Role


def home(request: HttpRequest) -> HttpResponseRedirect:
    """Reviewers at their inbox, everybody else at the list of tasks."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    mine: Membership | None = getattr(request, "membership", None)
    return redirect("review-inbox" if mine and mine.role == Role.REVIEWER else "task-list")
