"""What every order says beside its format's own fields: the id drawn for it and the account that pays."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tasks.models import Credential, Task, Workspace


class OrderForm(forms.Form):
    """`task_id` becomes the task's id, so that a form sent twice makes one task."""

    task_id = forms.UUIDField(
        label=_("This form"),
        widget=forms.HiddenInput,
        error_messages={
            "invalid": _("It came damaged. It is whole again: send it once more."),
            "required": _("It came damaged. It is whole again: send it once more."),
        },
    )
    # Said by whoever was asked whether to make another.
    another = forms.BooleanField(required=False, widget=forms.HiddenInput)
    # Why it is made although something alive may be the same paid work; the command knows when it is needed.
    reason = forms.CharField(
        label=_("Reason for ordering again"), max_length=500, required=False, widget=forms.HiddenInput
    )
    # What the person was asked to agree to, as the page that asked has put it.
    confirmed = forms.CharField(max_length=100, required=False, widget=forms.HiddenInput)
    account = forms.ModelChoiceField(
        queryset=Credential.objects.none(),
        label=_("Account"),
        help_text=_("The TopView account that pays."),
        empty_label=None,
        required=False,
    )

    def __init__(self, data: Any = None, *, workspace: Workspace, wanted: str = "") -> None:
        """`wanted` is the id of the account that an address asks for."""
        super().__init__(data)
        accounts = list(Credential.objects.filter(workspace=workspace).order_by("created_at"))
        self.usable = [credential for credential in accounts if credential.is_usable]
        # While none can pay, what was typed is still read by the catalogs of the first.
        self.asleep = accounts[0] if accounts and not self.usable else None
        self.usable.sort(key=lambda credential: str(credential.pk) != wanted)
        field = self.fields["account"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Credential.objects.filter(pk__in=[credential.pk for credential in self.usable])
        field.initial = self.default
        if len(self.usable) < 2:
            del self.fields["account"]

    def clean_account(self) -> Credential | None:
        """The account asked for, else the first that can pay."""
        chosen: Credential | None = self.cleaned_data.get("account")
        return chosen or self.default

    def clean(self) -> dict[str, Any]:
        """An order that was taken already leads to its task, whatever has become of the account since."""
        task_id: uuid.UUID | None = self.cleaned_data.get("task_id")
        if self.default is None and not (task_id and Task.objects.filter(pk=task_id).exists()):
            raise forms.ValidationError(
                _(
                    "No TopView account can pay for this now. An admin of this workspace can add a "
                    "credential or enable one; then send this form again."
                )
            )
        return self.cleaned_data

    @property
    def default(self) -> Credential | None:
        """The account that pays when there is nothing to choose."""
        return self.usable[0] if self.usable else None

    @property
    def credential(self) -> Credential | None:
        """Whose catalogs the form shows and who pays, as far as what was sent says."""
        if not self.is_bound:
            return self.default
        self.full_clean()
        chosen: Credential | None = self.cleaned_data.get("account")
        return chosen or self.default

    @property
    def order_id(self) -> uuid.UUID:
        """The id the order carries; a fresh one when it carries none that can be read."""
        sent: uuid.UUID | None = self.cleaned_data.get("task_id") if self.is_bound else None
        return sent or uuid.uuid4()

    @property
    def is_another(self) -> bool:
        """Whether the person has said that one more is meant."""
        return bool(self.is_bound and self.cleaned_data.get("another"))
