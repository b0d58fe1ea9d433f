"""Reads that are repeated, and lists that come in pages. Submits use none of this."""

from __future__ import annotations

import hashlib
import json
import logging
import random
import time
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from urllib3 import Retry
from urllib3.exceptions import InvalidHeader

from tasks.topview.endpoint import Endpoint
from tasks.topview.errors import Interrupted, NotSent, TopViewError, Unreadable, Untrusted
from tasks.topview.results import Json, JsonObject
from tasks.topview.transport import Call

logger = logging.getLogger(__name__)

T = TypeVar("T")

PAGE_SIZE: Final = 50
_REPEATED_STATUSES: Final = frozenset({429, 502, 503, 504})
#: A list of 50,000 rows is longer than any catalog; past it the server is only repeating itself in a new way.
_MOST_PAGES: Final = 1000
#: Reads `Retry-After`; nothing is repeated by it. No server is believed for longer than a day.
_RETRY: Final = Retry(retry_after_max=86_400)


def repeat(ask: Callable[[Call, int], T], endpoint: Endpoint) -> T:
    """What `ask(call, attempt)` gives, asked again as often as the endpoint says, within its read deadline.

    Repeated are failures of the network and HTTP 429, 502, 503, 504: nothing that TopView says in its
    envelope.
    """
    ends = time.monotonic() + endpoint.read_deadline
    for attempt in range(1, endpoint.repetitions + 1):
        try:
            return ask(_call_until(ends, endpoint), attempt)
        except TopViewError as error:
            pause = _pause_after(error, attempt, endpoint)
            if pause is None or pause >= ends - time.monotonic():
                raise
        time.sleep(pause)
    return ask(_call_until(ends, endpoint), endpoint.repetitions + 1)


def _call_until(ends: float, endpoint: Endpoint) -> Call:
    return endpoint.call(ends - time.monotonic())


def _pause_after(error: TopViewError, attempt: int, endpoint: Endpoint) -> float | None:
    """Seconds to wait before asking again; None when asking again is not ours to do."""
    broken = isinstance(error, NotSent | Interrupted) and not isinstance(error, Untrusted)
    if not broken and error.http_status not in _REPEATED_STATUSES:
        return None
    wanted = error.retry_after or 0.0
    if wanted > endpoint.longest_pause:
        return None
    pause = max(wanted, endpoint.retry_pause * 2.0 ** (attempt - 1))
    return pause * random.uniform(1.0, 1.5)


def retry_after(header: str | None) -> float | None:
    """The seconds a `Retry-After` header names, as a number or as a date; None for anything else."""
    try:
        return float(_RETRY.parse_retry_after(header)) if header else None
    except (InvalidHeader, ValueError, OverflowError):
        return None


def rows(page: Callable[[int], Json], what: str) -> Iterator[JsonObject]:
    """Every row of a list, page by page; `page(number)` fetches one, from 1 on.

    Ends with the announced total, an empty page, or a page that was seen before: a server that does not know
    `pageNo` gives page 1 for ever. Some lists come as a bare array; then there is one page.
    """
    seen: set[bytes] = set()
    count = 0
    for number in range(1, _MOST_PAGES + 1):
        result = page(number)
        found, total = _page(result, what)
        mark = hashlib.sha256(json.dumps(found).encode()).digest()
        if found and mark in seen:
            logger.warning("topview.page_repeated", extra={"path": what, "page": number})
            return
        seen.add(mark)
        count += len(found)
        yield from (row for row in found if isinstance(row, dict))
        if not found or isinstance(result, list) or (total is not None and count >= total):
            return
    logger.warning("topview.pages_without_end", extra={"path": what, "page": _MOST_PAGES})


def _page(result: Json, what: str) -> tuple[list[Json], int | None]:
    """The rows of one page and the total, where it is told. Most lists say `data`, some say `list`."""
    if isinstance(result, list):
        return result, None
    if not isinstance(result, dict):
        raise Unreadable(f"{what}: the result is no list")
    if "data" not in result and "list" not in result:
        raise Unreadable(f"{what}: no page in the result")
    found = result.get("data", result.get("list"))
    if found is None:
        found = []
    if not isinstance(found, list):
        raise Unreadable(f"{what}: the page holds no list")
    total = result.get("total")
    return found, total if isinstance(total, int) and not isinstance(total, bool) else None
