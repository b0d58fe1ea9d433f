"""Settings: how files are called that leave the portal. For admins."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tasks.access import PortalRequest, administrator
from tasks.commands.delivery.file_names import change_file_names
from tasks.file_names import stem_by
from tasks.forms.delivery.package import FileNamesForm
from tasks.views.http.responses import REFUSED, see_other

_EXAMPLE = {"n": "2", "language": "en", "ratio": "9x16", "date": "2026-04-30"}


@require_http_methods(["GET", "HEAD", "POST"])
@administrator
def file_names(request: PortalRequest) -> HttpResponse:
    """The pattern, and a name that it makes."""
    current = request.membership.workspace.file_names
    form = FileNamesForm(request.POST if request.method == "POST" else None, initial={"pattern": current})
    if not form.is_valid():
        context = {"form": form, "example": f"{stem_by(current, _('Autumn sale'), _EXAMPLE)}.mp4"}
        return render(request, "delivery/file_names.html", context, status=REFUSED if form.is_bound else 200)
    change_file_names(membership=request.membership, **form.cleaned_data)
    messages.success(request, _("The changes are saved."))
    return see_other("file-names")
