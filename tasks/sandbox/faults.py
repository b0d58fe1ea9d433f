"""Fault switches: what can be made to go wrong, where, and for how many calls."""

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tasks.sandbox.database import Database

GLOBAL = "global"
SUBMITS = "submits"


class Hook(StrEnum):
    """Where a fault is looked for."""

    CALL = "call"
    TASK = "task"
    RESULT = "result"
    STORE = "store"
    CALLBACK = "callback"
    SWITCH = "switch"


@dataclass(frozen=True)
class Kind:
    """A fault that can be set: its words, and what its value means ("" when it takes none)."""

    hook: Hook
    summary: str
    value: str = ""
    default: str = ""


KINDS: Mapping[str, Kind] = {
    "latency": Kind(Hook.CALL, "Wait before the call is looked at", "seconds", "3"),
    "http-before": Kind(Hook.CALL, "Answer this HTTP status, and accept nothing", "HTTP status", "503"),
    "http-after": Kind(Hook.CALL, "Accept the call, then answer this HTTP status", "HTTP status", "502"),
    "drop-before": Kind(Hook.CALL, "Close the connection, and accept nothing"),
    "drop-after": Kind(Hook.CALL, "Accept the call, then close the connection"),
    "unreadable": Kind(Hook.CALL, "Accept the call, then answer what is not JSON"),
    "wrong-shape": Kind(Hook.CALL, "Accept the call, then answer JSON of another shape"),
    "code": Kind(Hook.CALL, "Answer this business code, and accept nothing", "code", "5003"),
    "task-fail": Kind(Hook.TASK, "The task ends as fail"),
    "task-failed": Kind(Hook.TASK, "The task ends as failed, the other word in use"),
    "partial": Kind(Hook.TASK, "Some outputs of the task fail", "how many", ""),
    "faceless": Kind(Hook.TASK, "In some pictures of a product avatar no face is found", "how many", "1"),
    "stuck": Kind(Hook.TASK, "The task never ends"),
    "slow": Kind(Hook.TASK, "The task takes this long", "seconds", "60"),
    "expired-link": Kind(Hook.RESULT, "The query answers with links that have died"),
    "upload-unchecked": Kind(Hook.RESULT, "The upload check says false"),
    "truncated-download": Kind(Hook.STORE, "The download stops early", "share sent", "0.5"),
    "odd-download": Kind(
        Hook.STORE,
        "The download is whole, but not what was ordered: noise, mpeg-ts, page, json, xml or words",
        "what",
        "noise",
    ),
    "upload-refused": Kind(Hook.STORE, "The object store refuses the upload", "HTTP status", "403"),
    "callback-missing": Kind(Hook.CALLBACK, "The callback is never sent"),
    "callback-duplicated": Kind(Hook.CALLBACK, "The callback is sent twice"),
    "callback-reordered": Kind(Hook.CALLBACK, "The callback arrives after the one that follows it"),
    "callback-late": Kind(Hook.CALLBACK, "The callback comes this much later", "seconds", "30"),
    "callback-forged": Kind(
        Hook.CALLBACK,
        "A false callback comes at once: status, uuid, task or uid is made up",
        "what",
        "status",
    ),
    "callback-text": Kind(Hook.SWITCH, "Callbacks carry their result as a JSON string"),
    "rate-limit": Kind(Hook.SWITCH, "Answer 429 above this many calls a second and account", "calls", "5"),
    "one-at-a-time": Kind(Hook.SWITCH, "Answer 4007 while a task of the same operation is unfinished"),
}

_NOISE = bytes(range(256)) * 40
# Packets of a transport stream, as broadcasters send them: no format that TopView promises.
_PACKETS = b"".join(b"\x47\x40\x00" + bytes([0x10 + number % 16]) + b"\xff" * 184 for number in range(64))

#: Whole answers to a download that are not the file that was ordered. By name: media type, content.
ODD_CONTENTS: Mapping[str, tuple[str, bytes]] = {
    "noise": ("video/mp4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + _NOISE),
    "mpeg-ts": ("video/mp2t", _PACKETS),
    "page": ("video/mp4", b"<!doctype html><html><body>Sign in to the network</body></html>"),
    "json": ("application/octet-stream", b'{"code": "5000", "message": "try again"}'),
    "xml": ("application/xml", b'<?xml version="1.0"?><Error><Code>SlowDown</Code></Error>'),
    "words": ("text/plain", b"upstream connect error or disconnect before headers"),
}

# Faults whose value is one of these words; that of all others is a number.
_NAMED_VALUES: Mapping[str, Collection[str]] = {
    "callback-forged": ("status", "uuid", "task", "uid"),
    "odd-download": tuple(ODD_CONTENTS),
}


@dataclass(frozen=True)
class Fault:
    """A fault that is set. `remaining` is None when it holds until it is cleared.

    `scope` is `global`, `submits` (every call that creates work), an operation id, or a task id.
    """

    id: int
    name: str
    scope: str
    remaining: int | None
    value: str

    @property
    def number(self) -> float:
        return float(self.value)


class UnknownFault(ValueError):
    """No such fault, or a value it doesn't take."""


class Faults:
    """The faults that are set. Kept in memory and on disk."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._set: dict[int, Fault] = {}
        self.load()

    def load(self) -> None:
        rows = self._database.rows("SELECT * FROM fault ORDER BY id")
        with self._lock:
            self._set = {
                r["id"]: Fault(r["id"], r["name"], r["scope"], r["remaining"], r["value"] or "") for r in rows
            }

    def all(self) -> list[Fault]:
        """What is set, oldest first."""
        with self._lock:
            return list(self._set.values())

    def set(
        self, name: str, *, scope: str = GLOBAL, times: int | None = None, value: str | None = None
    ) -> Fault:
        """Set a fault, for ever or for the next `times` calls. Raises UnknownFault."""
        kind = KINDS.get(name)
        if kind is None:
            raise UnknownFault(f"unknown fault {name!r}; known: {', '.join(KINDS)}")
        text = kind.default if value in (None, "") else str(value)
        _check_value(name, kind, text)
        if times is not None and times < 1:
            raise UnknownFault("next must be 1 or more")
        number = self._database.insert("fault", name=name, scope=scope, remaining=times, value=text)
        fault = Fault(number, name, scope, times, text)
        with self._lock:
            self._set[number] = fault
        return fault

    def clear(
        self, *, name: str | None = None, scope: str | None = None, number: int | None = None
    ) -> list[Fault]:
        """Clear what matches all that is given; everything when nothing is. Returns what was cleared."""
        with self._lock:
            gone = [
                fault
                for fault in self._set.values()
                if (name in (None, fault.name))
                and (scope in (None, fault.scope))
                and (number in (None, fault.id))
            ]
            for fault in gone:
                del self._set[fault.id]
        for fault in gone:
            self._database.change("DELETE FROM fault WHERE id = ?", fault.id)
        return gone

    def take(self, name: str, *scopes: str) -> Fault | None:
        """The fault that holds here, with one of its calls used up; the oldest first."""
        with self._lock:
            fault = self._find(name, scopes)
            if fault is None or fault.remaining is None:
                return fault
            left = fault.remaining - 1
            if left:
                self._set[fault.id] = Fault(fault.id, fault.name, fault.scope, left, fault.value)
            else:
                del self._set[fault.id]
        if left:
            self._database.change("UPDATE fault SET remaining = ? WHERE id = ?", left, fault.id)
        else:
            self._database.change("DELETE FROM fault WHERE id = ?", fault.id)
        return fault

    def look(self, name: str, *scopes: str) -> Fault | None:
        """The fault that holds here, without using it up."""
        with self._lock:
            return self._find(name, scopes)

    def _find(self, name: str, scopes: tuple[str, ...]) -> Fault | None:
        for fault in self._set.values():
            if fault.name == name and (fault.scope == GLOBAL or fault.scope in scopes):
                return fault
        return None


def _check_value(name: str, kind: Kind, text: str) -> None:
    if name in _NAMED_VALUES:
        if text not in _NAMED_VALUES[name]:
            raise UnknownFault(f"{name} takes {', '.join(_NAMED_VALUES[name])}")
        return
    if not text and kind.value not in ("", "how many"):
        raise UnknownFault(f"{name} needs a value: {kind.value}")
    if text and kind.value:
        try:
            float(text)
        except ValueError:
            raise UnknownFault(f"{name} takes a number: {kind.value}") from None
