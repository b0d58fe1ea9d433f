"""Whether a file is what was approved."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tasks.access import PortalRequest, member
from tasks.commands.delivery.verifying import Known, look_up, made_by, read_digest
from tasks.models import Decision
from tasks.views.http.formatting import exact


@dataclass(frozen=True, slots=True)
class Found:
    """A version with these bytes, and what was said about them."""

    known: Known
    decisions: list[tuple[Decision, str]]


@require_safe
@member
def verify(request: PortalRequest) -> HttpResponse:
    """Look a SHA-256 up; it is looked for in the reader's workspace alone."""
    asked = request.GET.get("sha256", "").strip()[:500]
    digest = read_digest(asked)
    workspace = request.membership.workspace_id
    found = [
        Found(one, [(said, exact(said.at)) for said in one.decisions])
        for one in (look_up(workspace, digest) if digest else [])
    ]
    context = {
        "asked": asked,
        "digest": digest,
        "found": found,
        "task": made_by(workspace, digest) if digest and not found else None,
        "name": request.GET.get("name", "")[:200],
    }
    return render(request, "delivery/verify.html", context)
