"""What is wrong with the portal right now, as far as the people of a workspace should know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import NamedTuple
from uuid import UUID

from cachetools import TTLCache, cached
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks.access import PortalRequest
from tasks.causes import Cause
from tasks.commands.ledger.report import unclaimed
from tasks.commands.review.rules import waiting_for
from tasks.models import Credential, CredentialState, Membership, Output, Role, Service, Submission, Task
from tasks.views.frame.health_state import Signs, read_signs
from tasks.views.http.responses import see_other

KEPT_SECONDS = 5.0
MOST_COUNTED = 100


class CredentialFacts(NamedTuple):
    """A credential as far as alerts need it."""

    id: UUID
    name: str
    service: str
    state: str
    reason: Cause | None
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
    """The signs of life of the portal's parts, the workspace's credentials, and whom to ask about them."""

    signs: Signs
    credentials: tuple[CredentialFacts, ...]
    admins: tuple[str, ...] = ()
    attention: int = 0  # tasks that a person should look at; counted to MOST_COUNTED

    @property
    def is_sandbox(self) -> bool:
        """Whether nothing here can cost money."""
        services = {credential.service for credential in self.credentials}
        return services == {Service.SANDBOX}


@dataclass(frozen=True)
class AdminCondition:
    """What waits for an admin of the workspace; nobody else is told, and nothing of it read for others."""

    quarantined: int = 0  # calls that wait since a backup was restored; counted to MOST_COUNTED
    unclaimed: int = 0  # charges that nobody here knows of; counted to MOST_COUNTED
    at_risk: UUID | None = None  # a task with a result that TopView will soon have deleted, unsaved


_lock = Lock()


@cached(TTLCache(maxsize=1000, ttl=KEPT_SECONDS), lock=_lock)
def condition_of(workspace_id: UUID) -> Condition:
    """A few queries at most every five seconds in a process, however many pages are shown."""
    rows = Credential.objects.filter(workspace=workspace_id).order_by("created_at")
    facts = rows.values_list(
        "pk", "name", "service", "state", "state_reason", "last_success_at", "last_failure_at"
    )
    credentials = tuple(CredentialFacts(*row) for row in facts)
    is_well = all(credential.state == CredentialState.ACTIVE for credential in credentials)
    people = Membership.objects.filter(workspace=workspace_id, role=Role.ADMIN, user__is_active=True)
    admins = people.select_related("user").order_by("created_at")
    names = () if is_well else tuple(str(member.user) for member in admins)
    wanted = Task.objects.filter(workspace=workspace_id, needs_attention=True)
    attention = wanted.order_by("-created_at", "-id")[:MOST_COUNTED].count()
    return Condition(read_signs(), credentials, names, attention)


@cached(TTLCache(maxsize=1000, ttl=KEPT_SECONDS), lock=_lock)
def admin_condition_of(workspace_id: UUID) -> AdminCondition:
    """A few more, for pages that an admin sees."""
    return AdminCondition(
        quarantined=Submission.objects.quarantined().filter(workspace=workspace_id)[:MOST_COUNTED].count(),
        unclaimed=unclaimed(workspace_id)[:MOST_COUNTED].count(),
        at_risk=Output.objects.tasks_at_risk(timezone.now()).get(workspace_id),
    )


@cached(
    TTLCache(maxsize=1000, ttl=KEPT_SECONDS),
    lock=_lock,
    key=lambda member: (member.workspace_id, member.user_id),
)
def waiting_count(member: Membership) -> int:
    """How many versions wait for this member's decision; counted to MOST_COUNTED."""
    return waiting_for(member)[:MOST_COUNTED].count()


def forget_waiting(member: Membership) -> None:
    """Count again at the next page: this member has decided about something."""
    with _lock:
        waiting_count.cache.pop(waiting_count.cache_key(member), None)


def forget(workspace_id: UUID) -> None:
    """Look again at the next page: something about the credentials was changed here."""
    with _lock:
        for read in (condition_of, admin_condition_of):
            read.cache.pop(read.cache_key(workspace_id), None)


def answer_change(
    request: PortalRequest, said: str, *to: object, won: bool = True, late: str = ""
) -> HttpResponse:
    """Answer an act that changes what pages say of the workspace: look again, and say `said`, or `late`."""
    forget(request.membership.workspace_id)
    if won:
        messages.success(request, said)
    else:
        messages.warning(request, late)
    return see_other(*to)


def counted(number: int) -> str:
    """A number that was counted to MOST_COUNTED, in words: "99+" where there are more."""
    return f"{MOST_COUNTED - 1}+" if number >= MOST_COUNTED else str(number)


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
