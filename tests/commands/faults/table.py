"""What the portal must do about each fault of the sandbox, as data: fault × class of call × value.

A row says where the portal stands while the fault lasts, what it tells people, whether the account stays in
use, and how it ends once the fault is over. Rows of the paid call stand in `paid_ends`, which is walked by
`test_paid_call`; here are those of its task, and of every other call. What does not apply says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from tasks.models import CredentialState, OutputState, Status
from tasks.sandbox.faults import KINDS, Hook


class Call(StrEnum):
    """The classes of call."""

    SUBMIT = "submit"
    QUERY = "query"
    TICKET = "upload ticket"
    BYTES = "upload bytes"
    CHECK = "upload check"
    DOWNLOAD = "download"
    CATALOG = "catalog"
    BALANCE = "balance"
    LOG = "credit log"
    NOTICE = "callback"


# The scope that names each in the sandbox.
SCOPES: Mapping[Call, str] = {
    Call.SUBMIT: "submitCommonImage2Video",
    Call.QUERY: "queryCommonImage2Video",
    Call.TICKET: "getUploadCredential",
    Call.BYTES: "uploadObject",
    Call.CHECK: "checkUpload",
    Call.DOWNLOAD: "downloadObject",
    Call.CATALOG: "listCaptions",
    Call.BALANCE: "getCredit",
    Call.LOG: "listCreditLogs",
    Call.NOTICE: "submitCommonImage2Video",
}
UPLOADS = (Call.TICKET, Call.BYTES, Call.CHECK)
ACTIVE, PAUSED, DISABLED = CredentialState.ACTIVE, CredentialState.PAUSED, CredentialState.DISABLED


@dataclass(frozen=True)
class Row:
    """One fault in one class of call.

    `state` is that of the submission, of the output for a download, and of the reading for lists and amounts
    ("read" or "not read"); `words` a part of what people are told. `final` is the submission's state at rest
    when the fault has been cleared and, if need be, the account has been checked again by its admin.
    """

    fault: str
    call: Call
    value: Any = None
    state: str = ""
    words: str = ""
    account: CredentialState = ACTIVE
    final: Status = Status.SUCCEEDED
    #: Films ordered, and how many of them TopView could not make.
    films: int = 1
    failed_parts: int = 0

    def __str__(self) -> str:
        return "-".join(str(part) for part in (self.call, self.fault, self.value) if part is not None)


# What people are told of an answer, by HTTP status and by TopView's code.
_WRONG, _KEY, _CREDIT = "did not accept one of the values", "did not accept the account", "not enough credits"
_PLAN, _LOST, _BUSY, _FAULT = (
    "declined this request",
    "no longer has",
    "TopView is busy",
    "a fault of its own",
)
_FILTER, _ODD, _BROKE = "content filter", "could not be understood", "connection to TopView broke"
_UNKNOWN_TASK = "does not know this task"
BY_STATUS: Mapping[int, str] = {
    **dict.fromkeys((400, 413, 415, 422), _WRONG),
    401: _KEY,
    403: _PLAN,
    404: _LOST,
    429: _BUSY,
    **dict.fromkeys((302, 408, 409, 500, 502, 503, 504), _FAULT),
}
# 4013 to 4022 are left out: like 4012 they are said of AI music alone, and `paid_ends` has them all.
MUSIC = {str(code) for code in range(4013, 4023)}
BY_CODE: Mapping[str, str] = {
    "401": _KEY,
    **dict.fromkeys(("4000", "4001", "4002", "4003", "4005", "4012"), _WRONG),
    "4004": _LOST,
    "4006": _PLAN,
    **dict.fromkeys(("4007", "5003"), _BUSY),
    "4100": _CREDIT,
    **dict.fromkeys(("5000", "5001", "5004", "5005", "5999"), _FAULT),
    "6001": _FILTER,
}
# Waiting and trying again would not help against these.
_FINAL_WORDS = (_WRONG, _PLAN, _LOST, _FILTER)


def _answered(call: Call) -> Iterator[Row]:
    """Every answer that is no success, before any exception that a class of call makes."""
    for status, words in BY_STATUS.items():
        yield Row("http-before", call, status, words=words, account=DISABLED if words == _KEY else ACTIVE)
    # A read that was done and then answered wrongly is no other read.
    for status in (302, 500):
        yield Row("http-after", call, status, words=BY_STATUS[status])
    for code, words in BY_CODE.items():
        account = {_KEY: DISABLED, _CREDIT: PAUSED}.get(words, ACTIVE)
        yield Row("code", call, code, words=words, account=account)
    yield Row("rate-limit", call, 0, words=_BUSY)
    yield Row("drop-before", call, words=_BROKE)
    yield Row("drop-after", call, words=_BROKE)
    yield Row("unreadable", call, words=_ODD)
    yield Row("latency", call, 0.9, words=_BROKE)


def _queries() -> Iterator[Row]:
    """A query that fails changes nothing but what the page says."""
    for row in _answered(Call.QUERY):
        yield replace(row, state="running", words=_UNKNOWN_TASK if row.words == _LOST else row.words)
    yield Row("latency", Call.QUERY, 0.05, "running")
    yield Row("wrong-shape", Call.QUERY, None, "running", _ODD)
    # These reach a task that is under way, by its id.
    yield Row("task-fail", Call.QUERY, None, "failed", "", final=Status.FAILED)
    yield Row("task-failed", Call.QUERY, None, "failed", "", final=Status.FAILED)
    yield Row("partial", Call.QUERY, 1, "succeeded", "", films=2, failed_parts=1)
    yield Row("stuck", Call.QUERY, None, "running")
    yield Row("slow", Call.QUERY, 3600, "running")
    yield Row("expired-link", Call.QUERY, None, "succeeded")


def _files() -> Iterator[Row]:
    """Before anything is paid: wait and try again, unless the file is refused for good."""
    for call in (Call.TICKET, Call.CHECK):
        for row in _answered(call):
            if row.words in _FINAL_WORDS:
                yield replace(row, state="failed", final=Status.FAILED)
            else:
                yield replace(row, state="queued")
        yield Row("latency", call, 0.05, "running")
    yield Row("wrong-shape", Call.TICKET, None, "queued", _ODD)
    yield Row("wrong-shape", Call.CHECK, None, "queued", "file store did not take")
    yield Row("upload-unchecked", Call.CHECK, None, "queued", "file store did not take")


def _bytes() -> Iterator[Row]:
    """The store is another party: it says nothing of the account, and a new ticket may help."""
    refused, too_long = "file store did not take", "its address ran out"
    for fault in ("http-before", "http-after", "upload-refused"):
        for status in (400, 404, 408, 409, 413, 415, 422):
            yield Row(fault, Call.BYTES, status, "queued", refused)
        yield Row(fault, Call.BYTES, 401, "queued", refused)
        yield Row(fault, Call.BYTES, 403, "queued", too_long)
        for status in (429, 503):
            yield Row(fault, Call.BYTES, status, "queued", _BUSY)
        for status in (302, 500, 502, 504):
            yield Row(fault, Call.BYTES, status, "queued", _FAULT)
    yield Row("drop-before", Call.BYTES, None, "queued", _BROKE)
    yield Row("drop-after", Call.BYTES, None, "queued", _BROKE)
    yield Row("latency", Call.BYTES, 0.9, "queued", _BROKE)
    yield Row("latency", Call.BYTES, 0.05, "running")
    # Nothing of the store's answer but its status is read: the check that follows says whether it has them.
    yield Row("unreadable", Call.BYTES, None, "running")
    yield Row("wrong-shape", Call.BYTES, None, "running")


def _downloads() -> Iterator[Row]:
    """Nothing is called saved that is not; each is tried again until it is."""
    waiting, saved = OutputState.WAITING.value, OutputState.SAVED.value
    gone, cut, odd = "address has run out", "arrived incomplete", "answer in words"
    for fault in ("http-before", "http-after"):
        for status in (403, 404, 410):
            yield Row(fault, Call.DOWNLOAD, status, waiting, gone)
        for status in (429, 503):
            yield Row(fault, Call.DOWNLOAD, status, waiting, _BUSY)
    for status in (400, 401, 408, 409, 413, 415, 416, 422, 500, 502, 504):
        yield Row("http-before", Call.DOWNLOAD, status, waiting, _FAULT)
    yield Row("http-before", Call.DOWNLOAD, 302, waiting, "not one the portal may visit")
    yield Row("drop-before", Call.DOWNLOAD, None, waiting, _BROKE)
    yield Row("drop-after", Call.DOWNLOAD, None, waiting, _BROKE)
    yield Row("unreadable", Call.DOWNLOAD, None, waiting, odd)
    yield Row("wrong-shape", Call.DOWNLOAD, None, waiting, odd)
    yield Row("latency", Call.DOWNLOAD, 0.05, saved)
    yield Row("expired-link", Call.DOWNLOAD, None, waiting, gone)
    for what in ("page", "json", "xml", "words"):
        yield Row("odd-download", Call.DOWNLOAD, what, waiting, odd)
    for what in ("noise", "mpeg-ts"):
        yield Row("odd-download", Call.DOWNLOAD, what, saved)
    for share in (0, 0.5, 0.99):
        yield Row("truncated-download", Call.DOWNLOAD, share, waiting, cut)


def _readings() -> Iterator[Row]:
    """Lists and amounts: what was known stays, and the next reading brings the rest."""
    for call in (Call.CATALOG, Call.BALANCE, Call.LOG):
        for row in _answered(call):
            # The balance itself says whether an account has credits: no code is believed against it.
            account = ACTIVE if call is Call.BALANCE and row.account == PAUSED else row.account
            # Of the log nobody is told while the account is in use: it is read again by itself.
            words = "" if call is Call.LOG and account == ACTIVE else row.words
            yield replace(row, state="not read", account=account, words=words)
        yield Row("latency", call, 0.05, "read")
        yield Row("wrong-shape", call, None, "not read", "" if call is Call.LOG else _ODD)


def _tasks() -> Iterator[Row]:
    """What becomes of the task that the paid call made."""
    yield Row("task-fail", Call.SUBMIT, None, "failed", "", final=Status.FAILED)
    yield Row("task-failed", Call.SUBMIT, None, "failed", "", final=Status.FAILED)
    yield Row("partial", Call.SUBMIT, 1, "succeeded", "", films=3, failed_parts=1)
    yield Row("partial", Call.SUBMIT, 2, "succeeded", "", films=3, failed_parts=2)
    yield Row("stuck", Call.SUBMIT, None, "running")
    yield Row("slow", Call.SUBMIT, 3600, "running")
    yield Row("latency", Call.SUBMIT, 0.05, "succeeded")
    yield Row("rate-limit", Call.SUBMIT, 0, "queued", _BUSY)
    yield Row("one-at-a-time", Call.SUBMIT, None, "queued", _BUSY)


def _notices() -> Iterator[Row]:
    """A callback is a hint to poll at once. Without it, or against it, the query decides."""
    for fault in ("callback-missing", "callback-duplicated", "callback-reordered", "callback-text"):
        yield Row(fault, Call.NOTICE, None, "succeeded")
    yield Row("callback-late", Call.NOTICE, 0.2, "succeeded")
    for lie in ("status", "uuid", "task", "uid"):
        yield Row("callback-forged", Call.NOTICE, lie, "running")


ROWS: tuple[Row, ...] = (
    *_tasks(),
    *_queries(),
    *_files(),
    *_bytes(),
    *_downloads(),
    *_readings(),
    *_notices(),
)

# Why a fault that is looked for in one place cannot meet another call.
_ELSEWHERE: Mapping[Hook, tuple[Iterable[Call], str]] = {
    Hook.CALL: ((Call.NOTICE,), "callbacks are TopView's calls; what fails on the way to us is missing"),
    Hook.TASK: (
        [call for call in Call if call not in (Call.SUBMIT, Call.QUERY)],
        "it changes how a task ends, which only its query tells",
    ),
    Hook.RESULT: (Call, "it changes one answer alone: the query's links, or the upload check"),
    Hook.STORE: (Call, "it changes what the object store does: take bytes, or give them"),
    Hook.CALLBACK: ([call for call in Call if call is not Call.NOTICE], "it changes callbacks alone"),
    Hook.SWITCH: (Call, "it limits what the API takes; the store and callbacks have no such limit"),
}
DOES_NOT_APPLY: Mapping[tuple[str, Call], str] = {
    **{
        (name, call): reason
        for name, kind in KINDS.items()
        for call in _ELSEWHERE[kind.hook][0]
        for reason in [_ELSEWHERE[kind.hook][1]]
        if (name, call) not in {(row.fault, row.call) for row in ROWS}
    },
    ("code", Call.BYTES): "the store has no business codes",
    ("code", Call.DOWNLOAD): "the store has no business codes",
    ("faceless", Call.SUBMIT): "only product avatars look for faces: test_product_flows walks it",
    ("faceless", Call.QUERY): "only product avatars look for faces: test_product_flows walks it",
}
