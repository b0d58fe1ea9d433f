"""Everything that can go wrong between us and TopView, as one tree.

    TopViewError
    ├── NotSent               the request certainly never left
    │   └── Untrusted         the server's certificate was not accepted
    ├── Interrupted           it left, or may have, and no answer came
    ├── Unreadable            an answer came that is not TopView's
    ├── Refused               TopView said no
    │   ├── BadInput
    │   ├── NotFound
    │   ├── Unauthorised
    │   ├── NoCredit
    │   ├── Declined
    │   ├── Blocked
    │   └── UploadRefused     the file store said no
    │       └── TicketExpired
    ├── Busy                  not now
    ├── RemoteFault           TopView failed, or answered with a code nobody knows
    └── FileError             a file at an address that TopView gave
        ├── Expired
        ├── Truncated
        ├── NotAllowed
        ├── TooLarge
        └── WrongMedia

What an error means for a paid call stands in `outcomes`; what a person is told of it follows
from `cause`, which `tasks.wording` says in words.
`str()` is for the log: it holds no secret, no query string and no words of TopView's.
"""

from __future__ import annotations

from typing import ClassVar

from tasks.causes import Cause, Code
from tasks.topview.results import Envelope


class TopViewError(Exception):
    """The root of the tree.

    `code` is TopView's own (or the file store's word), `remote_message` TopView's words, cleaned of secrets
    and fit to be quoted; `retry_after` is in seconds, when the server named a time.
    `envelope` is the answer itself, where one was read.
    """

    cause_code: ClassVar[Code] = Code.TOPVIEW_ERROR

    def __init__(
        self,
        summary: str,
        *,
        code: str | None = None,
        http_status: int | None = None,
        remote_message: str | None = None,
        retry_after: float | None = None,
        envelope: Envelope | None = None,
    ) -> None:
        super().__init__(summary)
        self.code = code
        self.http_status = http_status
        self.remote_message = remote_message
        self.retry_after = retry_after
        self.envelope = envelope

    @property
    def cause(self) -> Cause:
        """What a person is told, TopView's own words included."""
        return Cause.of(self.cause_code, said=self.remote_message or "")

    @property
    def bare_cause(self) -> Cause:
        """The same without TopView's words: equal for every error of its class."""
        return Cause.of(self.cause_code, said="")


class NotSent(TopViewError):
    """The connection never opened (refused, no such host, TLS, plain http): nothing was sent."""

    cause_code = Code.UNREACHABLE


class Untrusted(NotSent):
    """The server's certificate was not accepted: nothing was sent."""

    cause_code = Code.UNTRUSTED


class Interrupted(TopViewError):
    """The request left, or may have left, and its answer never came whole."""

    cause_code = Code.INTERRUPTED


class Unreadable(TopViewError):
    """An answer that is not TopView's envelope, has the wrong shape, or says success without an id."""

    cause_code = Code.UNREADABLE


class Refused(TopViewError):
    """TopView understood the request and said no: nothing was accepted."""

    cause_code = Code.REFUSED


class BadInput(Refused):
    """A field is missing, malformed or not supported; `remote_message` says which."""

    cause_code = Code.BAD_INPUT


class NotFound(Refused):
    """TopView knows no such task, file or avatar."""

    cause_code = Code.NOT_FOUND


class Unauthorised(Refused):
    """The account id and the key do not fit together, or the key was withdrawn."""

    cause_code = Code.UNAUTHORISED


class NoCredit(Refused):
    """The balance does not cover the call."""

    cause_code = Code.NO_CREDIT


class Declined(Refused):
    """TopView will not do this for this account: a matter of its plan or its rights."""

    cause_code = Code.DECLINED


class Blocked(Refused):
    """The content filter stopped it."""

    cause_code = Code.BLOCKED


class UploadRefused(Refused):
    """The file store refused the bytes; `code` is its own word, such as `EntityTooLarge`."""

    cause_code = Code.UPLOAD_REFUSED


class TicketExpired(UploadRefused):
    """The upload address is no longer valid (HTTP 403): a new ticket is needed."""

    cause_code = Code.TICKET_EXPIRED


class Busy(TopViewError):
    """TopView has no room now, or allows one unfinished task at a time: nothing was accepted."""

    cause_code = Code.BUSY


class RemoteFault(TopViewError):
    """TopView failed inside, redirected us, or used a code that is not in its list."""

    cause_code = Code.REMOTE_FAULT


class FileError(TopViewError):
    """A file that another server should have given us cannot be had."""

    cause_code = Code.FILE_ERROR


class Expired(FileError):
    """The address has died (HTTP 403, 404, 410); a new query may give a fresh one."""

    cause_code = Code.FILE_EXPIRED


class Truncated(FileError):
    """Fewer bytes came than were announced."""

    cause_code = Code.FILE_TRUNCATED


class NotAllowed(FileError):
    """The address is none that this server may visit: scheme, host, or a redirect."""

    cause_code = Code.FILE_NOT_ALLOWED


class TooLarge(FileError):
    """The file is larger than the limit in the settings."""

    cause_code = Code.FILE_TOO_LARGE


class WrongMedia(FileError):
    """The file is of a type that no TopView product makes."""

    cause_code = Code.FILE_WRONG_MEDIA
