"""Why something is as it is, as a code and its facts. Rows hold it; `tasks.wording` alone says it in words.

The vocabulary is closed: a cause has exactly the facts that its code declares. Facts are JSON, in no language
but that of whoever said them: ids, names, times (ISO 8601), and what TopView itself said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import UnionType
from typing import Any, Final, TypeAlias

Json: TypeAlias = "None | str | dict[str, Json]"
# Letters of one fact.
_LONGEST_FACT: Final = 500
# A signed address lets in whoever has it: what follows the question mark is nobody's business.
_SIGNATURE: Final = re.compile(r"""(https?://[^\s?"'<>]+)\?[^\s"'<>]*""", re.IGNORECASE)


class Code(StrEnum):
    """What is the matter. A code is never given another meaning: rows and, later, programs hold it."""

    #: A sentence that a release before causes wrote down.
    EARLIER = "earlier"
    #: What stands in a row and is none of the codes here, or has not their facts.
    OF_ANOTHER_RELEASE = "of-another-release"

    # TopView, or the way there: one for each class of `tasks.topview.errors`.
    TOPVIEW_ERROR = "topview-error"
    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted-certificate"
    INTERRUPTED = "interrupted"
    UNREADABLE = "unreadable-answer"
    REFUSED = "refused"
    BAD_INPUT = "bad-input"
    NOT_FOUND = "not-found"
    UNAUTHORISED = "unauthorised"
    NO_CREDIT = "no-credit"
    DECLINED = "declined"
    BLOCKED = "content-blocked"
    UPLOAD_REFUSED = "upload-refused"
    TICKET_EXPIRED = "upload-ticket-expired"
    BUSY = "busy"
    REMOTE_FAULT = "remote-fault"
    FILE_ERROR = "file-error"
    FILE_EXPIRED = "file-address-expired"
    FILE_TRUNCATED = "file-truncated"
    FILE_NOT_ALLOWED = "file-address-not-allowed"
    FILE_TOO_LARGE = "file-too-large"
    FILE_WRONG_MEDIA = "file-wrong-media"

    # A call cannot be sent, or not yet.
    KEY_UNREADABLE = "key-unreadable"
    CREDENTIAL_UNUSABLE = "credential-unusable"
    NO_SANDBOX = "no-sandbox"
    DISK_NEARLY_FULL = "disk-nearly-full"
    RATE_LIMITED = "rate-limited"
    HOST_SILENT = "host-silent"
    ACCOUNT_FULL = "account-full"
    BRIEF_UNUSABLE = "brief-unusable"
    BRIEF_OUTDATED = "brief-outdated"
    PLACE_IN_UNKNOWN_PIXELS = "place-in-unknown-pixels"
    CUTOUT_WITHOUT_NUMBER = "cutout-without-number"
    STORED_FILE_DAMAGED = "stored-file-damaged"
    STORAGE_UNREADABLE = "storage-unreadable"
    FILE_NOT_CONVERTIBLE = "file-not-convertible"
    CONVERSION_DELAYED = "conversion-delayed"
    INPUT_SENT_AGAIN = "input-sent-again"
    ON_HOLD_AFTER_RESTORE = "on-hold-after-restore"

    # Nobody knows whether it arrived.
    ANSWER_LOST = "answer-lost"
    WORKER_STOPPED = "worker-stopped"
    IN_FLIGHT_AT_BACKUP = "in-flight-at-backup"
    SENT_BEFORE_RESTORE = "sent-before-restore"

    # TopView worked on it.
    GENERATION_FAILED = "generation-failed"
    NO_RESULT = "no-result"
    PARTS_FAILED = "parts-failed"
    OUTPUTS_NOT_LISTED = "outputs-not-listed"
    TASK_NOT_KNOWN = "task-not-known"
    UNEXPECTED_ANSWER = "unexpected-answer"
    UNEXPECTED_ANSWER_KEPT = "unexpected-answer-kept"
    ANSWER_NOT_WRITTEN = "answer-not-written"

    # Which task at TopView a call is.
    SECOND_CHARGE = "second-charge"
    SECOND_REMOTE_ID = "second-remote-id"
    SECOND_CLAIM = "second-claim"
    LATE_REFUSAL = "late-refusal"
    CLAIM_ASKED = "claim-asked"
    CLAIM_NOT_KNOWN = "claim-not-known"
    CLAIM_NOT_SHOWN = "claim-not-shown"
    CLAIM_TAKEN = "claim-taken"
    CLAIM_TAKEN_BY_SAME_TASK = "claim-taken-by-same-task"

    # An account.
    DISABLED_BY_PERSON = "disabled-by-person"
    AWAITING_CHECK = "awaiting-check"
    NO_PUBLIC_ADDRESS = "no-public-address"
    CALLBACK_ADDRESS_UNUSABLE = "callback-address-unusable"

    # A copy of a result.
    EXAMINER_BUSY = "examiner-busy"
    DISK_FULL = "disk-full"
    DISK_READ_ONLY = "disk-read-only"
    FILE_NOT_WRITTEN = "file-not-written"
    OUTPUT_NOT_LISTED = "output-not-listed"
    OUTPUT_REPLACED = "output-replaced"
    WORDS_INSTEAD_OF_FILE = "words-instead-of-file"
    FILE_NOT_WHOLE = "file-not-whole"

    # A picture that is to be kept as a photo avatar.
    PICTURE_GONE = "picture-gone"
    PICTURE_NOT_CONVERTIBLE = "picture-not-convertible"
    PORTRAIT_UNANSWERED = "portrait-unanswered"
    PORTRAIT_UNCERTAIN = "portrait-uncertain-after-restore"


@dataclass(frozen=True)
class Cause:
    """A code and its facts. Raises TypeError when they are not those that the code declares."""

    code: Code
    facts: Mapping[str, Fact] = field(default_factory=dict)

    def __post_init__(self) -> None:
        declared = FACTS[self.code]
        if self.facts.keys() != declared.keys():
            raise TypeError(f"{self.code} has the facts {sorted(declared)}, not {sorted(self.facts)}")
        for name, value in self.facts.items():
            if not isinstance(value, declared[name]):
                raise TypeError(f"{self.code}: {name} is {declared[name]}, not {type(value).__name__}")

    @classmethod
    def of(cls, code: Code, **facts: Fact) -> Cause:
        """A cause made now: long texts are cut, and of addresses in them the signatures."""
        cut = {
            name: _SIGNATURE.sub(r"\1", text)[:_LONGEST_FACT]
            for name, text in facts.items()
            if isinstance(text, str)
        }
        return cls(code, {**facts, **cut})

    @classmethod
    def earlier(cls, text: str) -> Cause:
        """A sentence that was written down as it is."""
        return cls(Code.EARLIER, {"text": text})

    @classmethod
    def read(cls, stored: Any) -> Cause | None:
        """One as it is stored; None for nothing. Of what this release does not know, what TopView said."""
        if isinstance(stored, Cause):
            return stored
        if stored is None or stored == "":
            return None
        if isinstance(stored, str):
            return cls.earlier(stored)
        try:
            facts = stored.get("facts") or {}
            return cls(Code(stored["code"]), {name: _read(value) for name, value in facts.items()})
        except (AttributeError, LookupError, TypeError, ValueError):
            return cls.of(Code.OF_ANOTHER_RELEASE, said=_said_in(stored))

    def as_json(self) -> dict[str, Json]:
        """As it is stored: equal ones are stored alike."""
        facts: dict[str, Json] = {
            name: fact.as_json() if isinstance(fact, Cause) else fact
            for name, fact in sorted(self.facts.items())
        }
        return {"code": self.code.value, "facts": facts}


Fact: TypeAlias = "str | Cause | None"
_SAID: Final = {"said": str}
_REMOTE_ID: Final = {"remote_id": str}
# Whose task that is: its title, or nothing where it is another workspace's.
_FOLLOWER: Final = {"remote_id": str, "follower": str}

#: The facts of each code, by their names.
FACTS: Final[Mapping[Code, Mapping[str, type | UnionType]]] = {
    **{code: {} for code in Code},
    Code.EARLIER: {"text": str},
    Code.OF_ANOTHER_RELEASE: _SAID,
    Code.TOPVIEW_ERROR: _SAID,
    Code.UNREACHABLE: _SAID,
    Code.UNTRUSTED: _SAID,
    Code.INTERRUPTED: _SAID,
    Code.UNREADABLE: _SAID,
    Code.REFUSED: _SAID,
    Code.BAD_INPUT: _SAID,
    Code.NOT_FOUND: _SAID,
    Code.UNAUTHORISED: _SAID,
    Code.NO_CREDIT: _SAID,
    Code.DECLINED: _SAID,
    Code.BLOCKED: _SAID,
    Code.UPLOAD_REFUSED: _SAID,
    Code.TICKET_EXPIRED: _SAID,
    Code.BUSY: _SAID,
    Code.REMOTE_FAULT: _SAID,
    Code.FILE_ERROR: _SAID,
    Code.FILE_EXPIRED: _SAID,
    Code.FILE_TRUNCATED: _SAID,
    Code.FILE_NOT_ALLOWED: _SAID,
    Code.FILE_TOO_LARGE: _SAID,
    Code.FILE_WRONG_MEDIA: _SAID,
    Code.CREDENTIAL_UNUSABLE: {"name": str, "reason": Cause | None},
    Code.HOST_SILENT: {"since": str},
    Code.BRIEF_UNUSABLE: {"problem": str},
    Code.FILE_NOT_CONVERTIBLE: {"name": str, "format": str},
    Code.GENERATION_FAILED: _SAID,
    Code.NO_RESULT: _SAID,
    Code.PARTS_FAILED: _SAID,
    Code.SECOND_REMOTE_ID: _REMOTE_ID,
    Code.SECOND_CLAIM: _FOLLOWER,
    Code.LATE_REFUSAL: {"reason": Cause},
    Code.CLAIM_ASKED: _REMOTE_ID,
    Code.CLAIM_NOT_KNOWN: _REMOTE_ID,
    Code.CLAIM_NOT_SHOWN: _REMOTE_ID,
    Code.CLAIM_TAKEN: _FOLLOWER,
    Code.CLAIM_TAKEN_BY_SAME_TASK: _REMOTE_ID,
    Code.DISABLED_BY_PERSON: {"person": str},
    Code.CALLBACK_ADDRESS_UNUSABLE: _SAID,
    Code.WORDS_INSTEAD_OF_FILE: {"what": str},
}


def _said_in(stored: object) -> str:
    facts = stored.get("facts") if isinstance(stored, dict) else None
    said = facts.get("said") if isinstance(facts, dict) else None
    return said if isinstance(said, str) else ""


def _read(value: object) -> Fact:
    return Cause.read(value) if isinstance(value, dict) else value  # type: ignore[return-value]
