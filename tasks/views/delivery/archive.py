"""The archive of a package, whole or in parts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tasks.access import PortalRequest, member, package_for
from tasks.commands.delivery.approval import not_approved, still_allowed
from tasks.commands.delivery.archives import Archive, NotMeasured, note_download
from tasks.concurrency import archives
from tasks.models import Package
from tasks.views.delivery.sending import ArchiveSlice
from tasks.views.http.busy import busy
from tasks.views.http.formatting import exact
from tasks.views.http.ranges import NotSatisfiable, Part
from tasks.views.http.responses import CONFLICT
from tasks.views.http.serving import (
    SliceAnswer,
    Unavailable,
    asked_part,
    disposition,
    is_known,
    take_slots,
)

GONE = 410
# How soon the sums of a package's files are worth asking for again.
_MEASURED_SOON = 5


@require_safe
@member
def package_file(request: PortalRequest, package_id: UUID, name: str) -> HttpResponseBase:
    """The ZIP: 410 when it is over, 409 when something of it is not approved any more."""
    package = package_for(request.membership, package_id)
    if package.is_over(timezone.now()):
        context = {"package": package, "expired": exact(package.expires_at)}
        return render(request, "delivery/over.html", context, status=GONE)
    if package.only_approved and (refused := not_approved(package)):
        context = {"package": package, "refused": refused}
        return render(request, "delivery/refused.html", context, status=CONFLICT)
    response, is_sent = serve_archive(
        request, package, may_go_on=partial(still_allowed, package.pk, membership_id=request.membership.pk)
    )
    if is_sent:
        note_download(package=package, membership=request.membership)
    return response


def serve_archive(
    request: HttpRequest, package: Package, *, may_go_on: Callable[[], bool]
) -> tuple[HttpResponseBase, bool]:
    """The answer to somebody who may have it, and whether it brings bytes of the archive.

    An open range is answered to its end, as long as `may_go_on`, which is asked once a minute. 503 while its
    files are measured, or too many are under way.
    """
    tag = f'"{package.digest}"'
    if is_known(request, tag):
        return HttpResponse(status=304, headers={"ETag": tag, "Cache-Control": "private, no-cache"}), False
    try:
        part = asked_part(request, package.size, tag)
    except NotSatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{package.size}"}), False
    headers = _headers(package, tag, part)
    status = 206 if part else 200
    try:
        archive = Archive(package)
    except NotMeasured:
        return busy(request, _("The package is being prepared."), seconds=_MEASURED_SOON), False
    if request.method == "HEAD":
        archive.close()
        return HttpResponse(status=status, headers=headers), False
    part = part or Part(0, package.size)
    try:
        slots = take_slots(request, part, of=archives)
    except Unavailable as reason:
        archive.close()
        return busy(request, str(reason), seconds=reason.seconds), False
    connection = request.META.get("gunicorn.socket")
    body = ArchiveSlice(archive, part, connection, slots=slots, may_go_on=may_go_on)
    return SliceAnswer(body, status=status, headers=headers), True


def _headers(package: Package, tag: str, part: Part | None) -> dict[str, str]:
    headers = {
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "Accept-Ranges": "bytes",
        "Content-Type": "application/zip",
        "Content-Length": str(part.length if part else package.size),
        "Content-Disposition": disposition(f"{package.name}.zip", attached=True),
        "X-Content-Type-Options": "nosniff",
    }
    if part:
        headers["Content-Range"] = part.content_range(package.size)
    return headers
