"""allauth's pages as the portal mounts them: sign in, and passwords."""

from __future__ import annotations

from typing import Any

from allauth.account import views as allauth
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse

from tasks.access import PortalRequest
from tasks.views.answers import see_other


class PasswordChange(allauth.PasswordChangeView):  # type: ignore[misc]  # allauth has no types
    """Change one's own password, with the present one."""

    def dispatch(self, request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Whoever has none yet makes one by the reset mail."""
        if not request.user.has_usable_password():
            return see_other("account_reset_password")
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)
        return answer


password_change = login_required(PasswordChange.as_view())
