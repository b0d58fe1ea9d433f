"""The way in: the link itself, its password, who the guest is."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from tasks.commands.guests import visits
from tasks.commands.people.sign_ins import TooManyAttempts
from tasks.forms.guests.entering import GuestCodeForm, GuestMailForm, GuestNameForm, LinkPasswordForm
from tasks.guest_access import GuestRequest, Right, Visit, cookie_name, guest, seal
from tasks.models import GuestSession, Identification
from tasks.views.http.bare_pages import Told, bare
from tasks.views.http.responses import REFUSED, see_other

TOO_MANY = 429


# Whoever has the address may open it; a page elsewhere that sends somebody here gains nothing.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def share_open(request: HttpRequest, token: str) -> HttpResponseBase:
    """The address that is sent to guests. Only a person's click opens it: mail scanners follow links, too.

    The token is left behind at once: it stands in no address, and in no referrer, that follows.
    """
    if request.method != "POST":
        return seal(render(request, "guests/open.html"), referrer="no-referrer")
    try:
        session, secret = visits.open_link(token=token, address=visitor_address(request))
    except visits.NoSuchLink:
        page = render(request, "guests/closed.html", {"has_ended": True}, status=404)
        return seal(page, referrer="no-referrer")
    except TooManyAttempts as error:
        return seal(too_many(request, error), referrer="no-referrer")
    answer = see_other("guest-list", session.link_id)
    _remember(answer, session, secret)
    return seal(answer, referrer="no-referrer")


def _remember(answer: HttpResponse, session: GuestSession, secret: str) -> None:
    answer.set_cookie(
        cookie_name(session.link_id),
        secret,
        max_age=session.expires_at - timezone.now(),
        path=f"/shared/{session.link_id}/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@guest(Right.ENTER)
def guest_enter(request: GuestRequest) -> HttpResponseBase:
    """What the link asks for, one thing after the other; then on to what it shows."""
    step = _step(request.visit)
    if step is None:
        return see_other("guest-list", request.visit.link.pk)
    if request.method != "POST":
        return _page(request, step())
    if request.POST.get("again") and request.visit.guest is not None:
        visits.forget_guest(session=request.visit.session)
        return see_other("guest-enter", request.visit.link.pk)
    form = step(request.POST)
    if not form.is_valid():
        return _page(request, form)
    try:
        if refusal := _taken(request, form):
            form.add_error(None, refusal)
            return _page(request, form)
    except TooManyAttempts as error:
        return too_many(request, error)
    return see_other("guest-enter", request.visit.link.pk)


@require_POST
@guest(Right.ENTER)
def guest_leave(request: GuestRequest) -> HttpResponseBase:
    """End the session in this browser, as on a machine that others use."""
    visits.leave(session=request.visit.session)
    answer = render(request, "guests/closed.html", {"has_left": True})
    link_id = request.visit.link.pk
    answer.delete_cookie(cookie_name(link_id), path=f"/shared/{link_id}/", samesite="Lax")
    return answer


def _step(visit: Visit) -> type[Form] | None:
    """The form that comes next; None when nothing is asked any more."""
    session = visit.session
    if session.needs_password:
        return LinkPasswordForm
    if not session.needs_identity:
        return None
    if visit.link.identification == Identification.NAME:
        return GuestNameForm
    return GuestMailForm if session.guest is None else GuestCodeForm


def _taken(request: GuestRequest, form: Form) -> str:
    """Do what the form says; why that was not possible, or nothing."""
    session, address = request.visit.session, visitor_address(request)
    asked = form.cleaned_data
    if isinstance(form, LinkPasswordForm):
        if not visits.give_password(session=session, password=asked["password"], address=address):
            return _("This is not the link's password.")
    elif isinstance(form, GuestMailForm):
        language = get_language() or settings.LANGUAGE_CODE
        visits.ask_code(session=session, **asked, language=language, address=address)
    elif isinstance(form, GuestNameForm):
        visits.give_name(session=session, **asked, address=address)
    elif not visits.prove_code(session=session, code=asked["code"], address=address):
        return _("This is not the code, or it has run out. Ask for another one.")
    return ""


def _page(request: GuestRequest, form: Form) -> HttpResponse:
    context = {
        "form": form,
        "visit": request.visit,
        "is_code": isinstance(form, GuestCodeForm),
        "is_password": isinstance(form, LinkPasswordForm),
    }
    return render(request, "guests/enter.html", context, status=REFUSED if form.is_bound else 200)


def too_many(request: HttpRequest, error: TooManyAttempts) -> HttpResponse:
    """429 with Retry-After: nothing was looked at."""
    minutes = max(1, -(-error.seconds // 60))
    text = _("There were too many tries. The next one is possible in %(minutes)d min.") % {"minutes": minutes}
    return bare(request, Told(_("Wait a moment"), (text,), error.seconds), status=TOO_MANY)


def visitor_address(request: HttpRequest) -> str:
    """Where the request comes from; "" behind a server that does not say."""
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:
        return ""
