"""What a person writes to settle an unknown outcome."""

from __future__ import annotations

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class TaskIdForm(forms.Form):
    """TopView's id of a task that was found by hand."""

    remote_id = forms.CharField(
        max_length=120, error_messages={"required": _("Give the task id that TopView shows.")}
    )

    def clean_remote_id(self) -> str:
        """Ids are one word of letters, digits, dashes and underscores."""
        remote_id: str = self.cleaned_data["remote_id"]
        if not re.fullmatch(r"[\w-]+", remote_id, re.ASCII):
            raise ValidationError(_("A task id has only letters, digits and dashes."))
        return remote_id


class SentForm(TaskIdForm):
    """The same where the id may be left out: then the portal looks for the task by itself."""

    remote_id = forms.CharField(max_length=120, required=False)

    def clean_remote_id(self) -> str:
        """Empty, or an id."""
        return super().clean_remote_id() if self.cleaned_data["remote_id"] else ""


class RepeatForm(forms.Form):
    """Why a call is started once more, and a price agreed to; the command knows what is needed."""

    reason = forms.CharField(max_length=500, required=False)
    confirmed = forms.CharField(max_length=100, required=False)


class StopForm(forms.Form):
    """Whether what TopView still makes is to be left there."""

    unwanted = forms.BooleanField(required=False)


class ReasonForm(forms.Form):
    """Why somebody is sure that a submission never arrived."""

    reason = forms.CharField(
        max_length=500, error_messages={"required": _("Say how you know that it never arrived.")}
    )
