"""What a guest decides about a version."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tasks.forms.review.decision import DecisionForm
from tasks.models import Verdict


class GuestDecisionForm(DecisionForm):
    """As members fill it in; guests withdraw nothing."""

    verdict = forms.ChoiceField(
        choices=[one for one in Verdict.choices if one[0] != Verdict.WITHDRAWN],
        error_messages={"required": _("Choose what to decide.")},
    )
