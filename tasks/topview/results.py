"""What the client hands out: frozen facts, never a raw response."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"
JsonObject: TypeAlias = dict[str, Json]


@dataclass(frozen=True)
class Envelope:
    """One answer of TopView's, whole and as it came; text when it was no JSON."""

    http_status: int
    code: str | None
    body: Json
    #: Takes the account's own key out of words. Whoever keeps or shows the body calls it on every text.
    clean: Callable[[str], str] = field(default=str, repr=False, compare=False)

    @property
    def result(self) -> Json:
        """What stands under `result`."""
        return self.body.get("result") if isinstance(self.body, dict) else None


class RemoteState(StrEnum):
    """How far a task is at TopView; words we do not know count as running."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"

    @classmethod
    def of(cls, word: str) -> RemoteState:
        """The state for a word of TopView's (`init`, `running`, `success`, `fail`, `failed`)."""
        return _STATES.get(word.lower(), cls.RUNNING)


_STATES = {
    "success": RemoteState.SUCCEEDED,
    "fail": RemoteState.FAILED,
    "failed": RemoteState.FAILED,
}


@dataclass(frozen=True)
class Accepted:
    """TopView took the task; it may charge for it from now on."""

    #: The remote id by which the task is queried; opaque.
    task_id: str
    #: The `uuid` its callback will carry; None when no callback address was sent.
    callback_uuid: str | None
    #: The whole result of the submit.
    raw: JsonObject
    envelope: Envelope | None = None


@dataclass(frozen=True)
class RemoteTask:
    state: RemoteState
    #: TopView's own word, for people and for the record.
    word: str
    #: Why it failed, in TopView's words.
    error: str | None
    #: The whole result, for the kind that knows how to read it.
    result: JsonObject
    #: Credits charged; final only when the task has succeeded.
    cost: Decimal | None
    envelope: Envelope | None = None


@dataclass(frozen=True)
class UploadTicket:
    """Where to PUT one file, and the id it will have there. The address carries its own signature."""

    file_id: str
    upload_url: str
    #: Extension without the dot.
    file_format: str

    def __repr__(self) -> str:
        return f"UploadTicket(file_id={self.file_id!r}, file_format={self.file_format!r})"


@dataclass(frozen=True)
class Credit:
    remaining: Decimal
    #: When the credits lapse, if TopView says so.
    expires: datetime | None


@dataclass(frozen=True)
class Space:
    """TopView's own disk space of an account, in bytes; None for what it does not tell."""

    used: int | None
    most: int | None


@dataclass(frozen=True)
class BoardTask:
    """One task on a board. What a row does not tell is None."""

    task_id: str
    created_at: datetime | None
    #: `image`, `video` or `audio`.
    media: str | None
    #: TopView's word for its state.
    word: str | None
    cost: Decimal | None
    #: What it was asked for.
    parameters: JsonObject | None


@dataclass(frozen=True)
class CreditLogRow:
    """One charge. TopView also names the API key there; the client drops it on arrival."""

    #: UTC.
    charged_at: datetime | None
    cost: Decimal
    task_id: str
    task_type: str
