"""The table of DESIGN's paid call, written down a second time: each way for it to end, and what must follow.

`END_BY_FAULT` is walked with the sandbox's switches, `END_BY_ANSWER` with a server that says what no sandbox
would, `END_BY_WAY` with networks that break. Together they reach every row of `tasks.topview.outcomes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tasks.models import Status
from tests.topview.server import Step, hangs_up, http, raw, refuses, resets, says

QUEUED, REFUSED, UNKNOWN, RUNNING = Status.QUEUED, Status.REFUSED, Status.UNKNOWN, Status.RUNNING


@dataclass(frozen=True)
class End:
    """One way for the call to go wrong, the class that stands for it, and what must follow."""

    fault: str
    value: Any
    error: str
    status: Status
    cause: str
    accepted: int
    code: str = ""

    def __str__(self) -> str:
        return f"{self.fault}-{self.value}" if self.value else self.fault


_BY_STATUS = {
    "BadInput": (400, 413, 415, 422),
    "Unauthorised": (401,),
    "Declined": (403,),
    "NotFound": (404,),
}
_BY_CODE = {
    "Unauthorised": (401,),
    "BadInput": (4000, 4001, 4002, 4003, 4005, *range(4012, 4023)),
    "Declined": (4006,),
    "NoCredit": (4100,),
    "Blocked": (6001,),
}

END_BY_FAULT = [
    End("drop-before", None, "Interrupted", UNKNOWN, "no-answer", 0),
    End("drop-after", None, "Interrupted", UNKNOWN, "no-answer", 1),
    End("unreadable", None, "Unreadable", UNKNOWN, "unreadable", 1, "200"),
    End("wrong-shape", None, "Unreadable", UNKNOWN, "unreadable", 1),
    *[
        End("http-before", status, error, REFUSED, "refused", 0, str(status))
        for error, statuses in _BY_STATUS.items()
        for status in statuses
    ],
    *[
        End("http-before", status, "RemoteFault", UNKNOWN, "remote-fault", 0, str(status))
        for status in (301, 302, 303, 307, 308, 405, 408, 409, 418, 451, 500, 501, 502, 503, 504, 599)
    ],
    *[
        End("http-after", status, "RemoteFault", UNKNOWN, "remote-fault", 1, str(status))
        for status in (302, 307, 408, 409, 500, 502, 503, 504)
    ],
    End("http-before", 429, "Busy", QUEUED, "busy", 0, "429"),
    *[
        End("code", code, error, REFUSED, "refused", 0, str(code))
        for error, codes in _BY_CODE.items()
        for code in codes
    ],
    # The task has a file: it is sent again, once. `test_preparation` has the second time.
    End("code", 4004, "NotFound", QUEUED, "resend-file", 0),
    End("code", 4007, "Busy", QUEUED, "busy", 0, "4007"),
    End("code", 5003, "Busy", QUEUED, "busy", 0, "5003"),
    *[
        End("code", code, "RemoteFault", UNKNOWN, "remote-fault", 0, str(code))
        for code in (5000, 5001, 5004, 5005, 4008, 4011, 4023, 4999, 5002, 6002, 201, 999999)
    ],
]


@dataclass(frozen=True)
class Told:
    """An answer to the paid call as raw bytes, and what must follow."""

    name: str
    answer: Step
    status: Status
    cause: str

    def __str__(self) -> str:
        return self.name


BIG = b'{"code": "200", "message": "' + b"x" * 9_000_000 + b'"}'
END_BY_ANSWER = [
    Told("success without an id", says({"status": "success"}), UNKNOWN, "unreadable"),
    Told("success with an empty id", says({"taskId": "  "}), UNKNOWN, "unreadable"),
    Told("success with no result", says(None), UNKNOWN, "unreadable"),
    Told("success with a list", says(["task-1"]), UNKNOWN, "unreadable"),
    Told("an id that is too long", says({"taskId": "t" * 201}), UNKNOWN, "unreadable"),
    Told("nothing", http(200, b""), UNKNOWN, "unreadable"),
    Told("a number", http(200, b"42"), UNKNOWN, "unreadable"),
    Told("no code", http(200, b"{}"), UNKNOWN, "unreadable"),
    Told("not the letters it claims", http(200, b'{"code": "200", "x": "\xff"}'), UNKNOWN, "unreadable"),
    Told("an answer without end", http(200, BIG), UNKNOWN, "unreadable"),
    Told("half an answer", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"), UNKNOWN, "no-answer"),
    Told("no HTTP at all", raw(b"SSH-2.0-OpenSSH_9.6\r\n"), UNKNOWN, "no-answer"),
    Told("a hang-up", hangs_up, UNKNOWN, "no-answer"),
    Told("a reset", resets, UNKNOWN, "no-answer"),
    Told("a fault that claims to be busy", refuses("4007", status=500), UNKNOWN, "remote-fault"),
    Told("a fault that claims to refuse", refuses("4000", status=502), UNKNOWN, "remote-fault"),
    Told("a redirect", http(307, b"", {"Location": "/v2/submit"}), UNKNOWN, "remote-fault"),
    Told("a refusal in both layers", refuses("4100", status=400), REFUSED, "refused"),
    Told("a refusal with an unknown code", refuses("9999", status=422), REFUSED, "refused"),
    Told("a page of a proxy", http(404, b"<html>"), REFUSED, "refused"),
    Told("an id as long as may be", says({"taskId": "t" * 200}), RUNNING, "accepted"),
    Told("an id that is a number", says({"taskId": 12}), RUNNING, "accepted"),
    Told("a code that is a number", says({"taskId": "task-1"}, code=200), RUNNING, "accepted"),
    Told(
        "a notice id without end", says({"taskId": "task-1", "noticeUuid": "n" * 5000}), RUNNING, "accepted"
    ),
    Told(
        "letters that no database takes",
        says({"taskId": "task-1", "noticeUuid": "a\x00b\ud800"}),
        RUNNING,
        "accepted",
    ),
]


@dataclass(frozen=True)
class Way:
    """A network that breaks: who is listening, the class of the failure, and what must follow."""

    listening: str
    error: str
    status: Status
    cause: str

    def __str__(self) -> str:
        return self.listening


END_BY_WAY = [
    Way("nobody", "NotSent", QUEUED, "unreachable"),
    Way("a stranger's certificate", "Untrusted", QUEUED, "unreachable"),
    Way("no TLS", "NotSent", QUEUED, "unreachable"),
    Way("one who never answers", "Interrupted", UNKNOWN, "no-answer"),
    Way("one who resets", "Interrupted", UNKNOWN, "no-answer"),
]
