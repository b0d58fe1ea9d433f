"""What a maker says when results are sent for review."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tasks.models import LONGEST_NOTE, Membership, Output, Piece, User

_LATEST = timedelta(days=3650)


class SendForm(forms.Form):
    """Which results, as versions of which piece, to whom, by when, with which note."""

    outputs = forms.ModelMultipleChoiceField(
        Output.objects.none(),
        label=_("Results"),
        error_messages={"required": _("Choose at least one result.")},
    )
    piece = forms.ModelChoiceField(
        Piece.objects.none(), label=_("New version of"), required=False, empty_label=_("Nothing: it is new")
    )
    title = forms.CharField(label=_("Title"), max_length=200, help_text=_("What reviewers see."))
    reviewers = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=_("For"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Without a choice it waits for everybody who may decide."),
    )
    due_on = forms.DateField(
        label=_("Due"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=LONGEST_NOTE, widget=forms.Textarea({"rows": 4})
    )

    def __init__(
        self,
        data: Any = None,
        *,
        outputs: Sequence[Output],
        pieces: Sequence[Piece],
        deciders: Sequence[Membership],
        **named: Any,
    ) -> None:
        super().__init__(data, **named)
        _offer(self.fields["outputs"], Output.objects.filter(pk__in=[one.pk for one in outputs]))
        _offer(self.fields["piece"], Piece.objects.filter(pk__in=[one.pk for one in pieces]))
        _offer(self.fields["reviewers"], User.objects.filter(pk__in=[one.user_id for one in deciders]))
        for name, needed in (("piece", pieces), ("reviewers", deciders)):
            if not needed:
                del self.fields[name]

    def clean_due_on(self) -> date | None:
        due_on: date | None = self.cleaned_data["due_on"]
        if due_on is not None and due_on < timezone.localdate():
            raise ValidationError(_("Choose today or a later day."))
        if due_on is not None and due_on > timezone.localdate() + _LATEST:
            raise ValidationError(_("Choose a day within the next ten years."))
        return due_on

    def clean(self) -> dict[str, Any]:
        """Two results cannot both be the next version of one piece."""
        kept: dict[str, Any] = super().clean() or {}
        if kept.get("piece") and len(kept.get("outputs") or ()) > 1:
            self.add_error("outputs", _("Choose one result as the new version of a piece."))
        return kept


def _offer(field: forms.Field, rows: Any) -> None:
    field.queryset = rows  # type: ignore[attr-defined]  # both kinds of choice field have it
