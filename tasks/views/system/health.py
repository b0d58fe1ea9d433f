"""Whether the portal is well, for load balancers and watchdogs. No sign-in, no secrets, no session.

Three questions, since the answers lead to different acts: `live` (restart this web process?), `ready` (send
people to it?) and `health` (wake somebody?).
"""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tasks.commands.operations.static_files import are_collected
from tasks.commands.runtime.disk import Room
from tasks.models import Heartbeat
from tasks.views.frame.health_state import JOBS, Signs, read_signs

_PARTS = ("worker", "jobs", "refresh", "scheduler", "disk", "topview", "mail", "clocks", "static")
_UNKNOWN_PARTS = dict.fromkeys(_PARTS, "unknown")


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """200 while this process answers at all. It asks nobody, so no outage elsewhere restarts it."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """200 while pages can be served, which needs the database and the static files."""
    if not are_collected():
        return JsonResponse({"status": "down", "static": "not-collected"}, status=503)
    try:
        Heartbeat.objects.exists()
    except DatabaseError:
        return JsonResponse({"status": "down", "database": "unreachable"}, status=503)
    return JsonResponse({"status": "ok", "database": "ok"})


@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """503 when the database or a part that people wait for is out; "degraded" for what needs a look soon."""
    try:
        signs = read_signs()
    except DatabaseError:
        return JsonResponse({"status": "down", "database": "unreachable", **_UNKNOWN_PARTS}, status=503)
    parts = _parts(signs)
    is_down = {parts["worker"], parts["jobs"], parts["refresh"], parts["scheduler"]} & {"silent"}
    if is_down or parts["disk"] == Room.FULL or parts["static"] != "ok":
        return JsonResponse({"status": "down", "database": "ok", **parts}, status=503)
    is_well = set(parts.values()) == {"ok"} and not signs.dead
    return JsonResponse({"status": "ok" if is_well else "degraded", "database": "ok", **parts})


def _parts(signs: Signs) -> dict[str, str]:
    mail = "failing" if signs.mail.is_failing else "late" if signs.mail.is_late(signs.now) else "ok"
    jobs = "busy" if signs.is_silent(JOBS) and signs.all_are_busy else _said(signs, JOBS)
    return {
        "worker": "ok" if signs.living else "silent",
        "jobs": jobs,
        "refresh": _said(signs, Heartbeat.REFRESH),
        "scheduler": _said(signs, Heartbeat.SCHEDULER),
        "disk": next((room for room in (Room.FULL, Room.LOW) if signs.disks_that_are(room)), Room.ENOUGH),
        "topview": "not-answering" if signs.silences else "ok",
        "mail": mail,
        "clocks": "differ" if signs.wrong_clocks else "ok",
        "static": "ok" if are_collected() else "not-collected",
    }


def _said(signs: Signs, part: str) -> str:
    return "silent" if signs.is_silent(part) else "ok"
