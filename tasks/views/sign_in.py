"""allauth's pages as the portal mounts them: sign in, and passwords."""

from __future__ import annotations

from typing import Any

from allauth.account import views as allauth
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.forms import Form
from django.http import HttpResponse

from tasks.access import PortalRequest
from tasks.commands import passwords
from tasks.views.answers import REFUSED, see_other


class _Page:
    """A form that is not taken is answered with 422, as everywhere in the portal."""

    def form_invalid(self, form: Form) -> HttpResponse:
        answer: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        answer.status_code = REFUSED
        return answer


class PasswordChange(_Page, allauth.PasswordChangeView):  # type: ignore[misc]  # allauth has no types
    """Change one's own password, with the present one. Other browsers are signed out by that."""

    def dispatch(self, request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Whoever has none yet makes one by the reset mail."""
        if not request.user.has_usable_password():
            return see_other("account_reset_password")
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)
        return answer

    @transaction.atomic
    def form_valid(self, form: Form) -> HttpResponse:
        """Change it and tell the person by mail, both or neither."""
        answer: HttpResponse = super().form_valid(form)
        passwords.note_change(user=self.request.user, forgotten=False)
        return answer


class PasswordReset(_Page, allauth.PasswordResetView):  # type: ignore[misc]  # allauth has no types
    """Ask for the reset mail: the answer is the same for an address that nobody has."""

    def form_valid(self, form: Form) -> HttpResponse:
        """Have it sent."""
        passwords.ask_reset(address=form.cleaned_data["email"])
        return see_other("account_reset_password_done")


class PasswordResetFromKey(_Page, allauth.PasswordResetFromKeyView):  # type: ignore[misc]
    """Where the link of the reset mail leads."""

    @transaction.atomic
    def form_valid(self, form: Form) -> HttpResponse:
        """Change it and tell the person by mail, both or neither."""
        answer: HttpResponse = super().form_valid(form)
        passwords.note_change(user=self.reset_user, forgotten=True)
        return answer


password_change = login_required(PasswordChange.as_view())
password_reset = PasswordReset.as_view()
password_reset_from_key = PasswordResetFromKey.as_view()
