"""Where TopView calls back (contract: taskNotice). Nothing is signed: the token says which task is meant."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tasks.commands.accounts.callback_check import is_check_token
from tasks.commands.evidence.callbacks import receive_callback

# A callback carries what the query would answer: text and addresses, never files.
MAX_BYTES = 256 * 1024
_LONGEST_UUID = 200


class Unusable(Exception):
    """A callback that is not what the contract describes. Holds the HTTP status to answer."""

    def __init__(self, status: int) -> None:
        super().__init__(f"answered {status}")
        self.status = status


@csrf_exempt
@require_POST
def callback(request: HttpRequest, token: str) -> HttpResponse:
    """Keep the callback and acknowledge it in the documented form (NoticeAck). Of a check nothing is kept."""
    try:
        body = _body(request)
    except Unusable as error:
        return HttpResponse(status=error.status)
    uid = request.headers.get("Topview-Uid", "")[:120]
    if not is_check_token(token) and receive_callback(token=token, uid=uid, body=body) is None:
        return HttpResponse(status=404)
    uuid = str(body.get("uuid") or "")[:_LONGEST_UUID]
    result = {"uuid": uuid, "topviewUid": uid, "result": "success"}
    return JsonResponse({"code": "200", "message": "Success", "result": result})


def _body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object that came. Raises Unusable."""
    if request.content_type != "application/json":
        raise Unusable(415)
    length = str(request.META.get("CONTENT_LENGTH") or "")
    if not length.isdecimal():
        raise Unusable(411)
    if int(length) > MAX_BYTES:
        raise Unusable(413)
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Unusable(400) from None
    if not isinstance(found, dict):
        raise Unusable(400)
    return found
