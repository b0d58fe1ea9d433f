"""Every way a paid call can end but with a task id, in one table: what it means for the money, and its cause.

An outcome is looked up by the error that stands for it. The tests walk the table: each code of the contract,
each HTTP status and each way the connection can break has a row here, and what has none is *unknown*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tasks.topview.errors import (
    BadInput,
    Blocked,
    Busy,
    Declined,
    Interrupted,
    NoCredit,
    NotFound,
    NotSent,
    Refused,
    RemoteFault,
    TopViewError,
    Unauthorised,
    Unreadable,
    Untrusted,
)


class AfterSubmit(StrEnum):
    """What an outcome says about the paid call that had it."""

    #: Certainly not accepted, and worth repeating by itself.
    REPEAT = "repeat"
    #: Certainly not accepted; repeating the same request would be refused again.
    REFUSED = "refused"
    #: It may have been accepted and charged: never repeat by itself.
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Outcome:
    """One row: an error, what it says about the money, and the answers it is raised for.

    `cause` is the word of the timeline, `codes` are TopView's own, `statuses` those of HTTP outside 2xx.
    """

    error: type[TopViewError]
    after: AfterSubmit
    cause: str
    codes: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    #: Codes that may mean a file which TopView no longer has: the first time, files are sent again instead.
    codes_of_files: tuple[str, ...] = ()


_REPEAT, _REFUSED, _UNKNOWN = AfterSubmit.REPEAT, AfterSubmit.REFUSED, AfterSubmit.UNKNOWN
_MUSIC: Final = tuple(str(code) for code in range(4012, 4023))
_WRONG_INPUT: Final = ("4000", "4001", "4002", "4003", "4005", *_MUSIC)

OUTCOMES: Final[tuple[Outcome, ...]] = (
    # Nothing was sent.
    Outcome(NotSent, _REPEAT, "unreachable"),
    Outcome(Untrusted, _REPEAT, "unreachable"),
    # TopView has no room now.
    Outcome(Busy, _REPEAT, "busy", codes=("4007", "5003"), statuses=(429,)),
    # TopView said no.
    Outcome(Unauthorised, _REFUSED, "refused", codes=("401",), statuses=(401,)),
    Outcome(BadInput, _REFUSED, "refused", codes=_WRONG_INPUT, statuses=(400, 413, 415, 422)),
    Outcome(NotFound, _REFUSED, "refused", codes=("4004",), statuses=(404,), codes_of_files=("4004",)),
    Outcome(Declined, _REFUSED, "refused", codes=("4006",), statuses=(403,)),
    Outcome(NoCredit, _REFUSED, "refused", codes=("4100",)),
    Outcome(Blocked, _REFUSED, "refused", codes=("6001",)),
    Outcome(Refused, _REFUSED, "refused"),
    # Nobody can say: redirects, HTTP 408, 409, 5xx, codes nobody knows, and whatever has no row.
    Outcome(RemoteFault, _UNKNOWN, "remote-fault", codes=("5000", "5001", "5004", "5005")),
    Outcome(Interrupted, _UNKNOWN, "no-answer"),
    Outcome(Unreadable, _UNKNOWN, "unreadable"),
    Outcome(TopViewError, _UNKNOWN, "remote-fault"),
)

_BY_ERROR: Final[Mapping[type[TopViewError], Outcome]] = {row.error: row for row in OUTCOMES}
CODES: Final[Mapping[str, Outcome]] = {code: row for row in OUTCOMES for code in row.codes}
STATUSES: Final[Mapping[int, Outcome]] = {status: row for row in OUTCOMES for status in row.statuses}


def outcome_of(error: TopViewError | type[TopViewError]) -> Outcome:
    """The row of an error, or of the nearest class above it."""
    kind = error if isinstance(error, type) else type(error)
    return next(_BY_ERROR[one] for one in kind.__mro__ if one in _BY_ERROR)


def may_lack_a_file(error: TopViewError) -> bool:
    """Whether TopView may have lost a file that the call names. A bare HTTP 404 says nothing of files."""
    return error.code in outcome_of(error).codes_of_files


def error_class(http_status: int, code: str | None) -> type[TopViewError]:
    """The class for an answer that is no success.

    The HTTP status speaks first. A code refines it only where both agree that nothing was accepted (HTTP 400
    with 4100 is NoCredit), so that a code can never make an uncertain submit look safe to repeat.
    """
    unknown = outcome_of(RemoteFault)
    by_code = CODES.get(code or "", unknown)
    if 200 <= http_status < 300:
        return by_code.error
    by_status = STATUSES.get(http_status, unknown)
    if _UNKNOWN in (by_status.after, by_code.after):
        return by_status.error
    return by_code.error
