"""Has TopView test the address at which it would call back (contract: checkNoticeUrl)."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.utils import timezone

from tasks import audit
from tasks.audit import Verb
from tasks.causes import Cause, Code
from tasks.commands.accounts.account_state import mark_credential, note_answer
from tasks.commands.accounts.clients import client_for
from tasks.commands.runtime.queue import CHECK_NOTICE_ADDRESS, nudge
from tasks.models import Credential, User
from tasks.topview.errors import BadInput, Declined, NotFound, TopViewError
from tasks.vault import VaultError

logger = logging.getLogger(__name__)

# TopView tests the address while it is asked; nobody may use it later.
_CHECK_SECONDS = 300


def _signer() -> TimestampSigner:
    # A dot stands in no token of a paid call, so the two cannot be taken for each other.
    return TimestampSigner(sep=".", salt="tasks.notice-check")


def callback_address(token: str) -> str:
    """Where TopView may call back about what the token stands for; "" without a public address."""
    base = settings.NOTICE_URL.rstrip("/")
    return f"{base}/notices/{token}/" if base else ""


def is_check_token(token: str) -> bool:
    """Whether a callback belongs to a check of ours that was made a moment ago: it is answered, not kept."""
    try:
        _signer().unsign(token, max_age=_CHECK_SECONDS)
    except BadSignature:
        return False
    return True


def ask_callback_check(*, credential: Credential, actor: User) -> None:
    """Have the worker ask TopView to test our address."""
    with transaction.atomic():
        audit.record(
            Verb.NOTICE_CHECKED,
            actor=actor,
            workspace=credential.workspace,
            subject=credential,
            credential=credential.name,
        )
        nudge(CHECK_NOTICE_ADDRESS, credential.pk)


def check_callback_address(*, credential: Credential) -> None:
    """Ask TopView to test our address and keep what it says."""
    problem = _problem(credential)
    Credential.objects.filter(pk=credential.pk).update(
        callback_checked_at=timezone.now(), callback_problem=problem
    )


def _problem(credential: Credential) -> Cause | None:
    """What is wrong with the address; None when TopView reached it."""
    address = callback_address(_signer().sign(credential.pk.hex))
    if not address:
        return Cause.of(Code.NO_PUBLIC_ADDRESS)
    try:
        with client_for(credential) as client:
            client.check_notice(address)
        note_answer(credential)
    except VaultError:
        return Cause.of(Code.KEY_UNREADABLE)
    except TopViewError as error:
        mark_credential(credential, error)
        facts = {"error_class": type(error).__name__, "code": error.code}
        logger.warning("notice-check.failed", extra=facts)
        if isinstance(error, BadInput | Declined | NotFound):
            return Cause.of(Code.CALLBACK_ADDRESS_UNUSABLE, said=error.remote_message or "")
        return error.cause
    return None
