"""The words of each mail, made at the moment it is sent and in its reader's language.

A letter is a function of the row: subject, text and the address of a page, or None when there is nothing to
tell any more. Tokens are made here, so that no row ever holds one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import int_to_base36
from django.utils.translation import gettext as _

from tasks.commands.notifications import email_links
from tasks.models import (
    AddressChange,
    Comment,
    Credential,
    CredentialState,
    Decision,
    Guest,
    Mail,
    MailCause,
    Membership,
    Output,
    User,
    Verdict,
    Version,
    VersionState,
)
from tasks.wording import cause_words


@dataclass(frozen=True)
class Letter:
    """What a mail says, and the path of the page that it leads to."""

    subject: str
    text: str
    path: str = ""


def write(mail: Mail) -> EmailMessage | None:
    """The message as it leaves, or None when there is nothing to tell, or nobody, any more."""
    if mail.cause == MailCause.GUEST_CODE:
        with translation.override(mail.facts["language"]):
            return _message(mail, _guest_code(mail), mail.address)
    person = _reader(mail)
    if person is None:
        return None
    with translation.override(person.language or settings.LANGUAGE_CODE):
        letter = _LETTERS[MailCause(mail.cause)](mail, person)
        return _message(mail, letter, mail.address or person.email)


def _message(mail: Mail, letter: Letter | None, to: str) -> EmailMessage | None:
    if letter is None:
        return None
    link = f"\n\n{settings.PORTAL_URL}{letter.path}" if letter.path else ""
    # Twice under one name: a reader's program shows one of them.
    headers = {"Message-ID": f"<{mail.pk}@topview-portal>", "Auto-Submitted": "auto-generated"}
    subject = f"Topview Portal: {letter.subject}"
    return EmailMessage(subject, f"{letter.text}{link}\n", to=[to], headers=headers)


def _guest_code(mail: Mail) -> Letter | None:
    """One that was used before the mail leaves is not told of."""
    guest = Guest.objects.filter(pk=mail.facts["guest"], verified_at=None).first()
    if guest is None:
        return None
    text = _(
        "Your code is %(code)s. Enter it on the page that asked for it, within 20 minutes.\n\n"
        "If you asked for none, there is nothing to do: somebody mistyped their address."
    )
    return Letter(_("Your code"), text % {"code": email_links.guest_code(guest)})


def _reader(mail: Mail) -> User | None:
    """Who it is for, while they may read it. Whoever forgot a password is known by address alone."""
    active = User.objects.filter(is_active=True)
    if mail.user_id is None:
        return active.filter(email=mail.address).first()
    if mail.workspace_id and not Membership.objects.filter(user=mail.user_id, workspace=mail.workspace_id):
        return None
    return active.filter(pk=mail.user_id).first()


def _password_reset(mail: Mail, person: User) -> Letter:
    key = {"uidb36": int_to_base36(person.pk), "key": default_token_generator.make_token(person)}
    text = _(
        "Somebody, probably you, asked for a new password for your account. It is made on the page below.\n\n"
        "If it was not you, there is nothing to do: your password stays as it is."
    )
    return Letter(_("A new password"), text, reverse("account_reset_password_from_key", kwargs=key))


def _password_changed(mail: Mail, person: User) -> Letter:
    text = _(
        "The password of your account was changed on %(time)s (UTC), and all other "
        "browsers were signed out.\n\n"
        "If it was not you, make a new one now and tell an admin."
    )
    words = text % {"time": f"{mail.created_at:%Y-%m-%d %H:%M}"}
    return Letter(_("Your password was changed"), words, reverse("account_reset_password"))


def _address_confirm(mail: Mail, person: User) -> Letter | None:
    """A wish that was taken back or followed by another is not confirmed."""
    change = AddressChange.objects.filter(pk=mail.facts["change"]).first()
    if change is None:
        return None
    text = _(
        "Somebody, probably you, wants to sign in to the portal with this mail address. Confirm it on the "
        "page below within a day, signed in as before.\n\nIf it was not you, there is nothing to do."
    )
    path = reverse("email-confirm", args=[email_links.token_of(change)])
    return Letter(_("Confirm your mail address"), text, path)


def _address_asked(mail: Mail, person: User) -> Letter:
    text = _(
        "Somebody, probably you, asked on %(time)s (UTC) to sign in with another mail address than this one. "
        "It counts once it is confirmed.\n\nIf it was not you, somebody knows your password: make a new one "
        "now, which also ends this."
    )
    words = text % {"time": f"{mail.created_at:%Y-%m-%d %H:%M}"}
    return Letter(_("Another mail address was asked for"), words, reverse("account_reset_password"))


def _address_changed(mail: Mail, person: User) -> Letter:
    text = _(
        "Since %(time)s (UTC) your account is used with another mail address instead of this one.\n\n"
        "If it was not you, tell an admin or the owner of the portal at once."
    )
    words = text % {"time": f"{mail.created_at:%Y-%m-%d %H:%M}"}
    return Letter(_("Your mail address was changed"), words)


def _test(mail: Mail, person: User) -> Letter:
    return Letter(
        _("Mail works"), _("Somebody, probably you, asked for this test. Mail from the portal arrives.")
    )


def _credential(mail: Mail, person: User) -> Letter | None:
    """One that is back in use before the mail leaves is not told of."""
    rows = Credential.objects.filter(pk=mail.facts["credential"], state=mail.facts["state"])
    credential = rows.select_related("workspace").first()
    if credential is None:
        return None
    if credential.state == CredentialState.PAUSED:
        subject, path = _("A TopView credential is paused"), reverse("credential-list")
        text = _(
            "The credential “%(name)s” of the workspace “%(workspace)s” is paused.\n%(reason)s\n\n"
            "What is queued on it waits, and goes on by itself when the account has credits again."
        )
    else:
        subject, path = _("A TopView credential is disabled"), reverse("credential-key", args=[credential.pk])
        text = _(
            "The credential “%(name)s” of the workspace “%(workspace)s” is disabled.\n%(reason)s\n\n"
            "What is queued on it waits, and what TopView works on is not followed until it is back in use."
        )
    words = {
        "name": credential.name,
        "workspace": credential.workspace.name,
        "reason": cause_words(credential.state_reason),
    }
    return Letter(subject, text % words, path)


def _loss(mail: Mail, person: User) -> Letter | None:
    """One that was saved, or given up by a person, before the mail leaves is not told of."""
    rows = Output.objects.at_risk(timezone.now()).filter(pk=mail.facts["output"])
    output = rows.select_related("task", "workspace").first()
    if output is None:
        return None
    text = _(
        "A result of the task “%(task)s” in the workspace “%(workspace)s” could not be saved so far, and "
        "TopView keeps it until %(until)s (UTC) only.\n%(error)s\n\nSee what stands in the way, then fetch "
        "it again on the task's page."
    )
    words = {
        "task": output.task.title,
        "workspace": output.workspace.name,
        "error": cause_words(output.error),
    }
    until = f"{output.kept_until:%Y-%m-%d %H:%M}"
    return Letter(
        _("A result may be lost"),
        text % {**words, "until": until},
        reverse("task-page", args=[output.task_id]),
    )


def _review_asked(mail: Mail, person: User) -> Letter | None:
    """One that was decided on, taken out or superseded before the mail leaves is not told of."""
    rows = Version.objects.filter(pk=mail.facts["version"], state=VersionState.OPEN)
    version = rows.select_related("piece", "sender").first()
    if version is None:
        return None
    text = _("%(sender)s asks you to review version %(number)d of “%(piece)s”.")
    words = text % {
        "sender": version.sender or _("Somebody"),
        "number": version.number,
        "piece": version.piece.title,
    }
    return Letter(
        _("A review is asked for"),
        f"{words}\n\n{version.note}" if version.note else words,
        reverse("review-page", args=[version.pk]),
    )


def _version_replaced(mail: Mail, person: User) -> Letter | None:
    """One that does not wait any more, or has its bytes again, is not told of."""
    rows = Version.objects.filter(pk=mail.facts["version"], state=VersionState.OPEN)
    version = rows.exclude(output__blob=F("blob")).select_related("piece").first()
    if version is None:
        return None
    text = _(
        "A guest wanted to decide about version %(number)d of “%(piece)s” and could not: its file was "
        "replaced after it was sent for review. Send the new one, or take the version out of review."
    )
    words = text % {"number": version.number, "piece": version.piece.title}
    return Letter(_("A file in review was replaced"), words, reverse("review-page", args=[version.pk]))


def _review_decided(mail: Mail, person: User) -> Letter | None:
    rows = Decision.objects.filter(pk=mail.facts["decision"]).select_related("version__piece")
    decision = rows.first()
    if decision is None:
        return None
    subject, text = _decided_words(Verdict(decision.verdict))
    facts = {
        "person": decision.person_name,
        "number": decision.version.number,
        "piece": decision.version.piece.title,
    }
    words = text % facts
    return Letter(
        subject,
        f"{words}\n\n{decision.reason}" if decision.reason else words,
        reverse("review-page", args=[decision.version_id]),
    )


def _decided_words(verdict: Verdict) -> tuple[str, str]:
    return {
        Verdict.APPROVED: (_("Approved"), _("%(person)s approved version %(number)d of “%(piece)s”.")),
        Verdict.CHANGES: (
            _("Changes are requested"),
            _("%(person)s asks for changes to version %(number)d of “%(piece)s”."),
        ),
        Verdict.REJECTED: (_("Rejected"), _("%(person)s rejected version %(number)d of “%(piece)s”.")),
        Verdict.WITHDRAWN: (
            _("An approval was withdrawn"),
            _("%(person)s withdrew the approval of version %(number)d of “%(piece)s”."),
        ),
    }[verdict]


def _mentioned(mail: Mail, person: User) -> Letter | None:
    text = _("%(author)s mentions you in a comment on version %(number)d of “%(piece)s”.")
    return _comment_letter(mail, _("You are mentioned in a comment"), text)


def _replied(mail: Mail, person: User) -> Letter | None:
    text = _("%(author)s answered your comment on version %(number)d of “%(piece)s”.")
    return _comment_letter(mail, _("A reply to your comment"), text)


def _comment_letter(mail: Mail, subject: str, text: str) -> Letter | None:
    """One that is deleted before the mail leaves is not told of."""
    rows = Comment.objects.filter(pk=mail.facts["comment"], deleted_at=None)
    comment = rows.select_related("author", "guest", "version__piece").first()
    if comment is None:
        return None
    words = text % {
        "author": comment.writer or _("Somebody"),
        "number": comment.version.number,
        "piece": comment.version.piece.title,
    }
    page = reverse("review-page", args=[comment.version_id])
    return Letter(subject, f"{words}\n\n{comment.body}", f"{page}?c={comment.pk}#comment-{comment.pk}")


_LETTERS: dict[MailCause, Callable[[Mail, User], Letter | None]] = {
    MailCause.PASSWORD_RESET: _password_reset,
    MailCause.PASSWORD_CHANGED: _password_changed,
    MailCause.ADDRESS_CONFIRM: _address_confirm,
    MailCause.ADDRESS_ASKED: _address_asked,
    MailCause.ADDRESS_CHANGED: _address_changed,
    MailCause.CREDENTIAL: _credential,
    MailCause.LOSS: _loss,
    MailCause.REVIEW_ASKED: _review_asked,
    MailCause.REVIEW_DECIDED: _review_decided,
    MailCause.VERSION_REPLACED: _version_replaced,
    MailCause.MENTIONED: _mentioned,
    MailCause.REPLIED: _replied,
    MailCause.TEST: _test,
}
