"""One account's calls: both headers, the envelope opened, a log line for each."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

import requests

from tasks.secret import Secret
from tasks.topview import reading, transport
from tasks.topview.endpoint import Endpoint
from tasks.topview.envelope import Answer, open_envelope
from tasks.topview.errors import TopViewError, Unauthorised
from tasks.topview.results import Envelope, Json, JsonObject

logger = logging.getLogger(__name__)

Parameters: TypeAlias = Mapping[str, str | int | bool | None]

_LARGEST_ANSWER: Final = 8 * 1024 * 1024
_ANY_KEY: Final = re.compile(r"\bsk-[\w-]+")
_SENDABLE: Final = re.compile(r"[\x21-\x7e]+")


class Caller:
    """Sends what the client's methods say, as one account, to one endpoint."""

    def __init__(self, *, uid: str, key: Secret, endpoint: Endpoint, reads: transport.Session | None) -> None:
        self._uid = uid
        self._key = key
        self._endpoint = endpoint
        self._reads = transport.Session() if reads is None else reads
        self._owns_reads = reads is None

    @property
    def account(self) -> str:
        """The account id as logs may show it."""
        return f"{self._uid[:3]}…"

    def close(self) -> None:
        """Close the kept connections, unless they were lent."""
        if self._owns_reads:
            self._reads.close()

    def post_once(self, path: str, body: Mapping[str, Json]) -> Envelope:
        """The answer to one POST over a fresh connection, never repeated, within the submit deadline."""
        call = self._endpoint.call(self._endpoint.submit_deadline)
        request = requests.Request("POST", data=json.dumps(body, allow_nan=False).encode())
        request.headers = {"Content-Type": "application/json", "Connection": "close"}
        with transport.Session() as fresh:
            return self._ask(fresh, path, request, call)

    def read(self, path: str, parameters: Parameters | None = None) -> Json:
        """The result of a GET over a kept connection, repeated as `reading.repeat` says."""
        return self.read_whole(path, parameters).result

    def read_whole(self, path: str, parameters: Parameters | None = None) -> Envelope:
        """The same, with all that came around the result."""
        return self._repeated("GET", path, parameters)

    def delete(self, path: str, parameters: Parameters) -> None:
        """A DELETE, repeated like a read: what is gone stays gone however often it is said."""
        self._repeated("DELETE", path, parameters)

    def _repeated(self, method: str, path: str, parameters: Parameters | None) -> Envelope:
        self._endpoint.url(path)  # An address that may not be used is not worth three attempts.

        def ask(call: transport.Call, attempt: int) -> Envelope:
            request = requests.Request(method, params=_wire(parameters))
            return self._ask(self._reads, path, request, call, attempt=attempt)

        return reading.repeat(ask, self._endpoint)

    def rows(
        self, path: str, parameters: Parameters | None = None, *, paged: bool = True
    ) -> Iterator[JsonObject]:
        """Every row of a list, fetched page by page as they are asked for."""

        def page(number: int) -> Json:
            window = {"pageNo": number, "pageSize": reading.PAGE_SIZE} if paged else {}
            return self.read(path, {**(parameters or {}), **window})

        return reading.rows(page, path)

    def clean(self, words: str) -> str:
        """TopView's words without this key, or anything that looks like one."""
        return _ANY_KEY.sub("sk-…", words.replace(self._key.reveal(), repr(self._key)))

    @contextmanager
    def logged(self, method: str, path: str, attempt: int = 1) -> Iterator[None]:
        """One line about the call inside: never its query, its body, the key or the whole account id."""
        started = time.monotonic()
        facts: dict[str, Any] = {"method": method, "path": path, "account": self.account, "attempt": attempt}
        try:
            yield
        except TopViewError as error:
            facts |= {"seconds": _since(started), "http_status": error.http_status, "code": error.code}
            facts |= {"failure": type(error).__name__, "detail": str(error)}
            logger.warning("topview.failed", extra=facts)
            raise
        logger.info("topview.answered", extra=facts | {"seconds": _since(started)})

    def _ask(
        self,
        session: transport.Session,
        path: str,
        request: requests.Request,
        call: transport.Call,
        *,
        attempt: int = 1,
    ) -> Envelope:
        what = f"{request.method} {path}"
        with self.logged(str(request.method), path, attempt):
            request.url = self._endpoint.url(path)
            request.headers = {**request.headers, **self._account_headers()}
            proxies, ca_bundle = self._endpoint.proxies, self._endpoint.ca_bundle
            with transport.send(session, request, call, proxies=proxies, ca_bundle=ca_bundle) as response:
                answer = Answer(
                    what=what,
                    http_status=response.status_code,
                    body=transport.read(response, call, what=what, limit=_LARGEST_ANSWER),
                    retry_after=reading.retry_after(response.headers.get("Retry-After")),
                )
            return open_envelope(answer, clean=self.clean)

    def _account_headers(self) -> dict[str, str]:
        """Both headers, which every call to TopView carries and no call to anyone else."""
        key = self._key.reveal()
        if not _SENDABLE.fullmatch(self._uid) or not _SENDABLE.fullmatch(key):
            raise Unauthorised("the account id or the key holds characters that cannot be sent")
        return {"Topview-Uid": self._uid, "Authorization": f"Bearer {key}", "Accept": "application/json"}


def _wire(parameters: Parameters | None) -> dict[str, str]:
    """Query parameters in TopView's spelling: truth in small letters, what is not set left out."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in (parameters or {}).items()
        if value is not None
    }


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)
