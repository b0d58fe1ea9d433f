"""Forms of the reconciliation report: its filters, and what an admin decides about a charge."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tasks.kinds.base import Step, TaskKind

SORTS = {
    "charged": _("Charged, but not made here"),
    "uncharged": _("Made here, but not charged"),
    "aside": _("Set aside"),
}
_FIRST = "charged"


@dataclass(frozen=True)
class FindingFilter:
    """`?sort=` (a key of SORTS) and `?account=` (a credential's id). What cannot be read filters nothing."""

    sort: str = _FIRST
    account: UUID | None = None

    @classmethod
    def read(cls, asked: QueryDict) -> FindingFilter:
        """The filters of an address."""
        sort = asked.get("sort", "")
        try:
            account = UUID(asked.get("account", ""))
        except ValueError:
            account = None
        return cls(sort if sort in SORTS else _FIRST, account)

    def kept(self) -> QueryDict:
        """The same as the query of an address."""
        kept = QueryDict(mutable=True)
        kept.update({"sort": self.sort, "account": str(self.account or "")})
        return kept


class AdoptForm(forms.Form):
    """Which format and step a charge was for."""

    step = forms.ChoiceField(widget=forms.RadioSelect, error_messages={"required": _("Say what it was.")})

    def __init__(self, data: QueryDict | None, *, possible: list[tuple[TaskKind, Step]]) -> None:
        super().__init__(data)
        self._possible = {f"{kind.slug}/{step.slug}": (kind, step) for kind, step in possible}
        choices = [(key, f"{kind.label} · {step.label}") for key, (kind, step) in self._possible.items()]
        field: forms.ChoiceField = self.fields["step"]  # type: ignore[assignment]  # as declared above
        field.choices = choices
        self.initial["step"] = next(iter(self._possible), None)

    def chosen(self) -> tuple[TaskKind, Step]:
        """What was said, once it is valid."""
        return self._possible[self.cleaned_data["step"]]


class AsideForm(forms.Form):
    """Why a charge is nothing of this portal's."""

    reason = forms.CharField(max_length=300, error_messages={"required": _("Say why, for your colleagues.")})
