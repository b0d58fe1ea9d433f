"""What an admin sets about the workspace's spending."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _


class SpendingForm(forms.Form):
    """Above how many credits an order is confirmed once more."""

    confirm_above = forms.DecimalField(
        label=_("Ask once more above"),
        min_value=Decimal(0),
        max_value=Decimal(1_000_000),
        decimal_places=4,
        max_digits=14,
        help_text=_(
            "Credits. An order that costs more, or may, is confirmed once more by whoever makes it, with the "
            "number. Orders whose price is not known are not asked about."
        ),
    )
