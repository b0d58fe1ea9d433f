"""Another mail address: asked for with the password, confirmed from its own mail box, told to the old one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from tasks.access import PortalRequest, signed_in
from tasks.commands.people import email_address
from tasks.commands.people.email_address import AddressTaken, DeadLink, TooManyLinks
from tasks.commands.people.sign_ins import TooManyAttempts
from tasks.forms.people.sign_in import AddressForm
from tasks.views.http.responses import REFUSED, see_other
from tasks.views.people.visitors import password_is_right, too_many

_GONE = 410


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def email_change(request: PortalRequest) -> HttpResponse:
    """Ask for a link to the new address."""
    if request.method != "POST":
        return render(request, "people/email_address.html", {"form": AddressForm(user=request.user)})
    form = AddressForm(request.POST, user=request.user)
    try:
        if form.is_valid() and _is_asked(request, form):
            words = {"address": form.cleaned_data["address"]}
            messages.success(request, _("A link to confirm it is on its way to %(address)s.") % words)
            return see_other("profile")
    except TooManyAttempts as error:
        return too_many(request, error)
    return render(request, "people/email_address.html", {"form": form}, status=REFUSED)


def _is_asked(request: PortalRequest, form: AddressForm) -> bool:
    if not password_is_right(request, form.cleaned_data["password"]):
        form.add_error("password", _("That is not your password."))
        return False
    try:
        email_address.ask_change(user=request.user, address=form.cleaned_data["address"])
    except TooManyLinks:
        form.add_error("address", _("Too many links were sent. Try again in an hour."))
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def email_confirm(request: PortalRequest, token: str) -> HttpResponse:
    """Where the link leads: only the person who asked, signed in, makes the new address count."""
    try:
        if request.method != "POST":
            change = email_address.change_of(user=request.user, token=token)
            return render(request, "people/email_address_confirm.html", {"change": change})
        email_address.confirm_change(user=request.user, token=token)
    except DeadLink:
        return render(request, "people/email_address_confirm.html", {"change": None}, status=_GONE)
    except AddressTaken:
        messages.error(request, _("Another person signs in with this address by now."))
        return see_other("profile")
    messages.success(request, _("You sign in with your new address from now on."))
    return see_other("profile")


@require_POST
@signed_in
def email_keep(request: PortalRequest) -> HttpResponse:
    """Take the wish for another address back."""
    email_address.forget_change(user=request.user)
    messages.success(request, _("Your address stays as it is."))
    return see_other("profile")
