"""Where TopView calls back (contract: taskNotice). Nothing is signed: the token says which task is meant."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tasks.commands.notices import receive_notice

MAX_BYTES = 1024 * 1024


class Unusable(Exception):
    """A callback that is not what the contract describes. Holds the HTTP status to answer."""

    def __init__(self, status: int) -> None:
        super().__init__(f"answered {status}")
        self.status = status


@csrf_exempt
@require_POST
def notice(request: HttpRequest, token: str) -> HttpResponse:
    """Keep the callback and acknowledge it in the documented form (NoticeAck)."""
    try:
        body = _body(request)
    except Unusable as error:
        return HttpResponse(status=error.status)
    uid = request.headers.get("Topview-Uid", "")[:120]
    if receive_notice(token=token, uid=uid, body=body) is None:
        return HttpResponse(status=404)
    result = {"uuid": str(body.get("uuid", "")), "topviewUid": uid, "result": "success"}
    return JsonResponse({"code": "200", "message": "Success", "result": result})


def _body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object that came. Raises Unusable."""
    if request.content_type != "application/json":
        raise Unusable(415)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES:
        raise Unusable(413)
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Unusable(400) from None
    if not isinstance(found, dict):
        raise Unusable(400)
    return found
