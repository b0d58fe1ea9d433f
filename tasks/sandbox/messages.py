"""Requests and answers, as the parts behind the socket see them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

MAX_BODY = 8 * 1024 * 1024


@dataclass(frozen=True)
class Request:
    """One request. `headers` has lower-case names; the `body` of an upload is empty, it is streamed."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    base_url: str
    from_loopback: bool

    @cached_property
    def path(self) -> str:
        """The address without its query."""
        return urlsplit(self.target).path

    @cached_property
    def query(self) -> dict[str, str]:
        """The query; of a repeated name the first value."""
        found = parse_qs(urlsplit(self.target).query, keep_blank_values=True)
        return {name: values[0] for name, values in found.items()}


@dataclass
class Answer:
    """One answer. With `file` the body is streamed from disk; `cut` sends only that share of the bytes.

    `drop` closes the connection instead of answering.
    """

    status: int = 200
    body: bytes = b""
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    file: Path | None = None
    part: tuple[int, int] | None = None
    cut: float | None = None
    drop: bool = False
    close: bool = False


class Refusal(Exception):
    """A request that is refused with one of TopView's codes; `status` is the HTTP status it travels with."""

    def __init__(
        self, code: str, message: str, *, status: int = 200, headers: Mapping[str, str] | None = None
    ):
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.headers = dict(headers or {})

    def answer(self) -> Answer:
        """The envelope of this refusal."""
        body = {"code": self.code, "message": self.message, "result": None}
        return as_json(body, status=self.status, headers=self.headers)


def refuse(code: str, message: str) -> NoReturn:
    """Refuse the request with a business code, which travels with HTTP 200."""
    raise Refusal(code, message)


def as_json(body: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    text = json.dumps(body, ensure_ascii=False)
    return Answer(status, text.encode(), "application/json;charset=utf-8", dict(headers or {}))


def success(result: Any) -> Answer:
    """A result in TopView's envelope."""
    return as_json({"code": "200", "message": "Success", "result": result})


def storage_error(status: int, code: str, message: str) -> Answer:
    """An error as an object store tells it: XML. The connection is closed, since a body may be unread."""
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
    )
    return Answer(status, text.encode(), "application/xml", close=True)
