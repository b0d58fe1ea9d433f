"""The sandbox's own addresses: its page, its state, and its switches. For loopback callers only."""

import ipaddress
import json
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tasks.sandbox import page
from tasks.sandbox.accounts import masked
from tasks.sandbox.clock import iso, now
from tasks.sandbox.faults import GLOBAL, KINDS, Fault, UnknownFault
from tasks.sandbox.messages import Answer, Request, as_json
from tasks.sandbox.options import NewAccount
from tasks.sandbox.rows import Row, Task
from tasks.sandbox.state import State

STYLE = Path(__file__).parent / "page.css"
FORM = "application/x-www-form-urlencoded"
MOST_TASKS = 200
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Mistake(ValueError):
    """An admin call that can't be understood."""


class Admin:
    """Answers `/` and what begins with `/sandbox/` and isn't a file."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._routes: Mapping[tuple[str, str], Callable[[Row], Any]] = {
            ("GET", "/sandbox/state"): self._everything,
            ("POST", "/sandbox/faults"): self._set_fault,
            ("DELETE", "/sandbox/faults"): self._clear_faults,
            ("POST", "/sandbox/faults/clear"): self._clear_faults,
            ("POST", "/sandbox/accounts"): self._add_account,
            ("POST", "/sandbox/speed"): self._set_speed,
            ("POST", "/sandbox/finish"): self._finish,
            ("POST", "/sandbox/reset"): self._reset,
        }

    def answer(self, request: Request) -> Answer:
        """JSON for programs; forms of the page come back to the page."""
        if not _is_local(request):
            return as_json({"error": "the sandbox's own addresses answer to loopback only"}, status=403)
        if request.method in ("GET", "HEAD") and request.path == "/":
            return Answer(
                200, page.render(self._everything({})).encode(), "text/html; charset=utf-8", dict(SECURITY)
            )
        if request.method in ("GET", "HEAD") and request.path == "/sandbox/page.css":
            return Answer(200, STYLE.read_bytes(), "text/css; charset=utf-8")
        route = self._routes.get((request.method, request.path))
        if route is None:
            return as_json({"error": "no such address"}, status=404)
        try:
            result = route(_asked(request))
        except (Mistake, UnknownFault) as mistake:
            return as_json({"error": str(mistake)}, status=400)
        if request.headers.get("content-type", "").startswith(FORM):
            return Answer(303, headers={"Location": "/"})
        return as_json(result)

    def _everything(self, asked: Row) -> Row:
        state = self._state
        tasks = state.task_store.tasks(limit=MOST_TASKS)
        return {
            "accounts": [
                {
                    "uid": one.uid,
                    "key": masked(one.key),
                    "credit": float(one.credit),
                    "reserved": float(state.task_store.reserved(one.uid)),
                }
                for one in state.accounts.all()
            ],
            "tasks": [_task_row(task) for task in tasks],
            "faults": [_fault_row(fault) for fault in state.faults.all()],
            "accepted": state.counters.accepted(),
            "calls": state.counters.calls(),
            "violations": state.counters.violations(),
            "callbacks": state.callbacks.all(),
            "seconds": state.settings.seconds(),
        }

    def _set_fault(self, asked: Row) -> Row:
        times = asked.get("next")
        fault = self._state.faults.set(
            str(asked.get("fault", "")),
            scope=str(asked.get("scope") or GLOBAL),
            times=_number(times, "next") if times not in (None, "") else None,
            value=None if asked.get("value") is None else str(asked["value"]),
        )
        self._state.apply_fault(fault)
        return _fault_row(fault)

    def _clear_faults(self, asked: Row) -> Row:
        number = asked.get("id")
        gone = self._state.faults.clear(
            name=asked.get("fault") or None,
            scope=asked.get("scope") or None,
            number=_number(number, "id") if number not in (None, "") else None,
        )
        for fault in gone:
            self._state.release(fault)
        return {"cleared": [_fault_row(fault) for fault in gone]}

    def _add_account(self, asked: Row) -> Row:
        try:
            credit = Decimal(str(asked.get("credit", "1000")))
        except InvalidOperation:
            raise Mistake("credit must be a number") from None
        uid, key = str(asked.get("uid") or ""), str(asked.get("key") or "")
        if not uid or not key:
            raise Mistake("uid and key are needed")
        self._state.accounts.add(NewAccount(uid, key, credit), replace=True)
        return {"uid": uid, "key": masked(key), "credit": float(credit)}

    def _set_speed(self, asked: Row) -> Row:
        try:
            seconds = float(asked.get("seconds", ""))
        except (TypeError, ValueError):
            raise Mistake("seconds must be a number") from None
        operation = asked.get("operation") or None
        if operation and operation not in self._state.contract.operations:
            raise Mistake("unknown operation")
        self._state.settings.set_seconds(max(0.0, seconds), operation)
        return {"seconds": self._state.settings.seconds(operation), "operation": operation}

    def _finish(self, asked: Row) -> Row:
        return {"finished": self._state.finish_now(str(asked.get("taskId", "")))}

    def _reset(self, asked: Row) -> Row:
        self._state.reset()
        return {"reset": True}


def _is_local(request: Request) -> bool:
    # The Host is checked too, against pages that reach the loopback by a name of their own.
    host = urlsplit(request.base_url).hostname or ""
    origin = request.headers.get("origin")
    if origin and origin != request.base_url:
        return False
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = host == "localhost"
    return request.from_loopback and is_loopback


def _asked(request: Request) -> Row:
    if request.headers.get("content-type", "").startswith(FORM):
        return dict(parse_qsl(request.body.decode("utf-8", "replace")))
    if not request.body:
        return dict(request.query)
    try:
        asked = json.loads(request.body)
    except ValueError:
        raise Mistake("the body is not JSON") from None
    if not isinstance(asked, dict):
        raise Mistake("the body must be an object")
    return asked


def _number(value: Any, name: str) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise Mistake(f"{name} must be a whole number") from None


def _fault_row(fault: Fault) -> Row:
    return {
        "id": fault.id,
        "fault": fault.name,
        "scope": fault.scope,
        "next": fault.remaining,
        "value": fault.value or None,
        "summary": KINDS[fault.name].summary,
    }


def _task_row(task: Task) -> Row:
    moment = now()
    return {
        "taskId": task.id,
        "uid": task.uid,
        "operation": task.operation,
        "status": task.status_at(moment),
        "errorMsg": task.error,
        "at": iso(task.at),
        "cost": task.cost,
        "jobs": [
            {
                "part": job.part,
                "item": job.item,
                "status": job.status_at(moment),
                "rendered": job.rendered is not None,
                "ending": job.ending,
                "outputs": len(job.outputs),
            }
            for job in task.jobs
        ],
    }
