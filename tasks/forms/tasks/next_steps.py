"""What is chosen to go on with: the results a further step works on."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tasks.kinds.base import Step
from tasks.models import Output


class ChoiceForm(forms.Form):
    """`output` names what was chosen, once or several times; `order_id` makes a form sent twice one order."""

    order_id = forms.UUIDField(
        label="",
        widget=forms.HiddenInput,
        error_messages={
            "invalid": _("This page came damaged. Load it again."),
            "required": _("This page came damaged. Load it again."),
        },
    )
    output = forms.MultipleChoiceField(
        label=_("What to go on with"), error_messages={"required": _("Choose what to go on with.")}
    )

    # Why it is started once more, where it was paid before.
    reason = forms.CharField(max_length=500, required=False, label=_("Reason for retrying"))

    # What the person was asked to agree to, as the page that asked has put it.
    confirmed = forms.CharField(max_length=100, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, step: Step, outputs: Sequence[Output]) -> None:
        super().__init__(data)
        self._step = step
        self._outputs = {str(output.pk): output for output in outputs}
        field = self.fields["output"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(key, key) for key in self._outputs]
        field.error_messages["invalid_choice"] = _("This is not among the results any more. Choose again.")

    def clean_output(self) -> list[Output]:
        """The results themselves, each once, as long as the step can work on them."""
        chosen = [self._outputs[key] for key in dict.fromkeys(self.cleaned_data["output"])]
        if len(chosen) > 1 and not self._step.follow_up.takes_several:
            raise ValidationError(_("Choose one of them."))
        refusals = [refusal for output in chosen if (refusal := self._step.follow_up.refusal(output.facts))]
        if refusals:
            raise ValidationError([str(refusal) for refusal in refusals])
        return chosen

    @property
    def order(self) -> uuid.UUID:
        """The id the order carries; a fresh one when it carries none that can be read."""
        sent: uuid.UUID | None = self.cleaned_data.get("order_id") if self.is_bound else None
        return sent or uuid.uuid4()
