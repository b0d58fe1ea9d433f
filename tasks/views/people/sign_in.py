"""allauth's pages as the portal mounts them: sign in, and passwords."""

from __future__ import annotations

from typing import Any

from allauth.account import views as allauth
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse

from tasks.access import PortalRequest
from tasks.commands.people import passwords, sign_ins
from tasks.commands.people.sign_ins import TooManyAttempts
from tasks.models import SignInAttempt
from tasks.views.http.responses import REFUSED, see_other
from tasks.views.people.visitors import (
    TOO_MANY,
    password_is_right,
    remember,
    too_many,
    too_many_words,
    visitor_of,
)


class _Page:
    """A form that is not taken is answered with 422, as everywhere in the portal."""

    def form_invalid(self, form: Form) -> HttpResponse:
        answer: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        answer.status_code = REFUSED
        return answer


class SignIn(_Page, allauth.LoginView):  # type: ignore[misc]  # allauth has no types
    """Sign in. Each look at a password is counted before it is taken."""

    attempt: SignInAttempt

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """429 with Retry-After instead of a look while there were too many."""
        login = request.POST.get("login", "")
        if not login.strip() or not request.POST.get("password"):
            answer: HttpResponse = super().post(request, *args, **kwargs)
            return answer
        try:
            self.attempt = sign_ins.begin(login=login, visitor=visitor_of(request, login))
        except TooManyAttempts as error:
            return self._too_many(login, error)
        answer = super().post(request, *args, **kwargs)
        return answer

    def _too_many(self, login: str, error: TooManyAttempts) -> HttpResponse:
        # A form that knows what was sent would look at the password.
        form = self.get_form_class()(request=self.request, initial={"login": login})
        context = self.get_context_data(form=form, too_many=too_many_words(error))
        answer: HttpResponse = self.render_to_response(context, status=TOO_MANY)
        answer["Retry-After"] = str(error.seconds)
        return answer

    def form_valid(self, form: Form) -> HttpResponse:
        """Remember that this browser is theirs."""
        answer: HttpResponse = super().form_valid(form)
        if self.request.user.is_authenticated:
            sign_ins.succeed(self.attempt)
            remember(self.request, answer, self.request.user)
        return answer


class PasswordChange(_Page, allauth.PasswordChangeView):  # type: ignore[misc]  # allauth has no types
    """Change one's own password, with the present one. Other browsers are signed out by that."""

    def dispatch(self, request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Whoever has none yet makes one by the reset mail."""
        if not request.user.has_usable_password():
            return see_other("account_reset_password")
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)
        return answer

    def post(self, request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The present password is counted like one at sign-in: a borrowed session is no place to guess it."""
        try:
            if password := request.POST.get("oldpassword", ""):
                password_is_right(request, password)
        except TooManyAttempts as error:
            return too_many(request, error)
        answer: HttpResponse = super().post(request, *args, **kwargs)
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
        """Queue the mail, for whoever has the address, and lead on without saying whether anybody has."""
        passwords.ask_reset(address=form.cleaned_data["email"])
        return see_other("account_reset_password_done")


class PasswordResetFromKey(_Page, allauth.PasswordResetFromKeyView):  # type: ignore[misc]
    """Where the link of the reset mail leads."""

    @transaction.atomic
    def form_valid(self, form: Form) -> HttpResponse:
        """Change it and tell the person by mail, both or neither."""
        answer: HttpResponse = super().form_valid(form)
        passwords.note_change(user=self.reset_user, forgotten=True)
        # Whoever reads their mail is not kept out by what strangers tried.
        remember(self.request, answer, self.reset_user)
        return answer


sign_in = SignIn.as_view()
password_change = login_required(PasswordChange.as_view())
password_reset = PasswordReset.as_view()
password_reset_from_key = PasswordResetFromKey.as_view()
