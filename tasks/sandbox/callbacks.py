"""Callbacks: the finished task is posted to its noticeUrl, at most three times, in the documented form."""

import http.client
import ipaddress
import json
import logging
import socket
import threading
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator

from tasks.contract import Contract
from tasks.sandbox.clock import new_id, now
from tasks.sandbox.database import Database
from tasks.sandbox.faults import Faults
from tasks.sandbox.options import Options
from tasks.sandbox.rows import Accepted, Row

logger = logging.getLogger(__name__)

TRIES = 3
TIMEOUT = 5.0
# A callback held back by `callback-reordered` goes out after this long even if none follows.
REORDERED_AT_LATEST = 20.0


class NotDelivered(Exception):
    """A callback that wasn't acknowledged; `str()` says why."""


class Callbacks:
    """The queue of callbacks, and the thread that sends them."""

    def __init__(self, contract: Contract, database: Database, faults: Faults, options: Options) -> None:
        self._database = database
        self._faults = faults
        self._options = options
        self._ack = Draft202012Validator(contract.schema("NoticeAck"))
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="sandbox-callbacks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop after the one being sent."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(TIMEOUT + 1)

    def announce(self, call: Accepted, *, status: str, error: str | None, result: Row) -> None:
        """Queue the callback of a call whose jobs have all finished. Call it inside the transaction."""
        scopes = (call.operation, call.task_id)
        if call.notice_url is None or self._faults.take("callback-missing", *scopes):
            return
        told: Any = result
        if self._faults.look("callback-text", *scopes):
            told = json.dumps(result)
        payload = {
            "uuid": call.notice_uuid,
            "bizType": call.biz_type,
            "taskId": call.task_id,
            "status": status,
            "errorMsg": error,
            "result": told,
        }
        late = self._faults.take("callback-late", *scopes)
        due = now() + (late.number if late else 0)
        behind = None
        if self._faults.take("callback-reordered", *scopes):
            due, behind = now() + REORDERED_AT_LATEST, call.id
        for _copy in range(2 if self._faults.take("callback-duplicated", *scopes) else 1):
            self._queue(call, payload, due, behind)
        self._wake.set()

    def forge(self, call: Accepted) -> None:
        """Queue a false callback for a call that was just accepted, when that fault is set."""
        fault = self._faults.take("callback-forged", call.operation, call.task_id)
        if fault is None or call.notice_url is None:
            return
        payload = {
            "uuid": new_id() if fault.value == "uuid" else call.notice_uuid,
            "bizType": call.biz_type,
            "taskId": new_id() if fault.value == "task" else call.task_id,
            "status": "fail" if fault.value == "status" else "success",
            "errorMsg": "forged" if fault.value == "status" else None,
            "result": {
                "taskId": call.task_id,
                "status": "success",
                "outputVideoUrl": "http://192.0.2.1/forged.mp4",
            },
        }
        self._queue(call, payload, now(), None, uid="ForgedAccount000000" if fault.value == "uid" else None)
        self._wake.set()

    def probe(self, uid: str, url: str) -> None:
        """Post a probe, as the address check does. Raises NotDelivered."""
        payload = {
            "uuid": new_id(),
            "bizType": "COMMON_TASK_IMAGE2VIDEO",
            "taskId": new_id(),
            "status": "success",
            "errorMsg": None,
            "result": None,
        }
        self._post(url, uid, payload)

    def all(self, limit: int = 200) -> list[Row]:
        """The newest callbacks and how they went, for the state page."""
        rows = self._database.rows("SELECT * FROM notice ORDER BY id DESC LIMIT ?", limit)
        names = ("id", "uid", "state", "tries", "remark")
        return [
            {**{name: row[name] for name in names}, "payload": json.loads(row["payload"])} for row in rows
        ]

    def _queue(
        self, call: Accepted, payload: Row, due: float, behind: int | None, uid: str | None = None
    ) -> None:
        self._database.insert(
            "notice",
            accepted_id=call.id,
            uid=uid or call.uid,
            url=call.notice_url,
            payload=json.dumps(payload),
            due=due,
            behind=behind,
        )

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            for row in self._database.rows(
                "SELECT * FROM notice WHERE state = 'waiting' AND due <= ? ORDER BY due, id", now()
            ):
                self._send(row)
            due = self._database.value("SELECT min(due) FROM notice WHERE state = 'waiting'")
            self._wake.wait(5.0 if due is None else max(0.01, min(5.0, due - now())))

    def _send(self, row: Any) -> None:
        tries = row["tries"] + 1
        try:
            self._post(row["url"], row["uid"], json.loads(row["payload"]))
        except NotDelivered as problem:
            state = "given up" if tries >= TRIES else "waiting"
            due = now() + self._options.callback_pause * 2 ** (tries - 1)
            remark = str(problem)
        else:
            state, due, remark = "acknowledged", row["due"], ""
        self._database.change(
            "UPDATE notice SET state = ?, tries = ?, due = ?, remark = ? WHERE id = ?",
            *(state, tries, due, remark, row["id"]),
        )
        if state != "waiting":
            # Those that were held back until this one had gone out follow it.
            self._database.change(
                "UPDATE notice SET due = ?, behind = NULL WHERE state = 'waiting' AND behind < ?",
                *(now(), row["accepted_id"]),
            )
        logger.info("sandbox.callback", extra={"state": state, "tries": tries})

    def _post(self, url: str, uid: str, payload: Row) -> None:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        address = self._allowed_address(host, port)
        # A plain connection goes to the very address that was checked, whatever the name answers next.
        connection: http.client.HTTPConnection = (
            http.client.HTTPSConnection(host, port, timeout=TIMEOUT)
            if parts.scheme == "https"
            else http.client.HTTPConnection(address, port, timeout=TIMEOUT)
        )
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Content-Type": "application/json", "Topview-Uid": uid, "Host": parts.netloc}
        try:
            connection.request("POST", target, json.dumps(payload), headers)
            response = connection.getresponse()
            self._check_ack(response.status, response.read(65536), payload["uuid"])
        except (OSError, http.client.HTTPException) as error:
            raise NotDelivered(f"no answer: {type(error).__name__}") from None
        finally:
            connection.close()

    def _allowed_address(self, host: str, port: int) -> str:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            raise NotDelivered("the name of the host is not known") from None
        addresses = [str(entry[4][0]) for entry in found]
        if not self._options.callbacks_anywhere:
            addresses = [one for one in addresses if ipaddress.ip_address(one).is_loopback]
        if not addresses:
            raise NotDelivered("the sandbox calls back to loopback addresses only")
        return addresses[0]

    def _check_ack(self, status: int, body: bytes, uuid: str) -> None:
        try:
            answer = json.loads(body)
        except ValueError:
            raise NotDelivered(f"HTTP {status}, not JSON") from None
        if status != 200 or not self._ack.is_valid(answer) or answer["code"] != "200":
            raise NotDelivered(f"HTTP {status}, not the documented acknowledgement")
        if answer["result"].get("uuid") != uuid:
            raise NotDelivered("the acknowledgement names another uuid")
