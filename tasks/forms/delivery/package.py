"""What somebody wants in a package, and how files are called."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tasks.file_names import problem_of
from tasks.forms.people.names import NameField
from tasks.models import MOST_VERSIONS, CommentsKept

DAYS = (
    (1, gettext_lazy("1 day")),
    (7, gettext_lazy("7 days")),
    (30, gettext_lazy("30 days")),
    (90, gettext_lazy("90 days")),
    (365, gettext_lazy("1 year")),
)
USUAL_DAYS = 30


class VersionsField(forms.Field):
    """The versions whose boxes are ticked."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[UUID]:
        try:
            return list(dict.fromkeys(UUID(str(one)) for one in value or ()))
        except ValueError:
            raise ValidationError(_("Choose from the list.")) from None


class PackageForm(forms.Form):
    """What goes in, under which name, and for how long."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    version = VersionsField(
        label=gettext_lazy("Files"), error_messages={"required": gettext_lazy("Choose at least one.")}
    )
    name = NameField(
        label=gettext_lazy("Name"),
        max_length=100,
        required=False,
        help_text=gettext_lazy(
            "Of the ZIP. Left empty, it is named after the piece, or the workspace and day."
        ),
    )
    days = forms.TypedChoiceField(label=gettext_lazy("Can be downloaded for"), choices=DAYS, coerce=int)
    comments = forms.ChoiceField(
        label=gettext_lazy("Comments"),
        choices=CommentsKept.choices,
        help_text=gettext_lazy("As a spreadsheet, and as markers for the editor."),
    )
    with_unapproved = forms.BooleanField(
        label=gettext_lazy("Take files in that are not approved"), required=False
    )

    def clean_version(self) -> list[UUID]:
        """At most so many."""
        found: list[UUID] = self.cleaned_data["version"]
        if len(found) > MOST_VERSIONS:
            raise ValidationError(_("At most %(most)d in one package."), params={"most": MOST_VERSIONS})
        return found

    @property
    def lifetime(self) -> timedelta:
        return timedelta(days=self.cleaned_data["days"])


class FileNamesForm(forms.Form):
    """The pattern by which files are called."""

    pattern = forms.CharField(
        label=gettext_lazy("File names"),
        max_length=80,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "off", "dir": "ltr"}),
        help_text=gettext_lazy(
            "{piece} is the piece's title, {n} the version's number, {language} and {ratio} are those of the "
            "film, {date} is the day on which it was sent for review. What is not known is left out."
        ),
    )

    def clean_pattern(self) -> str:
        """One that makes names which every file system takes."""
        pattern: str = self.cleaned_data["pattern"].strip()
        problems = {
            "piece": _("Write {piece} in it, once: names must tell files apart."),
            "field": _("Use {piece}, {n}, {language}, {ratio} and {date} only, each once."),
            "length": _("Its own words are too long: the title needs room."),
            "sign": _("Beside the fields, use letters, digits, spaces and - _ . , + ( ) only."),
        }
        if problem := problem_of(pattern):
            raise ValidationError(problems[problem])
        return pattern
