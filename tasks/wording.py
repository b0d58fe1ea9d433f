"""Says causes in words, in the language that is active: the reader's. Pages and mail ask here, nobody else.

Every code has a sentence. A fact stands in it under its name; what TopView said follows as a quotation.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tasks.causes import Cause, Code
from tasks.text import StrOrPromise

# What TopView says of these is all there is to say.
_SAYS_ALL: Final = frozenset({Code.GENERATION_FAILED, Code.NO_RESULT, Code.PARTS_FAILED})


def cause_words(cause: Cause | None) -> str:
    """The sentence for a cause; empty for none."""
    if cause is None:
        return ""
    facts = {
        name: cause_words(fact) if isinstance(fact, Cause) else fact or ""
        for name, fact in cause.facts.items()
    }
    said = facts.get("said", "")
    if said and cause.code in _SAYS_ALL:
        return _quoted(said)
    sentence = str(SENTENCES[cause.code]) % {**facts, **_derived(facts)}
    return f"{sentence} {_quoted(said) if said else ''}".strip()


def _quoted(said: str) -> str:
    return gettext("TopView says: “%(said)s”") % {"said": said}


def _derived(facts: Mapping[str, str]) -> dict[str, str]:
    """Of facts that are not fit to be read as they are: by whom a task is followed, at which time."""
    derived = {}
    if "follower" in facts:
        title = {"title": facts["follower"]}
        derived["whose"] = (
            gettext("“%(title)s”") % title if title["title"] else gettext("another workspace of this portal")
        )
    if "since" in facts:
        derived["time"] = f"{datetime.fromisoformat(facts['since']):%H:%M} UTC"
    return derived


SENTENCES: Final[Mapping[Code, StrOrPromise]] = {
    Code.EARLIER: "%(text)s",
    Code.OF_ANOTHER_RELEASE: _(
        "Another release of the portal wrote down the reason, and this one has no words for it."
    ),
    Code.TOPVIEW_ERROR: _("Something went wrong at TopView. Open the task again later."),
    Code.UNREACHABLE: _(
        "TopView could not be reached, so nothing was sent. The portal tries again by itself; "
        "if this lasts, ask your administrator to check the network."
    ),
    Code.UNTRUSTED: _(
        "The server's certificate could not be trusted, so nothing was sent. "
        "Ask your administrator to check the network and the TopView address in the settings."
    ),
    Code.INTERRUPTED: _(
        "The connection to TopView broke before it answered. "
        "Wait for the portal to look again; do not start the same task a second time."
    ),
    Code.UNREADABLE: _(
        "TopView's answer could not be understood. Wait for the portal to look again; "
        "if this lasts, check the task on TopView's own site."
    ),
    Code.REFUSED: _("TopView refused this request. Read its reason and change what it names."),
    Code.BAD_INPUT: _(
        "TopView did not accept one of the values. Change what its message names and try again."
    ),
    Code.NOT_FOUND: _("TopView no longer has something this task uses. Choose the file or avatar again."),
    Code.UNAUTHORISED: _("TopView did not accept the account's key. It has to be replaced."),
    Code.NO_CREDIT: _(
        "The TopView account has not enough credits, so nothing was started. "
        "Ask your administrator to top it up, then try again."
    ),
    Code.DECLINED: _(
        "TopView declined this request for this account. "
        "Ask your administrator to check the plan and its rights."
    ),
    Code.BLOCKED: _("TopView's content filter stopped this. Change the text or the picture and try again."),
    Code.UPLOAD_REFUSED: _("TopView's file store did not take the file. Try another file or a smaller one."),
    Code.TICKET_EXPIRED: _(
        "The upload took too long and its address ran out. The portal asks for a new one by itself."
    ),
    Code.BUSY: _("TopView is busy, so nothing was started yet. The portal tries again by itself."),
    Code.REMOTE_FAULT: _(
        "TopView had a fault of its own. Wait for the portal to look again; "
        "do not start the same task a second time."
    ),
    Code.FILE_ERROR: _("The file could not be fetched. Open the task again later."),
    Code.FILE_EXPIRED: _(
        "The file's address has run out. The portal asks TopView for a fresh one by itself."
    ),
    Code.FILE_TRUNCATED: _(
        "The file arrived incomplete and was not kept. The portal fetches it again by itself."
    ),
    Code.FILE_NOT_ALLOWED: _(
        "The file's address is not one the portal may visit. Ask your administrator to look at it."
    ),
    Code.FILE_TOO_LARGE: _(
        "The file is larger than this portal keeps. Ask your administrator to raise the limit."
    ),
    Code.FILE_WRONG_MEDIA: _("What came was not a picture, a video or a sound. Open the task again later."),
    Code.KEY_UNREADABLE: _("The credential's key cannot be read. An admin must replace it."),
    Code.CREDENTIAL_UNUSABLE: _("Waiting: the credential “%(name)s” cannot be used. %(reason)s"),
    Code.NO_SANDBOX: _("Waiting: this portal has no sandbox. Make a new task with a TopView credential."),
    Code.DISK_NEARLY_FULL: _(
        "Waiting: the portal's disk is nearly full, so that results could not be saved."
    ),
    Code.RATE_LIMITED: _("Waiting: TopView asks this account to call less often."),
    Code.HOST_SILENT: _(
        "TopView has not answered since %(time)s. It is asked again every minute, or sooner."
    ),
    Code.ACCOUNT_FULL: _(
        "Waiting for its turn: TopView is at work on as many tasks as this account may have."
    ),
    Code.BRIEF_UNUSABLE: _("The task's input cannot be used: %(problem)s"),
    Code.BRIEF_OUTDATED: _(
        "The portal cannot make a request of this any more. Nothing was sent: make it as a new task."
    ),
    Code.PLACE_IN_UNKNOWN_PIXELS: _(
        "The place was marked in pixels of a picture whose size is not known any more. "
        "Mark it again in a new task."
    ),
    Code.CUTOUT_WITHOUT_NUMBER: _(
        "TopView gave the cut-out product no number, so it cannot be put into a picture. Make a new task."
    ),
    Code.STORED_FILE_DAMAGED: _(
        "A file of this task is no longer whole in the portal's storage. Bring it again in a new task."
    ),
    Code.STORAGE_UNREADABLE: _(
        "A file of this task cannot be read from the portal's storage now. It is tried again."
    ),
    Code.FILE_NOT_CONVERTIBLE: _(
        "“%(name)s” cannot be sent as %(format)s. Bring it in that format in a new task."
    ),
    Code.CONVERSION_DELAYED: _(
        "A file of this task could not be made ready to be sent just now. It is tried again."
    ),
    Code.INPUT_SENT_AGAIN: _("TopView no longer had something that this task needs. It is sent again."),
    Code.ON_HOLD_AFTER_RESTORE: _(
        "On hold: the portal was restored from a backup, and this may have been sent since it was made."
    ),
    Code.ANSWER_LOST: _("The connection to TopView broke before it answered. It may have accepted the task."),
    Code.WORKER_STOPPED: _(
        "The worker stopped while TopView's answer was awaited. It may have accepted the task."
    ),
    Code.IN_FLIGHT_AT_BACKUP: _(
        "The portal was restored from a backup of the moment in which this was on its way."
    ),
    Code.SENT_BEFORE_RESTORE: _("It was sent after the backup was made that the portal was restored from."),
    Code.GENERATION_FAILED: _("TopView could not make this video and gave no reason."),
    Code.NO_RESULT: _("TopView finished without a result."),
    Code.PARTS_FAILED: "",
    Code.OUTPUTS_NOT_LISTED: _("TopView says that it has finished, but does not list every file yet."),
    Code.TASK_NOT_KNOWN: _("TopView says that it does not know this task. It is asked again."),
    Code.UNEXPECTED_ANSWER: _("TopView's answer has a form the portal does not know."),
    Code.UNEXPECTED_ANSWER_KEPT: _(
        "TopView's answer has a form the portal does not know. It is kept, and asked again."
    ),
    Code.ANSWER_NOT_WRITTEN: _("TopView's answer cannot be written down. An admin finds why in the log."),
    Code.SECOND_CHARGE: _(
        "A second charge: this call had arrived after all, when its step had been started again."
    ),
    Code.SECOND_REMOTE_ID: _(
        "TopView answered late with another task id: %(remote_id)s. Compare both on TopView's own site."
    ),
    Code.SECOND_CLAIM: _(
        "A second claim: TopView answered with the task %(remote_id)s, which %(whose)s follows already."
    ),
    Code.LATE_REFUSAL: _("TopView's answer came late: it did not accept this call. %(reason)s"),
    Code.CLAIM_ASKED: _("TopView is asked about the task %(remote_id)s."),
    Code.CLAIM_NOT_KNOWN: _("TopView does not know a task %(remote_id)s on this account."),
    Code.CLAIM_NOT_SHOWN: _("TopView's task %(remote_id)s shows nothing of this call."),
    Code.CLAIM_TAKEN: _("The task %(remote_id)s is followed by %(whose)s already."),
    Code.CLAIM_TAKEN_BY_SAME_TASK: _(
        "The task %(remote_id)s is followed by another call of this task already."
    ),
    Code.DISABLED_BY_PERSON: _("Disabled by %(person)s."),
    Code.AWAITING_CHECK: _("It is used again as soon as a check has succeeded."),
    Code.NO_PUBLIC_ADDRESS: _("This portal has no public address. Set NOTICE_URL to have one."),
    Code.CALLBACK_ADDRESS_UNUSABLE: _("TopView could not use the address."),
    Code.EXAMINER_BUSY: _("The portal is busy checking other files. It is fetched again."),
    Code.DISK_FULL: _("The disk is full. An admin must make room; then it is fetched again by itself."),
    Code.DISK_READ_ONLY: _(
        "The portal may not write to its disk. An admin must look at the rights of its folders."
    ),
    Code.FILE_NOT_WRITTEN: _(
        "The file could not be written here. An admin should look at the disk or the object store."
    ),
    Code.OUTPUT_NOT_LISTED: _("TopView no longer lists this file."),
    Code.OUTPUT_REPLACED: _(
        "TopView lists a newer file in its place. The newer one is never saved as this one."
    ),
    Code.WORDS_INSTEAD_OF_FILE: _("An answer in words (%(what)s) came instead of the file."),
    Code.FILE_NOT_WHOLE: _("What arrived cannot be played, and may not be all of it. It is fetched again."),
    Code.PICTURE_GONE: _("The picture is not in the library any more."),
    Code.PICTURE_NOT_CONVERTIBLE: _("The picture cannot be made ready to be sent. Bring it as PNG or JPEG."),
    Code.PORTRAIT_UNANSWERED: _(
        "No answer came. Look whether the portrait stands here before you ask for it again."
    ),
    Code.PORTRAIT_UNCERTAIN: _(
        "The portal was restored from a backup. Look whether the portrait stands here before you ask again."
    ),
}
