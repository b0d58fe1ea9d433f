"""Takes files in: one or several, from the page's script or from a plain form."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import TooManyFilesSent
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from tasks import access
from tasks.access import PortalRequest
from tasks.commands.runtime.disk import is_full, is_out_of_room
from tasks.forms.library.rejections import why_not_usable
from tasks.forms.tasks.sources import facts_of
from tasks.models import Upload
from tasks.names import safe_name
from tasks.views.http.disk_space import NO_ROOM_WORDS
from tasks.views.http.receiving import receive
from tasks.views.http.responses import NO_ROOM, REFUSED, see_other
from tasks.views.tasks.selection import conversion_words, of_upload
from tasks.views.tasks.usages import fits_nowhere

logger = logging.getLogger(__name__)

# What a form's other fields and the lines between the files may take.
_FRAME_BYTES = 256 * 1024
_DRAIN_CHUNK = 256 * 1024


# The token is checked by the inner view: checking it reads the whole body, which must first be small enough.
@csrf_exempt
@require_POST
def upload_add(request: HttpRequest) -> HttpResponseBase:
    """Take the files of the field `file`; with `mask`, they are masks and stay out of the library.

    The worker examines them afterwards: what is told of them here is their state, and where to ask for it.

    For a script (Accept: application/json): 201 with the upload as JSON, or with `{"uploads": […], "errors":
    […]}` when several were sent; 422 with `{"errors": […]}` when none was taken, 507 for a full disk.
    For a plain form: 303 to the library, which shows what happened. A script whose session has ended gets
    401 and words.
    """
    if not request.user.is_authenticated and not request.accepts("text/html"):
        text = _("Your session has ended. Sign in again, in another tab if you like, and retry.")
        return JsonResponse({"errors": [text]}, status=401)
    return _take_if_small(request)


@access.marketer
def _take_if_small(request: PortalRequest) -> HttpResponseBase:
    announced = int(request.META.get("CONTENT_LENGTH") or 0)
    allowed = settings.UPLOAD_MAX_BYTES + _FRAME_BYTES
    if announced > allowed:
        _drain(request, announced, allowed)
        text = _("That is %(came)s in all; at most %(allowed)s are taken at a time.")
        params = {"came": filesizeformat(announced), "allowed": filesizeformat(settings.UPLOAD_MAX_BYTES)}
        return _answer(request, [], [text % params])
    if is_full(beside=announced):
        _drain(request, announced, allowed)
        return _no_room(request)
    try:
        return _take(request)
    except TooManyFilesSent:
        return _answer(request, [], [_("Too many files at a time. Send fewer.")])
    except OSError as error:
        if not is_out_of_room(error):
            raise
        logger.error("upload.no-room", extra={"announced": announced})
        return _no_room(request)


def _no_room(request: PortalRequest) -> HttpResponse:
    """Nothing of the file is kept: half of one would be worse than none."""
    return _answer(request, [], [str(NO_ROOM_WORDS)], refused=NO_ROOM)


@csrf_protect
def _take(request: PortalRequest) -> HttpResponseBase:
    brought = request.FILES.getlist("file")
    if not brought:
        return _answer(request, [], [_("No file came. Choose one.")])
    taken: list[Upload] = []
    errors: list[str] = []
    for one in brought:
        found = receive(request, one, is_mask="mask" in request.POST)
        if isinstance(found, Upload):
            taken.append(found)
        else:
            named = f"{safe_name(one.name or '')}: " if len(brought) > 1 else ""
            errors += [named + text for text in found]
    return _answer(request, taken, errors)


def _drain(request: PortalRequest, announced: int, allowed: int) -> None:
    """Read a body that is too long and throw it away, or browsers show a broken connection, not our words.

    Only up to twice what is allowed: a longer one is cut.
    """
    left = announced if announced <= 2 * allowed else 0
    while left > 0 and (chunk := request.read(min(_DRAIN_CHUNK, left))):
        left -= len(chunk)


def _answer(
    request: PortalRequest, taken: list[Upload], errors: list[str], *, refused: int = REFUSED
) -> HttpResponse:
    if not request.accepts("text/html"):
        if not taken:
            return JsonResponse({"errors": errors}, status=refused)
        if len(taken) == 1 and not errors:
            return JsonResponse(as_json(taken[0]), status=201)
        return JsonResponse({"uploads": [as_json(one) for one in taken], "errors": errors}, status=201)
    for text in errors:
        messages.error(request, text)
    if taken:
        count = len(taken)
        text = ngettext(
            "%(count)d file is in the library. It is being checked.",
            "%(count)d files are in the library. They are being checked.",
            count,
        )
        messages.success(request, text % {"count": count})
    return see_other("library")


@require_safe
@access.marketer
def upload_state(request: PortalRequest, upload_id: UUID) -> HttpResponse:
    """How far the examination of a file is, as JSON; 204 while that is as the asker has `seen` it."""
    upload = access.upload_for(request.membership, upload_id)
    told = as_json(upload)
    if request.GET.get("seen") == told["seen"]:
        return HttpResponse(status=204)
    return JsonResponse(told)


def as_json(upload: Upload) -> dict[str, Any]:
    """An upload as the page's script needs it: its state, what a field shows of it, and its facts."""
    chosen = of_upload(upload)
    is_material = upload.is_ready and not upload.is_mask
    # What is good may be of no use to any form.
    unfit = fits_nowhere(facts_of(upload)) if is_material else ""
    return {
        **asdict(chosen),
        "state": upload.state,
        "seen": f"{upload.state}.{upload.progress}",
        "words": why_not_usable(upload) or unfit or conversion_words(upload),
        "state_url": reverse("upload-state", args=[upload.pk]),
        "poster": chosen.preview,
        "format": upload.format,
        "seconds": upload.seconds,
    }
