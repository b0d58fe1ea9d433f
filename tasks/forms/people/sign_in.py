"""What people fill in to get in, and about the address and password with which they do."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ResetPasswordForm
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tasks.models import User


class PasswordResetForm(ResetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """Asks whose password is forgotten, and looks for nobody."""

    def clean_email(self) -> str:
        """Addresses are kept in lower case."""
        return str(self.cleaned_data["email"]).lower()


class AddressForm(forms.Form):
    """Another mail address to sign in with. The password is looked at by the view, which counts that."""

    address = forms.EmailField(
        label=gettext_lazy("New mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: User, **named: Any) -> None:
        super().__init__(*args, **named)
        self.user = user

    def clean_address(self) -> str:
        """In lower case, and nobody's yet."""
        address = str(self.cleaned_data["address"]).lower()
        if address == self.user.email:
            raise ValidationError(_("You sign in with this address already."))
        if User.objects.filter(email=address).exists():
            raise ValidationError(_("Another person signs in with this address."))
        return address
