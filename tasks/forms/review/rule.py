"""What an admin sets about who decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tasks.forms.people.names import NameField
from tasks.models import DecidedBy, Needed

MOST_STAGES = 5


class StageForm(forms.Form):
    """One stage of the rule."""

    name = NameField(label=_("Name"), max_length=80, required=False)
    decided_by = forms.ChoiceField(label=_("Who decides"), choices=DecidedBy.choices)
    needed = forms.ChoiceField(label=_("Approved by"), choices=Needed.choices)
    allows_own_work = forms.BooleanField(
        label=_("People may approve their own work; the proof page says so"), required=False
    )

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if asked.get("decided_by") == DecidedBy.GUESTS and asked.get("needed") == Needed.ALL:
            self.add_error("needed", _("Nobody knows who all guests are: one of them is enough."))
        return asked


if TYPE_CHECKING:
    StageFormSet = forms.BaseFormSet[StageForm]
else:
    StageFormSet = forms.BaseFormSet  # takes no parameter at run time


class _Stages(StageFormSet):
    def clean(self) -> None:
        """At least one stage stays."""
        if not any(self.errors) and not kept_stages(self):
            raise ValidationError(_("At least one stage must stay."))


def kept_stages(stages: StageFormSet) -> list[dict[str, Any]]:
    """The stages of a valid form that are not taken out, in order; an added one once it was filled in."""
    return [
        {name: value for name, value in form.cleaned_data.items() if name != "DELETE"}
        for form in stages.forms
        if form.cleaned_data and not form.cleaned_data.get("DELETE")
    ]


StageForms: type[StageFormSet] = forms.formset_factory(
    StageForm,
    formset=_Stages,
    extra=1,
    max_num=MOST_STAGES,
    absolute_max=MOST_STAGES + 1,
    validate_max=True,
    can_delete=True,
)
