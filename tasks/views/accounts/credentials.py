"""Settings: the TopView accounts of the workspace. For admins."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tasks.access import PortalRequest, administrator, credential_for
from tasks.commands.accounts import credentials as commands
from tasks.forms.accounts.credentials import CredentialChange, CredentialForm, KeyForm
from tasks.models import Credential, CredentialState, Submission
from tasks.views.frame.status_cache import answer_change, forget
from tasks.views.http.formatting import credits_words
from tasks.views.http.responses import REFUSED

POLL_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Line:
    credential: Credential
    tone: str
    state: str
    balance: str
    in_flight: int
    is_checking: bool
    is_enabled: bool


@require_safe
@administrator
def credential_list(request: PortalRequest) -> HttpResponse:
    return render(request, "accounts/credentials.html", _context(request))


@require_safe
@administrator
def credential_rows(request: PortalRequest) -> HttpResponse:
    """The rows, while a check is on its way; 204 while nothing has changed."""
    context = _context(request)
    if context["revision"] == request.GET.get("seen"):
        return HttpResponse(status=204)
    forget(request.membership.workspace_id)
    return render(request, "accounts/_credential_rows.html", context)


def _context(request: PortalRequest) -> dict[str, Any]:
    rows = list(Credential.objects.for_settings(request.membership.workspace))
    in_flight = Submission.objects.in_flight()
    lines = [_line(row, in_flight.get(row.pk, 0)) for row in rows]
    revision = _revision(lines)
    waits = any(line.is_checking for line in lines)
    return {
        "lines": lines,
        "revision": revision,
        "poll_url": f"{reverse('credential-rows')}?seen={revision}" if waits else "",
        "poll_seconds": POLL_SECONDS,
    }


def _line(credential: Credential, in_flight: int) -> Line:
    tones = {CredentialState.ACTIVE: "tone--good", CredentialState.PAUSED: "tone--warn"}
    return Line(
        credential=credential,
        tone=tones.get(CredentialState(credential.state), "tone--bad"),
        state=str(CredentialState(credential.state).label),
        balance="" if credential.balance is None else credits_words(credential.balance),
        in_flight=in_flight,
        is_checking=is_checking(credential),
        is_enabled=credential.state != CredentialState.DISABLED,
    )


def is_checking(credential: Credential) -> bool:
    """Whether a check was asked for and has not answered yet."""
    if credential.check_asked_at is None:
        return False
    answers = [at for at in (credential.last_success_at, credential.last_failure_at) if at]
    return not answers or max(answers) < credential.check_asked_at


def _revision(lines: Iterable[Line]) -> str:
    digest = hashlib.blake2b(digest_size=9)
    for line in lines:
        row = line.credential
        seen: list[str | datetime | int | None] = [
            str(row.pk), row.name, row.last_four, row.state, row.state_reason, line.balance, line.in_flight,
            row.check_asked_at, row.last_success_at, row.last_failure_at, row.max_in_flight,
        ]  # fmt: skip
        digest.update(repr(seen).encode())
    return digest.hexdigest()


@sensitive_post_parameters("key")
@require_http_methods(["GET", "HEAD", "POST"])
@administrator
def credential_add(request: PortalRequest) -> HttpResponse:
    """A new credential; it is checked at once."""
    form = CredentialForm(request.POST) if request.method == "POST" else CredentialForm()
    workspace = request.membership.workspace
    try:
        if form.is_valid():
            commands.add_credential(workspace=workspace, actor=request.user, **form.cleaned_data)
            return answer_change(
                request, _("The credential is stored and is being checked."), "credential-list"
            )
    except commands.Duplicate:
        form.add_error("uid", _("This workspace already has a credential for this account."))
    status = REFUSED if form.is_bound else 200
    return render(request, "accounts/credential_add.html", {"form": form}, status=status)


@sensitive_post_parameters("key")
@require_http_methods(["GET", "HEAD", "POST"])
@administrator
def credential_key(request: PortalRequest, credential_id: UUID) -> HttpResponse:
    """Another key for the same account; it is checked at once."""
    credential = credential_for(request.membership, credential_id)
    form = KeyForm(request.POST) if request.method == "POST" else KeyForm()
    if not form.is_valid():
        status = REFUSED if form.is_bound else 200
        context = {"form": form, "credential": credential}
        return render(request, "accounts/credential_key.html", context, status=status)
    commands.replace_key(credential=credential, actor=request.user, key=form.cleaned_data["key"])
    return answer_change(request, _("The key is replaced and is being checked."), "credential-list")


@require_http_methods(["GET", "HEAD", "POST"])
@administrator
def credential_edit(request: PortalRequest, credential_id: UUID) -> HttpResponse:
    """Its name, and how many tasks it may have at TopView."""
    credential = credential_for(request.membership, credential_id)
    if request.method == "POST":
        form = CredentialChange(request.POST)
    else:
        form = CredentialChange(initial={"name": credential.name, "max_in_flight": credential.max_in_flight})
    if not form.is_valid():
        status = REFUSED if form.is_bound else 200
        context = {"form": form, "credential": credential}
        return render(request, "accounts/credential_edit.html", context, status=status)
    commands.change_credential(credential=credential, actor=request.user, **form.cleaned_data)
    return answer_change(request, _("The changes are saved."), "credential-list")


@require_POST
@administrator
def credential_check(request: PortalRequest, credential_id: UUID) -> HttpResponse:
    """Have the worker try it against the account call."""
    return _act(request, credential_id, commands.ask_check, _("The credential is being checked."))


@require_POST
@administrator
def credential_disable(request: PortalRequest, credential_id: UUID) -> HttpResponse:
    return _act(request, credential_id, commands.disable, _("The credential is disabled."))


@require_POST
@administrator
def credential_enable(request: PortalRequest, credential_id: UUID) -> HttpResponse:
    """Put it back to use once a check has succeeded."""
    return _act(
        request, credential_id, commands.enable, _("The credential is being checked and then used again.")
    )


def _act(
    request: PortalRequest, credential_id: UUID, command: Callable[..., None], said: str
) -> HttpResponse:
    command(credential=credential_for(request.membership, credential_id), actor=request.user)
    return answer_change(request, said, "credential-list")
