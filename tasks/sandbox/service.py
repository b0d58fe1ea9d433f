"""The API itself: one door for every operation of the contract, with the faults around each."""

import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from typing import Any

from tasks.contract import Operation
from tasks.sandbox import board_api, read_api
from tasks.sandbox.catalog import absolute
from tasks.sandbox.families import BY_QUERY, BY_SUBMIT
from tasks.sandbox.fault_injection import FaultInjector
from tasks.sandbox.faults import SUBMITS
from tasks.sandbox.messages import Answer, Refusal, Request, refuse, success
from tasks.sandbox.read_api import Call
from tasks.sandbox.state import State
from tasks.sandbox.validation import RequestValidator

HANDLERS: Mapping[str, Callable[[Call], Any]] = {**read_api.HANDLERS, **board_api.HANDLERS}


class Service:
    """Answers the contract's operations."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._validator = RequestValidator(state.contract)
        self._limiter = Limiter()
        self._fault_injector = FaultInjector(state.faults)

    def answer(self, request: Request) -> Answer:
        """The answer of one call, in TopView's envelope unless a fault says otherwise."""
        operation = self._state.contract.at(request.method, request.path)
        if operation is None:
            return self._unknown(request)
        self._state.counters.called(operation.id)
        scopes = (operation.id, *((SUBMITS,) if operation.creates_work else ()), *_named_tasks(request))
        early = self._fault_injector.early(*scopes)
        if early is not None:
            return early
        try:
            answer = success(self._result(operation, request, scopes))
        except Refusal as refusal:
            return refusal.answer()
        return self._fault_injector.late(*scopes) or answer

    def _result(self, operation: Operation, request: Request, scopes: tuple[str, ...]) -> Any:
        account = self._state.accounts.authenticate(
            request.headers.get("topview-uid"), request.headers.get("authorization")
        )
        limit = self._state.faults.look("rate-limit", *scopes)
        if limit and not self._limiter.allows(account.uid, int(limit.number)):
            raise Refusal("5003", "too many requests", status=429, headers={"Retry-After": "1"})
        if not is_served(operation):
            # Not 5001, which leaves open whether a paid call was taken.
            refuse("4004", f"the sandbox does not serve {operation.id} yet")
        query = self._validator.query(operation, request.query)
        asked = _parsed(request) if operation.request is not None else None
        self._state.counters.violated(operation.id, self._validator.unknown(operation, request.query, asked))
        body = self._validator.body(operation, asked) if operation.request is not None else {}
        if operation.id in BY_SUBMIT:
            return self._state.submit(operation, account, body, request.base_url)
        if operation.id in BY_QUERY:
            return self._state.query(operation, account, query, request.base_url)
        call = Call(self._state, operation, account, query, body, request.base_url)
        return absolute(HANDLERS[operation.id](call), request.base_url)

    def _unknown(self, request: Request) -> Answer:
        self._state.counters.violated("?", [f"{request.method} {request.path}"])
        methods = self._state.contract.methods_at(request.path)
        if methods:
            headers = {"Allow": ", ".join(methods)}
            return Refusal("4006", "method not allowed", status=405, headers=headers).answer()
        return Refusal("4004", "no such address", status=404).answer()


class Limiter:
    """Counts calls in the last second."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: defaultdict[str, deque[float]] = defaultdict(deque)

    def allows(self, who: str, calls: int) -> bool:
        """Count one more call, unless there were as many within the last second."""
        moment = time.monotonic()
        with self._lock:
            recent = self._calls[who]
            while recent and recent[0] <= moment - 1:
                recent.popleft()
            if len(recent) >= calls:
                return False
            recent.append(moment)
            return True


def is_served(operation: Operation) -> bool:
    """Whether the sandbox answers this operation."""
    return operation.id in BY_SUBMIT or operation.id in BY_QUERY or operation.id in HANDLERS


def _named_tasks(request: Request) -> tuple[str, ...]:
    named = request.query.get("taskId")
    if named is None and b'"taskId"' in request.body:
        try:
            body = json.loads(request.body)
        except ValueError:
            return ()
        named = body.get("taskId") if isinstance(body, dict) else None
    return (str(named),) if named else ()


def _parsed(request: Request) -> Any:
    try:
        return json.loads(request.body)
    except ValueError:
        refuse("4001", "the body is not JSON")
