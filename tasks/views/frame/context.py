"""What every page's frame shows: the workspace, what the person may do, and what is wrong with the portal."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString

from tasks.models import Membership, Service, Workspace
from tasks.views.frame.alerts import Alert, alerts_for
from tasks.views.frame.demo import demo_people
from tasks.views.frame.header import Header, Place, draw_header
from tasks.views.frame.status_cache import admin_condition_of, condition_of, counted, waiting_count
from topview_portal.origins import is_loopback


def portal(request: HttpRequest) -> dict[str, Any]:
    """Add `portal` to every template. Nothing is read before a template asks for it."""
    return {"portal": Frame(request), "demo_people": SimpleLazyObject(lambda: demo_people(request))}


class Frame:
    """The values behind `portal.…` in templates."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def membership(self) -> Membership | None:
        """The person's role in the workspace they work in; None for strangers and anonymous visitors."""
        return getattr(self._request, "membership", None) or None

    @property
    def can_create(self) -> bool:
        return self.membership is not None and self.membership.may_spend

    @property
    def is_admin(self) -> bool:
        """Whether this person looks after credentials."""
        return self.membership is not None and self.membership.may_administer

    @cached_property
    def workspaces(self) -> list[Workspace]:
        mine: list[Membership] = getattr(self._request, "memberships", [])
        return sorted((one.workspace for one in mine), key=lambda workspace: workspace.name)

    @property
    def header(self) -> SafeString:
        """Drawn anew only when something that it shows is new."""
        asker, match = getattr(self._request, "user", None), self._request.resolver_match
        user = asker if asker is not None and asker.is_authenticated else None
        mine = self.membership.workspace if self.membership else None
        return draw_header(
            Header(
                page_name=(match.url_name or "") if match else "",
                is_signed_in=user is not None,
                name=user.name if user else "",
                email=user.email if user else "",
                role=str(self.membership.get_role_display()) if self.membership else "",
                workspace=Place(mine.pk, mine.name) if mine else None,
                workspaces=tuple(Place(one.pk, one.name) for one in self.workspaces),
                can_create=self.can_create,
                is_admin=self.is_admin,
                attention=self.attention,
                reviews=self.reviews,
                service_label=self.service_label,
            ),
            self._request,
        )

    @cached_property
    def alerts(self) -> list[Alert]:
        return [] if self.membership is None else alerts_for(self.membership)

    @property
    def attention(self) -> str:
        """How many tasks a person should look at; "" for none."""
        if self.membership is None:
            return ""
        count = condition_of(self.membership.workspace_id).attention
        return counted(count) if count else ""

    @property
    def reviews(self) -> str:
        """How many versions wait for this person's decision; "" for none."""
        count = waiting_count(self.membership) if self.membership is not None else 0
        return counted(count) if count else ""

    @property
    def quarantined(self) -> str:
        """How many calls wait since a backup was restored, for admins; "" for none."""
        if self.membership is None or not self.is_admin:
            return ""
        count = admin_condition_of(self.membership.workspace_id).quarantined
        return counted(count) if count else ""

    @property
    def is_for_trying(self) -> bool:
        """Whether others can reach this portal though its films come from a sandbox."""
        return bool(settings.SANDBOX_URL) and not is_loopback(settings.PORTAL_URL)

    @property
    def service_label(self) -> str:
        """ "Sandbox" while nothing here can cost money."""
        if self.membership is None or not condition_of(self.membership.workspace_id).is_sandbox:
            return ""
        return str(Service.SANDBOX.label)
