"""What people set about themselves."""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tasks.forms.people.names import NameField
from tasks.models import User


def time_zones() -> list[tuple[str, str]]:
    """Every zone with a place in its name, and UTC."""
    names = sorted(
        name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/")
    )
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


def languages() -> list[tuple[str, object]]:
    """The portal's languages, and what the browser asks for."""
    return [("", _("As in my browser")), *settings.LANGUAGES]


if TYPE_CHECKING:
    UserForm = forms.ModelForm[User]
else:
    UserForm = forms.ModelForm  # takes no parameter at run time


class ProfileForm(UserForm):
    """Name, time zone and, where there is a choice, language."""

    name = NameField(label=_("Name"), max_length=120, required=False, help_text=_("What colleagues see."))
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)
    language = forms.ChoiceField(label=_("Language"), choices=languages, required=False)

    class Meta:
        model = User
        fields = ("name", "time_zone", "language")

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if len(settings.LANGUAGES) < 2:
            del self.fields["language"]
