"""What somebody decides about a version."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tasks.models import LONGEST_REASON, Verdict


class DecisionForm(forms.Form):
    """A verdict, why, and what stood on the page: the command knows whether that is still so."""

    verdict = forms.ChoiceField(
        choices=Verdict.choices, error_messages={"required": _("Choose what to decide.")}
    )
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=LONGEST_REASON, widget=forms.Textarea({"rows": 3})
    )
    sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
