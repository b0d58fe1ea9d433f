"""Using a result as the input of another format."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from tasks.access import PortalRequest, marketer, output_for
from tasks.commands.library.use_output import use_output
from tasks.commands.refusals import NotPossible
from tasks.forms.tasks.sources import facts_of
from tasks.views.http.responses import SeeOther, see_other
from tasks.views.tasks.usages import usage


@require_POST
@marketer
def output_use(request: PortalRequest, output_id: UUID) -> HttpResponse:
    """Make a result a file of the library and go on to the form that was chosen, else to the file's own page.

    `use` names format and field, separated by a colon.
    """
    output = output_for(request.membership, output_id)
    try:
        upload = use_output(output=output, membership=request.membership)
    except NotPossible as reason:
        messages.error(request, str(reason))
        return see_other("task-page", output.task_id)
    slug, _colon, field = request.POST.get("use", "").partition(":")
    chosen = usage(facts_of(upload), slug, field)
    return SeeOther(chosen.address(upload) if chosen else reverse("library-item", args=[upload.pk]))
