"""Looks after TopView credentials. Keys go in encrypted and never come out to people."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from tasks import audit, vault
from tasks.audit import Verb
from tasks.causes import Cause, Code
from tasks.commands.accounts import circuit_breaker
from tasks.commands.accounts.account_state import asked_with
from tasks.commands.accounts.clients import client_for
from tasks.commands.catalogs.copies import refresh_if_stale
from tasks.commands.runtime.queue import CHECK_CREDENTIAL, READ_ACCOUNT, TELL_OF_CREDENTIAL, nudge
from tasks.models import Credential, CredentialState, Status, Submission, User, Workspace
from tasks.secret import Secret
from tasks.topview.errors import TopViewError, Unauthorised
from tasks.topview.results import Credit
from tasks.vault import VaultError


class Duplicate(Exception):
    """The workspace already has a credential for this account."""


def add_credential(
    *, workspace: Workspace, actor: User | None, name: str, service: str, uid: str, key: str
) -> Credential:
    """Store a credential and have it checked. Raises Duplicate."""
    secret = Secret(key)
    try:
        with transaction.atomic():
            credential = Credential.objects.create(
                workspace=workspace,
                name=name,
                service=service,
                uid=uid,
                encrypted_key=vault.encrypt(secret),
                last_four=secret.last_four,
                check_asked_at=timezone.now(),
            )
            _record(Verb.CREDENTIAL_ADDED, credential, actor)
            nudge(CHECK_CREDENTIAL, credential.pk)
    except IntegrityError:
        raise Duplicate(uid) from None
    return credential


def ask_check(*, credential: Credential, actor: User) -> None:
    """Have the worker try the credential against the account call."""
    with transaction.atomic():
        Credential.objects.filter(pk=credential.pk).update(check_asked_at=timezone.now())
        _record(Verb.CREDENTIAL_TESTED, credential, actor)
        nudge(CHECK_CREDENTIAL, credential.pk)


def disable(*, credential: Credential, actor: User) -> None:
    """Take a credential out of use; what is queued on it waits, what runs is no longer followed."""
    reason = Cause.of(Code.DISABLED_BY_PERSON, person=str(actor))
    with transaction.atomic():
        # Whoever does it need not be told of it by mail.
        Credential.objects.filter(pk=credential.pk).update(
            state=CredentialState.DISABLED,
            state_reason=reason,
            told_state=CredentialState.DISABLED,
            refused_at=None,
        )
        _record(Verb.CREDENTIAL_DISABLED, credential, actor)


def enable(*, credential: Credential, actor: User) -> None:
    """Have a disabled credential checked: a good check puts it back to use, and until then it is paused."""
    with transaction.atomic():
        Credential.objects.filter(pk=credential.pk).update(check_asked_at=timezone.now())
        disabled = Credential.objects.filter(pk=credential.pk, state=CredentialState.DISABLED)
        disabled.update(
            state=CredentialState.PAUSED,
            state_reason=Cause.of(Code.AWAITING_CHECK),
            told_state=CredentialState.PAUSED,
            refused_at=None,
        )
        _record(Verb.CREDENTIAL_ENABLED, credential, actor)
        nudge(CHECK_CREDENTIAL, credential.pk)


def replace_key(*, credential: Credential, actor: User, key: str) -> None:
    """Give an account another key, put it back to use and have it checked; what waited for it goes on."""
    secret = Secret(key)
    now = timezone.now()
    with transaction.atomic():
        Credential.objects.filter(pk=credential.pk).update(
            encrypted_key=vault.encrypt(secret),
            last_four=secret.last_four,
            state=CredentialState.ACTIVE,
            state_reason=None,
            told_state="",
            refused_at=None,
            check_asked_at=now,
        )
        _wake_queued(credential, now)
        _record(Verb.KEY_REPLACED, credential, actor)
        nudge(CHECK_CREDENTIAL, credential.pk)


def change_credential(*, credential: Credential, actor: User, name: str, max_in_flight: int) -> None:
    """Give an account another name, or another number of tasks that may be at TopView at the same time."""
    with transaction.atomic():
        Credential.objects.filter(pk=credential.pk).update(name=name, max_in_flight=max_in_flight)
        audit.record(
            Verb.CREDENTIAL_CHANGED,
            actor=actor,
            workspace=credential.workspace,
            subject=credential,
            credential=name,
            max_in_flight=max_in_flight,
        )


def rotate_keys() -> tuple[int, list[Credential]]:
    """Encrypt every stored key with the vault's first key: how many, and those that no key of it opens."""
    lost: list[Credential] = []
    rotated = 0
    for credential in Credential.objects.select_related("workspace"):
        seen = bytes(credential.encrypted_key)
        try:
            token = vault.rotate(seen)
        except VaultError:
            lost.append(credential)
            continue
        # One that was replaced meanwhile is under the first key already.
        rotated += Credential.objects.filter(pk=credential.pk, encrypted_key=seen).update(encrypted_key=token)
    return rotated, lost


def refresh_balances() -> None:
    """Have every credential that is not disabled checked. A schedule calls this."""
    for credential in Credential.objects.exclude(state=CredentialState.DISABLED):
        nudge(CHECK_CREDENTIAL, credential.pk)


def check_credential(*, credential: Credential) -> None:
    """Ask TopView for the account's balance: works, is refused, or cannot be reached."""
    try:
        with client_for(credential) as client:
            credit = client.credit()
    except VaultError:
        _write_failure(credential, Cause.of(Code.KEY_UNREADABLE), disable=True)
    except TopViewError as error:
        _write_failure(credential, error.bare_cause, disable=isinstance(error, Unauthorised))
    else:
        _write_success(credential, credit)


# That a check is over and what came of it are seen together: who watches it looks no further then.
@transaction.atomic
def _write_success(credential: Credential, credit: Credit) -> None:
    now = timezone.now()
    rows = Credential.objects.filter(pk=credential.pk)
    rows.update(balance=credit.remaining, balance_at=now, last_success_at=now)
    if credential.charges_read_at is None:
        nudge(READ_ACCOUNT, credential.pk)
    circuit_breaker.note(credential.service)
    # What a person has disabled no answer enables; a key that was refused and is taken now is good again.
    mine = asked_with(credential).exclude(state=CredentialState.DISABLED, refused_at=None)
    if credit.remaining > 0:
        out = mine.exclude(state=CredentialState.ACTIVE)
        if out.update(state=CredentialState.ACTIVE, told_state="", refused_at=None):
            _wake_queued(credential, now)
        rows.filter(state=CredentialState.ACTIVE).update(state_reason=None)
    else:
        reason = Cause.of(Code.NO_CREDIT, said="")
        mine.update(state=CredentialState.PAUSED, state_reason=reason, refused_at=None)
        _tell_once(credential)
    refresh_if_stale(credential=credential)


@transaction.atomic
def _write_failure(credential: Credential, reason: Cause, *, disable: bool) -> None:
    rows = Credential.objects.filter(pk=credential.pk)
    rows.update(last_failure_at=timezone.now())
    if disable:
        asked_with(credential).exclude(state=CredentialState.DISABLED).update(
            state=CredentialState.DISABLED, state_reason=reason, refused_at=timezone.now()
        )
        _tell_once(credential)
    else:
        # Why it is paused or disabled matters more than that a check did not get through.
        rows.filter(state=CredentialState.ACTIVE).update(state_reason=reason)


def _tell_once(credential: Credential) -> None:
    """Queue the mail to its admins, unless they know."""
    untold = Credential.objects.filter(pk=credential.pk).exclude(told_state=F("state"))
    if untold.exclude(state=CredentialState.ACTIVE).exists():
        nudge(TELL_OF_CREDENTIAL, credential.pk)


def _wake_queued(credential: Credential, now: datetime) -> None:
    Submission.objects.filter(status=Status.QUEUED, task__credential=credential).update(next_at=now)


def _record(verb: Verb, credential: Credential, actor: User | None) -> None:
    audit.record(
        verb, actor=actor, workspace=credential.workspace, subject=credential, credential=credential.name
    )
