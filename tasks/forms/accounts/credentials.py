"""A new credential or key, as an admin types it. The key is never drawn back into the page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tasks.forms.people.names import NameField
from tasks.models import Service


def services() -> list[tuple[str, Any]]:
    """Where a credential can be valid here; the sandbox only when one is configured."""
    return [(one.value, one.label) for one in Service if one != Service.SANDBOX or settings.SANDBOX_URL]


class KeyForm(forms.Form):
    """A key for an account that is known."""

    key = forms.CharField(
        label=_("Key"),
        max_length=400,
        help_text=_("Stored encrypted. Nobody can read it here again, only its last four characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_key(self) -> str:
        """A key is one word; it goes into a header."""
        return self._one_word("key")

    def _one_word(self, name: str) -> str:
        value: str = self.cleaned_data[name]
        if not (value.isascii() and value.isprintable() and " " not in value):
            raise ValidationError(_("This holds characters that cannot be part of it. Copy it again."))
        return value


class CredentialChange(forms.Form):
    """What may be changed about an account without touching its key."""

    name = NameField(label=_("Name"), max_length=80, help_text=_("How your team recognises this account."))
    max_in_flight = forms.IntegerField(
        label=_("Tasks at the same time"),
        min_value=1,
        max_value=1000,
        help_text=_(
            "How many of the portal's tasks TopView may be at work on. More wait here until a place is free."
        ),
    )


class CredentialForm(KeyForm):
    """Name, service, account id and key."""

    field_order = ("name", "service", "uid", "key")
    name = NameField(label=_("Name"), max_length=80, help_text=_("How your team recognises this account."))
    service = forms.ChoiceField(label=_("Service"), choices=services, initial=Service.TOPVIEW)
    uid = forms.CharField(label=_("Account id"), max_length=80, help_text=_("TopView calls it Topview-Uid."))

    def clean_uid(self) -> str:
        """An account id is one word."""
        return self._one_word("uid")
