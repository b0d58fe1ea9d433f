"""A person's own settings, and the workspace they work in."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tasks.access import WORKSPACE_KEY, PortalRequest, signed_in
from tasks.commands.people.profile import change_profile
from tasks.forms.people.profile import ProfileForm
from tasks.models import AddressChange, Membership, SignInAttempt
from tasks.views.http.formatting import exact
from tasks.views.http.responses import REFUSED, see_other

_ATTEMPTS_SHOWN = 10


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def profile(request: PortalRequest) -> HttpResponse:
    """Name, time zone and language; the address, and who tried to get in with it."""
    if request.method != "POST":
        return _profile(request, ProfileForm(instance=request.user))
    form = ProfileForm(request.POST, instance=request.user)
    if not form.is_valid():
        return _profile(request, form, status=REFUSED)
    change_profile(user=request.user, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return see_other("profile")


def _profile(request: PortalRequest, form: ProfileForm, *, status: int = 200) -> HttpResponse:
    attempts = SignInAttempt.objects.filter(user=request.user).order_by("-at")[:_ATTEMPTS_SHOWN]
    context = {
        "form": form,
        "attempts": [(one, exact(one.at)) for one in attempts],
        "change": AddressChange.objects.filter(user=request.user).first(),
    }
    return render(request, "people/profile.html", context, status=status)


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
