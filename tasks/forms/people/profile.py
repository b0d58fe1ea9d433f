"""What people set about themselves."""

from __future__ import annotations

import zoneinfo
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from tasks.forms.people.names import NameField
from tasks.models import User


@cache
def time_zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """Zones with a place in their names by region, after UTC; read once by a process."""
    named = [name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/")]
    regions = groupby(sorted(named), lambda name: name.partition("/")[0])
    places = {region: [(name, _place(name)) for name in names] for region, names in regions}
    return [("UTC", [("UTC", "UTC")]), *places.items()]


def _place(name: str) -> str:
    return name.partition("/")[2].replace("_", " ")


class TimeZoneSelect(forms.Select):
    """Draws its 500 options once for all pages: one by one through templates they cost more than the page."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """A select element with the chosen zone marked."""
        options, chosen = _options(), format_html('value="{}"', value)
        marked = options.replace(f"{chosen}>", f"{chosen} selected>", 1)
        attributes = self.build_attrs(self.attrs, {"name": name, **(attrs or {})})
        return format_html("<select{}>{}</select>", flatatt(attributes), SafeString(marked))


@cache
def _options() -> str:
    option = '<option value="{}">{}</option>'
    drawn = ((region, format_html_join("", option, zones)) for region, zones in time_zones())
    return format_html_join("", '<optgroup label="{}">{}</optgroup>', drawn)


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
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones, widget=TimeZoneSelect)
    language = forms.ChoiceField(label=_("Language"), choices=languages, required=False)

    class Meta:
        model = User
        fields = ("name", "time_zone", "language")

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if len(settings.LANGUAGES) < 2:
            del self.fields["language"]
