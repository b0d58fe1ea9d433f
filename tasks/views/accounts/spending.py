"""Settings: how much an order of the workspace may cost without being asked about. For admins."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tasks.access import PortalRequest, administrator
from tasks.commands.ledger.spending import change_limit
from tasks.forms.accounts.spending import SpendingForm
from tasks.views.http.responses import REFUSED, see_other


@require_http_methods(["GET", "HEAD", "POST"])
@administrator
def spending(request: PortalRequest) -> HttpResponse:
    """The limit above which an order is confirmed once more."""
    if request.method == "POST":
        form = SpendingForm(request.POST)
    else:
        limit = request.membership.workspace.confirm_above
        form = SpendingForm(initial={"confirm_above": f"{limit.normalize():f}"})
    if not form.is_valid():
        return render(
            request, "accounts/spending.html", {"form": form}, status=REFUSED if form.is_bound else 200
        )
    change_limit(membership=request.membership, **form.cleaned_data)
    messages.success(request, _("The changes are saved."))
    return see_other("spending")
