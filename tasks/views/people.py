"""A person's own settings, and the workspace they work in."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tasks.access import WORKSPACE_KEY, PortalRequest, signed_in
from tasks.commands.people import change_profile
from tasks.forms.profile import ProfileForm
from tasks.models import Membership
from tasks.views.answers import REFUSED, see_other


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def profile(request: PortalRequest) -> HttpResponse:
    """Name, time zone and language."""
    if request.method != "POST":
        return render(request, "settings/profile.html", {"form": ProfileForm(instance=request.user)})
    form = ProfileForm(request.POST, instance=request.user)
    if not form.is_valid():
        return render(request, "settings/profile.html", {"form": form}, status=REFUSED)
    change_profile(user=request.user, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return see_other("profile")


@require_POST
@signed_in
def workspace_switch(request: PortalRequest) -> HttpResponse:
    """Work in another workspace from now on. One that the person is not in does not exist for them."""
    try:
        asked = UUID(request.POST.get("workspace", ""))
    except ValueError:
        raise Http404("no such workspace") from None
    if not Membership.objects.filter(user=request.user, workspace=asked).exists():
        raise Http404("no such workspace")
    request.session[WORKSPACE_KEY] = str(asked)
    return see_other("task-list")
