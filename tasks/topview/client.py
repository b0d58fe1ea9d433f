"""The one door to TopView: typed calls in, frozen results or a `TopViewError` out.

Paths of products belong to the kinds; `submit` and `query` take them. Operations are named as in the
contract.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import TracebackType
from typing import BinaryIO, Final, Self, TypeAlias

import requests

from tasks.secret import Secret
from tasks.topview import reading, transport, uploads
from tasks.topview.endpoint import Endpoint
from tasks.topview.envelope import Answer, amount_in, id_in, object_in, open_envelope, text_in, time_in
from tasks.topview.errors import TopViewError, Unauthorised, Unreadable
from tasks.topview.results import (
    Accepted,
    Credit,
    CreditLogRow,
    Json,
    JsonObject,
    RemoteState,
    RemoteTask,
    UploadTicket,
)

__all__ = ["Endpoint", "TopViewClient"]

logger = logging.getLogger(__name__)

Parameters: TypeAlias = Mapping[str, str | int | bool | None]

_LARGEST_ANSWER: Final = 8 * 1024 * 1024
_ANY_KEY: Final = re.compile(r"\bsk-[\w-]+")
_SENDABLE: Final = re.compile(r"[\x21-\x7e]+")


class TopViewClient:
    """One account at one TopView.

    `reads` is a session whose connections may be kept and shared between clients and threads; without it the
    client has its own until `close()`. Submits always use a connection of their own.
    """

    def __init__(
        self, *, uid: str, key: Secret, endpoint: Endpoint, reads: transport.Session | None = None
    ) -> None:
        self._uid = uid
        self._key = key
        self._endpoint = endpoint
        self._reads = transport.Session() if reads is None else reads
        self._owns_reads = reads is None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<TopViewClient {self._masked_uid} at {self._endpoint.base_url}>"

    def close(self) -> None:
        """Close the kept connections, unless they were lent."""
        if self._owns_reads:
            self._reads.close()

    # Tasks

    def submit(self, path: str, body: Mapping[str, Json]) -> Accepted:
        """Send a call that may be charged: once, on a fresh connection, within the submit deadline.

        Never repeated at any layer. What a failure means for the money stands in the error's `after_submit`.
        """
        call = self._endpoint.call(self._endpoint.submit_deadline)
        with transport.Session() as fresh:
            result = self._ask(fresh, "POST", path, call, body=body, headers={"Connection": "close"})
        facts = object_in(result, path)
        return Accepted(id_in(facts, "taskId", path), text_in(facts, "noticeUuid"), facts)

    def query(self, path: str, remote_id: str) -> RemoteTask:
        """Look at a task. Older products call its state `taskStatus`, the others `status`."""
        cdn = True if self._endpoint.needs_cdn else None
        result = object_in(self._read(path, {"taskId": remote_id, "needCloudFrontUrl": cdn}), path)
        word = text_in(result, "status") or text_in(result, "taskStatus")
        if word is None:
            raise Unreadable(f"{path}: no status")
        if text_in(result, "taskId") not in (None, remote_id):
            raise Unreadable(f"{path}: the answer is about another task")
        error = text_in(result, "errorMsg")
        return RemoteTask(
            state=RemoteState.of(word),
            word=word,
            error=self._clean(error) if error else None,
            result=result,
            cost=amount_in(result, "costCredit"),
        )

    # Files

    def upload_ticket(self, file_format: str) -> UploadTicket:
        """An id and an address for one file of this extension (getUploadCredential)."""
        path = "/v1/upload/credential"
        result = object_in(self._read(path, {"format": file_format}), path)
        address = text_in(result, "uploadUrl")
        if address is None:
            raise Unreadable(f"{path}: no uploadUrl")
        return UploadTicket(id_in(result, "fileId", path), address, text_in(result, "format") or file_format)

    def upload(
        self,
        ticket: UploadTicket,
        stream: BinaryIO,
        size: int,
        *,
        on_progress: uploads.ProgressReport | None = None,
    ) -> None:
        """PUT `size` bytes to the ticket's address, once; see `uploads.put` for what it raises."""
        started = time.monotonic()
        try:
            uploads.put(ticket, stream, size, endpoint=self._endpoint, on_progress=on_progress)
        except TopViewError as error:
            self._log("PUT", "file", started, error=error)
            raise
        self._log("PUT", "file", started)

    def uploaded(self, file_id: str) -> bool:
        """Whether the bytes have arrived (checkUpload); the text "true" occurs too."""
        answer = self._read("/v1/upload/check", {"fileId": file_id})
        return answer is True or answer == "true"

    # Catalogs: generators of rows as TopView gives them

    def voices(self, **filters: str | bool | None) -> Iterator[JsonObject]:
        """Voices; filters by their names on the wire: language, gender, age, style, accent, isCustom."""
        return self._rows("/v1/voice/query", filters)

    def avatars(self, *, custom: bool | None = None) -> Iterator[JsonObject]:
        """Presenters; `custom` asks for the account's own ones (queryAiAvatars)."""
        return self._rows("/v1/aiavatar/query", {"isCustom": custom})

    def ethnicities(self, scene: str) -> Iterator[JsonObject]:
        """Ethnicities for the scene `video_avatar` or `product_avatar`."""
        return self._rows("/v1/ethnicity/list", {"scene": scene})

    def captions(self) -> Iterator[JsonObject]:
        """Caption styles; they have a picture and no name."""
        return self._rows("/v1/caption/list", paged=False)

    def anyshoot_categories(self) -> Iterator[JsonObject]:
        """Categories of AnyShoot templates."""
        return self._rows("/v1/product_anyShoot/template/category/list", paged=False)

    def anyshoot_templates(
        self, *, category_ids: str | None = None, style: str | None = None
    ) -> Iterator[JsonObject]:
        """AnyShoot templates; category ids separated by commas, style `UGC` or `Pro`."""
        path = "/v1/product_anyShoot/template/list"
        return self._rows(path, {"categoryIds": category_ids, "style": style})

    def product_avatar_categories(self) -> Iterator[JsonObject]:
        """Categories of public product avatars."""
        return self._rows("/v1/product_avatar/category/list", paged=False)

    def product_avatars(self, **filters: str | None) -> Iterator[JsonObject]:
        """Public product avatars; filters: ethnicityIds, gender, sortingType, categoryIds."""
        return self._rows("/v1/product_avatar/public_avatar/query", filters)

    # Account and notices

    def check_notice(self, url: str) -> None:
        """Have TopView test a callback address (checkNoticeUrl); returns when it passed. Not repeated."""
        call = self._endpoint.call(self._endpoint.read_deadline)
        self._ask(self._reads, "POST", "/notice/notice_url/check", call, body={"noticeUrl": url})

    def credit(self) -> Credit:
        """The balance (getCredit): `remainCredit` by the documents, `credit` by TopView's own client."""
        path = "/user/credit/detail"
        result = object_in(self._read(path), path)
        remaining = amount_in(result, "remainCredit")
        if remaining is None:
            remaining = amount_in(result, "credit")
        if remaining is None:
            raise Unreadable(f"{path}: no balance")
        return Credit(remaining, time_in(result, "expiredTime"))

    def credit_logs(
        self, *, start: datetime, end: datetime, task_type: str | None = None
    ) -> Iterator[CreditLogRow]:
        """Charges between two moments (listCreditLogs); both need a time zone."""
        path = "/user/credit/logs"
        window = {"startTime": _wire_time(start), "endTime": _wire_time(end), "taskType": task_type}
        for row in self._rows(path, window):
            yield CreditLogRow(
                charged_at=time_in(row, "date"),
                cost=_amount_or_refuse(row, path),
                task_id=text_in(row, "taskId") or "",
                task_type=text_in(row, "taskType") or "",
            )

    # One call

    def _rows(
        self, path: str, parameters: Parameters | None = None, *, paged: bool = True
    ) -> Iterator[JsonObject]:
        def page(number: int) -> Json:
            window = {"pageNo": number, "pageSize": reading.PAGE_SIZE} if paged else {}
            return self._read(path, {**(parameters or {}), **window})

        return reading.rows(page, path)

    def _read(self, path: str, parameters: Parameters | None = None) -> Json:
        self._endpoint.url(path)  # An address that may not be used is not worth three attempts.

        def ask(call: transport.Call, attempt: int) -> Json:
            return self._ask(self._reads, "GET", path, call, parameters=parameters, attempt=attempt)

        return reading.repeat(ask, self._endpoint)

    def _ask(
        self,
        session: transport.Session,
        method: str,
        path: str,
        call: transport.Call,
        *,
        parameters: Parameters | None = None,
        body: Mapping[str, Json] | None = None,
        headers: Mapping[str, str] | None = None,
        attempt: int = 1,
    ) -> Json:
        """Send one request once, and log it without query, body, uid or key."""
        started = time.monotonic()
        try:
            request = requests.Request(method, self._endpoint.url(path), params=_wire(parameters))
            request.headers = {**self._account_headers(), **(headers or {})}
            if body is not None:
                request.data = json.dumps(body, allow_nan=False).encode()
                request.headers["Content-Type"] = "application/json"
            answer = self._exchange(session, request, call, what=f"{method} {path}")
            result = open_envelope(answer, clean=self._clean)
        except TopViewError as error:
            self._log(method, path, started, attempt=attempt, error=error)
            raise
        self._log(method, path, started, attempt=attempt, http_status=answer.http_status)
        return result

    def _exchange(
        self, session: transport.Session, request: requests.Request, call: transport.Call, *, what: str
    ) -> Answer:
        proxies, ca_bundle = self._endpoint.proxies, self._endpoint.ca_bundle
        with transport.send(session, request, call, proxies=proxies, ca_bundle=ca_bundle) as response:
            return Answer(
                what=what,
                http_status=response.status_code,
                body=transport.read(response, call, what=what, limit=_LARGEST_ANSWER),
                retry_after=reading.retry_after(response.headers.get("Retry-After")),
            )

    def _account_headers(self) -> dict[str, str]:
        """Both headers, which every call to TopView carries and no call to anyone else."""
        key = self._key.reveal()
        if not _SENDABLE.fullmatch(self._uid) or not _SENDABLE.fullmatch(key):
            raise Unauthorised("the account id or the key holds characters that cannot be sent")
        return {"Topview-Uid": self._uid, "Authorization": f"Bearer {key}", "Accept": "application/json"}

    def _clean(self, words: str) -> str:
        """TopView's words without this key, or anything that looks like one."""
        return _ANY_KEY.sub("sk-…", words.replace(self._key.reveal(), repr(self._key)))

    @property
    def _masked_uid(self) -> str:
        return f"{self._uid[:3]}…"

    def _log(
        self,
        method: str,
        path: str,
        started: float,
        *,
        attempt: int = 1,
        http_status: int | None = None,
        error: TopViewError | None = None,
    ) -> None:
        facts = {
            "method": method,
            "path": path,
            "account": self._masked_uid,
            "attempt": attempt,
            "seconds": round(time.monotonic() - started, 3),
            "http_status": http_status if error is None else error.http_status,
        }
        if error is None:
            logger.info("topview.answered", extra=facts)
        else:
            facts |= {"failure": type(error).__name__, "code": error.code, "detail": str(error)}
            logger.warning("topview.failed", extra=facts)


def _wire(parameters: Parameters | None) -> dict[str, str]:
    """Query parameters in TopView's spelling: truth in small letters, what is not set left out."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in (parameters or {}).items()
        if value is not None
    }


def _wire_time(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("A moment without a time zone means nothing to another server.")
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _amount_or_refuse(row: JsonObject, path: str) -> Decimal:
    cost = amount_in(row, "costCredit")
    if cost is None:
        raise Unreadable(f"{path}: a charge without an amount")
    return cost
