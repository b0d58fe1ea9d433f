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

What an error means for a paid call stands in `outcomes`; what to tell a person in `user_message`.
`str()` is for the log: it holds no secret, no query string and no words of TopView's.
"""

from __future__ import annotations

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tasks.topview.results import Envelope


class TopViewError(Exception):
    """The root of the tree.

    `code` is TopView's own (or the file store's word), `remote_message` TopView's words, cleaned of secrets
    and fit to be shown beside `user_message`; `retry_after` is in seconds, when the server named a time.
    `envelope` is the answer itself, where one was read.
    """

    user_message: ClassVar[str | Promise] = _("Something went wrong at TopView. Open the task again later.")

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


class NotSent(TopViewError):
    """The connection never opened (refused, no such host, TLS, plain http): nothing was sent."""

    user_message = _(
        "TopView could not be reached, so nothing was sent. The portal tries again by itself; "
        "if this lasts, ask your administrator to check the network."
    )


class Untrusted(NotSent):
    """The server's certificate was not accepted: nothing was sent."""

    user_message = _(
        "The server's certificate could not be trusted, so nothing was sent. "
        "Ask your administrator to check the network and the TopView address in the settings."
    )


class Interrupted(TopViewError):
    """The request left, or may have left, and its answer never came whole."""

    user_message = _(
        "The connection to TopView broke before it answered. "
        "Wait for the portal to look again; do not start the same task a second time."
    )


class Unreadable(TopViewError):
    """An answer that is not TopView's envelope, has the wrong shape, or says success without an id."""

    user_message = _(
        "TopView's answer could not be understood. Wait for the portal to look again; "
        "if this lasts, check the task on TopView's own site."
    )


class Refused(TopViewError):
    """TopView understood the request and said no: nothing was accepted."""

    user_message = _("TopView refused this request. Read its reason and change what it names.")


class BadInput(Refused):
    """A field is missing, malformed or not supported; `remote_message` says which."""

    user_message = _("TopView did not accept one of the values. Change what its message names and try again.")


class NotFound(Refused):
    """TopView knows no such task, file or avatar."""

    user_message = _("TopView no longer has something this task uses. Choose the file or avatar again.")


class Unauthorised(Refused):
    """The account id and the key do not fit together, or the key was withdrawn."""

    user_message = _("TopView did not accept the account's key. It has to be replaced.")


class NoCredit(Refused):
    """The balance does not cover the call."""

    user_message = _(
        "The TopView account has not enough credits, so nothing was started. "
        "Ask your administrator to top it up, then try again."
    )


class Declined(Refused):
    """TopView will not do this for this account: a matter of its plan or its rights."""

    user_message = _(
        "TopView declined this request for this account. "
        "Ask your administrator to check the plan and its rights."
    )


class Blocked(Refused):
    """The content filter stopped it."""

    user_message = _("TopView's content filter stopped this. Change the text or the picture and try again.")


class UploadRefused(Refused):
    """The file store refused the bytes; `code` is its own word, such as `EntityTooLarge`."""

    user_message = _("TopView's file store did not take the file. Try another file or a smaller one.")


class TicketExpired(UploadRefused):
    """The upload address is no longer valid (HTTP 403): a new ticket is needed."""

    user_message = _(
        "The upload took too long and its address ran out. The portal asks for a new one by itself."
    )


class Busy(TopViewError):
    """TopView has no room now, or allows one unfinished task at a time: nothing was accepted."""

    user_message = _("TopView is busy, so nothing was started yet. The portal tries again by itself.")


class RemoteFault(TopViewError):
    """TopView failed inside, redirected us, or used a code that is not in its list."""

    user_message = _(
        "TopView had a fault of its own. Wait for the portal to look again; "
        "do not start the same task a second time."
    )


class FileError(TopViewError):
    """A file that another server should have given us cannot be had."""

    user_message = _("The file could not be fetched. Open the task again later.")


class Expired(FileError):
    """The address has died (HTTP 403, 404, 410); a new query may give a fresh one."""

    user_message = _("The file's address has run out. The portal asks TopView for a fresh one by itself.")


class Truncated(FileError):
    """Fewer bytes came than were announced."""

    user_message = _("The file arrived incomplete and was not kept. The portal fetches it again by itself.")


class NotAllowed(FileError):
    """The address is none that this server may visit: scheme, host, or a redirect."""

    user_message = _(
        "The file's address is not one the portal may visit. Ask your administrator to look at it."
    )


class TooLarge(FileError):
    """The file is larger than the limit in the settings."""

    user_message = _("The file is larger than this portal keeps. Ask your administrator to raise the limit.")


class WrongMedia(FileError):
    """The file is of a type that no TopView product makes."""

    user_message = _("What came was not a picture, a video or a sound. Open the task again later.")
