"""What is wrong with the portal right now, as far as the people of a workspace should know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tasks.models import Credential, CredentialState, Heartbeat, Membership, Role, Service, Submission
from tasks.models.kept import Kept

KEPT_SECONDS = 5.0
WORKER_SILENT_SECONDS = 60


class Alert(NamedTuple):
    """A message above every page, with at most one thing to do about it."""

    level: str  # "warning" or "error"
    text: str
    action_url: str = ""
    action_label: str = ""


class CredentialFacts(NamedTuple):
    """A credential as far as alerts need it."""

    id: UUID
    name: str
    service: str
    state: str
    reason: str
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None

    @property
    def needs_key(self) -> bool:
        """Whether it is out of use because TopView refused its key, and not because a person wanted that."""
        if self.state != CredentialState.DISABLED or self.last_failure_at is None:
            return False
        return self.last_success_at is None or self.last_success_at < self.last_failure_at


@dataclass(frozen=True)
class Condition:
    """The worker's last sign of life, the workspace's credentials, and whom to ask about them."""

    worker_seconds: float | None
    credentials: tuple[CredentialFacts, ...]
    admins: tuple[str, ...] = ()
    held: int = 0  # calls that wait since a backup was restored

    @property
    def worker_is_silent(self) -> bool:
        """Whether nothing queued would be worked on."""
        return self.worker_seconds is None or self.worker_seconds > WORKER_SILENT_SECONDS

    @property
    def is_sandbox(self) -> bool:
        """Whether nothing here can cost money."""
        services = {credential.service for credential in self.credentials}
        return services == {Service.SANDBOX}


_kept: Kept[UUID, Condition] = Kept(seconds=KEPT_SECONDS, most=1000)


def condition_of(workspace_id: UUID) -> Condition:
    """Three or four queries at most every five seconds in a process, however many pages are shown."""
    return _kept.read(workspace_id, lambda: _read(workspace_id))


def forget(workspace_id: UUID) -> None:
    """Look again at the next page: something about the credentials was changed here."""
    _kept.forget(workspace_id)


def _read(workspace_id: UUID) -> Condition:
    age = Heartbeat.age("worker")
    rows = Credential.objects.filter(workspace=workspace_id).order_by("created_at")
    facts = rows.values_list(
        "pk", "name", "service", "state", "state_reason", "last_success_at", "last_failure_at"
    )
    credentials = tuple(CredentialFacts(*row) for row in facts)
    is_well = all(credential.state == CredentialState.ACTIVE for credential in credentials)
    admins = () if is_well else _admins(workspace_id)
    held = Submission.objects.held().filter(workspace=workspace_id).count()
    return Condition(None if age is None else age.total_seconds(), credentials, admins, held)


def _admins(workspace_id: UUID) -> tuple[str, ...]:
    rows = Membership.objects.filter(workspace=workspace_id, role=Role.ADMIN, user__is_active=True)
    return tuple(str(member.user) for member in rows.select_related("user").order_by("created_at"))


def alerts_for(membership: Membership) -> list[Alert]:
    """Worst first."""
    condition = condition_of(membership.workspace_id)
    return [
        *_worker_alerts(condition, membership),
        *_hold_alerts(condition, membership),
        *_credential_alerts(condition, membership),
    ]


def _worker_alerts(condition: Condition, membership: Membership) -> list[Alert]:
    if not condition.worker_is_silent:
        return []
    text = _("No worker is running. What you create waits safely until one is started.")
    if membership.may_administer:
        return [Alert("error", text, reverse("portal-status"), _("See the status"))]
    return [Alert("error", text)]


def _hold_alerts(condition: Condition, membership: Membership) -> list[Alert]:
    if not condition.held or not membership.may_administer:
        return []
    text = ngettext(
        "%(count)d call is on hold since a backup was restored.",
        "%(count)d calls are on hold since a backup was restored.",
        condition.held,
    )
    return [Alert("warning", text % {"count": condition.held}, reverse("held-calls"), _("Decide"))]


def _credential_alerts(condition: Condition, membership: Membership) -> list[Alert]:
    if not condition.credentials:
        return [_no_credential(membership)]
    idle = [credential for credential in condition.credentials if credential.state != CredentialState.ACTIVE]
    none_left = len(idle) == len(condition.credentials)
    if not none_left and not membership.may_administer:
        return []
    return [_idle_credential(credential, membership, none_left=none_left) for credential in idle]


def _no_credential(membership: Membership) -> Alert:
    if membership.may_administer:
        text = _("There is no TopView credential yet, so nothing can be created.")
        return Alert("warning", text, reverse("credential-add"), _("Add a credential"))
    return Alert(
        "warning", _("There is no TopView credential yet. Ask an admin of this workspace to add one.")
    )


def remedy(credential: CredentialFacts) -> tuple[str, str]:
    """The page on which an admin puts a credential back to use, and what to call the way there."""
    if credential.needs_key:
        return reverse("credential-key", args=[credential.id]), _("Replace the key")
    return reverse("credential-list"), _("Credentials")


def whom_to_ask(condition: Condition) -> str:
    """Who may do something about a credential, in words for those who may not."""
    if not condition.admins:
        return _("Ask an admin of this workspace.")
    return _("Ask an admin of this workspace: %(names)s.") % {"names": ", ".join(condition.admins)}


def _idle_credential(credential: CredentialFacts, membership: Membership, *, none_left: bool) -> Alert:
    words = {
        CredentialState.PAUSED: _("The credential “%(name)s” is paused. %(reason)s"),
        CredentialState.DISABLED: _("The credential “%(name)s” is disabled. %(reason)s"),
    }[CredentialState(credential.state)]
    text = (words % {"name": credential.name, "reason": credential.reason}).strip()
    level = "error" if none_left else "warning"
    if membership.may_administer:
        return Alert(level, text, *remedy(credential))
    return Alert(level, f"{text} {whom_to_ask(condition_of(membership.workspace_id))}")
