"""The faults of a call: before it is judged, and after it was done."""

import time

from tasks.sandbox.faults import Fault, Faults
from tasks.sandbox.messages import Answer, Refusal, as_json


class FaultInjector:
    """Takes the faults that hold for a call; the API and the object store ask it in the same way."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def early(self, *scopes: str, has_codes: bool = True) -> Answer | None:
        """Wait, or answer in place of the call, so that nothing of it is done. A store has no codes."""
        if wait := self._faults.take("latency", *scopes):
            time.sleep(wait.number)
        if fault := self._faults.take("http-before", *scopes):
            return _plain(fault)
        if self._faults.take("drop-before", *scopes):
            return Answer(drop=True)
        if has_codes and (fault := self._faults.take("code", *scopes)):
            return Refusal(fault.value, f"fault: code {fault.value}").answer()
        return None

    def late(self, *scopes: str) -> Answer | None:
        """Another answer than the true one, for a call that was done."""
        if fault := self._faults.take("http-after", *scopes):
            return _plain(fault)
        if self._faults.take("drop-after", *scopes):
            return Answer(drop=True)
        if self._faults.take("unreadable", *scopes):
            return Answer(200, b"<html><body>upstream said something odd", "text/html")
        if self._faults.take("wrong-shape", *scopes):
            return as_json({"code": "200", "message": "Success", "result": {"unexpected": [1, 2, 3]}})
        return None


def _plain(fault: Fault) -> Answer:
    status = int(fault.number)
    headers = {"Location": "/elsewhere"} if 300 <= status < 400 else {}
    if status == 429:
        headers = {"Retry-After": "1"}
    return Answer(status, f"fault: HTTP {status}".encode(), "text/plain", headers)
