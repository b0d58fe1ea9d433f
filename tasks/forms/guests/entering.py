"""What a guest fills in before anything is shown."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tasks.forms.people.names import NameField


class LinkPasswordForm(forms.Form):
    """The link's password; the command looks at it."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "autofocus": True}),
        help_text=_("Whoever sent you the link has it."),
    )


class GuestNameForm(forms.Form):
    """Who they say they are."""

    name = NameField(
        label=_("Your name"),
        max_length=120,
        help_text=_("Stands beside what you do here."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class GuestMailForm(GuestNameForm):
    """The same, with the address that a code is mailed to."""

    mail = forms.EmailField(
        label=_("Mail address"),
        max_length=254,
        help_text=_("You get a code there. The address is shown to the team that shares this with you."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_mail(self) -> str:
        """One address is one guest, however it is written."""
        return str(self.cleaned_data["mail"]).lower()


class GuestCodeForm(forms.Form):
    """The code that was mailed; blanks in it mean nothing."""

    code = forms.CharField(
        label=_("Code from the mail"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def clean_code(self) -> str:
        return "".join(str(self.cleaned_data["code"]).split())
