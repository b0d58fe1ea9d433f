"""Reads TopView's answers: `{"code": "200", "message": "Success", "result": ...}`.

The HTTP status is tested first, then the code. The contract gives the code as text; the number 200 is taken
for "200" all the same, because refusing it would turn an accepted, paid submit into one of unknown outcome,
while taking it can do no harm: a result that is needed is still demanded.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, NoReturn

from tasks.text import UNSTORABLE, storable
from tasks.topview.errors import Unreadable
from tasks.topview.outcomes import error_class
from tasks.topview.results import Envelope, Json, JsonObject

SUCCESS: Final = "200"
_LONGEST_ID: Final = 200
_LONGEST_MESSAGE: Final = 500
#: What is kept of an answer that is no JSON, such as a proxy's page.
_LONGEST_PAGE: Final = 2000
#: No account has so many; a database that keeps 14 digits could not even read a larger amount back.
_MOST_CREDITS: Final = 10**9


@dataclass(frozen=True)
class Answer:
    """An HTTP answer read whole."""

    #: Method and path of its request, for messages.
    what: str
    http_status: int
    body: bytes
    retry_after: float | None


def open_envelope(answer: Answer, *, clean: Callable[[str], str]) -> Envelope:
    """A successful answer; otherwise raises the error its status and code stand for.

    `clean` takes secrets out of TopView's words.
    """
    body = _parse(answer.body)
    code = _code(body)
    envelope = Envelope(answer.http_status, code, _page(answer.body) if body is None else body, clean)
    if 200 <= answer.http_status < 300:
        if body is None or code is None:
            summary = f"{answer.what}: no envelope"
            raise Unreadable(summary, http_status=answer.http_status, envelope=envelope)
        if code == SUCCESS:
            return envelope
    message = body.get("message") if body else None
    raise error_class(answer.http_status, code)(
        f"{answer.what}: HTTP {answer.http_status}, code {code}",
        code=code,
        http_status=answer.http_status,
        remote_message=clean(message)[:_LONGEST_MESSAGE] if isinstance(message, str) else None,
        retry_after=answer.retry_after,
        envelope=envelope,
    )


def object_in(result: Json, what: str) -> JsonObject:
    """The result as an object; Unreadable when it is none."""
    if not isinstance(result, dict):
        raise Unreadable(f"{what}: the result is no object")
    return result


def id_in(result: JsonObject, key: str, what: str) -> str:
    """An opaque id; Unreadable when it is missing, empty or no id at all. Numbers become text."""
    value = result.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_ID:
        raise Unreadable(f"{what}: no {key}")
    return value


def text_in(result: JsonObject, key: str) -> str | None:
    """A text that is there and not empty, else None."""
    value = result.get(key)
    return value if isinstance(value, str) and value else None


def amount_in(result: JsonObject, key: str) -> Decimal | None:
    """An amount of credits, from a number or its text; None when there is none."""
    value = result.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < _MOST_CREDITS else None


def time_in(result: JsonObject, key: str) -> datetime | None:
    """A time in ISO 8601, in UTC (which it is taken for when it names no zone); None when there is none."""
    value = result.get(key)
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _parse(body: bytes) -> JsonObject | None:
    try:
        value = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
        return _storable(value) if isinstance(value, dict) else None
    except (ValueError, RecursionError):
        return None


def _page(body: bytes) -> str:
    """The beginning of an answer that is no JSON object, as text."""
    return storable(body[:_LONGEST_PAGE].decode(errors="replace"))


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _storable(value: JsonObject) -> JsonObject:
    """The same without characters that a database refuses, wherever they are hidden."""

    def walk(part: Json) -> Json:
        if isinstance(part, str):
            return storable(part)
        if isinstance(part, list):
            return [walk(item) for item in part]
        if isinstance(part, dict):
            return {UNSTORABLE.sub("", key): walk(item) for key, item in part.items()}
        return part

    return {UNSTORABLE.sub("", key): walk(item) for key, item in value.items()}


def _code(body: JsonObject | None) -> str | None:
    code = body.get("code") if body else None
    if isinstance(code, int) and not isinstance(code, bool):
        return str(code)
    return code[:20] if isinstance(code, str) else None
