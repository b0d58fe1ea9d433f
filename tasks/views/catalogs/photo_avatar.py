"""Making an own photo avatar of a picture."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tasks.access import PortalRequest, catalog_entry_for, marketer, upload_for
from tasks.commands.catalogs.photo_avatars import ask_portrait, drop_order
from tasks.forms.catalogs.photo_avatar import PortraitForm
from tasks.forms.tasks.sources import CredentialCatalog, WorkspaceFiles
from tasks.models import Credential
from tasks.views.catalogs.labels import account_asked, accounts_of, catalog_address
from tasks.views.catalogs.pages import PORTRAITS
from tasks.views.http.responses import REFUSED, see_other
from tasks.views.tasks.form_files import take_files
from tasks.views.tasks.selection import chosen_in


@require_http_methods(["GET", "HEAD", "POST"])
@marketer
def photo_avatar_new(request: PortalRequest) -> HttpResponse:
    """Choose the picture and the account; the worker does the rest."""
    accounts = [account for account in accounts_of(request) if account.is_usable]
    files, catalog = WorkspaceFiles(request.membership.workspace), CredentialCatalog(None)
    sent, problems = take_files(request, PortraitForm) if request.method == "POST" else (None, {})
    form = PortraitForm(sent, files=files, catalog=catalog, initial={"photo": request.GET.get("photo", "")})
    for name, words in problems.items():
        form.errors[name] = form.error_class(words)
    account = _account(request, accounts) if form.is_bound else account_asked(request, accounts)
    if form.is_bound and accounts and account is None:
        form.add_error(None, _("The account you chose is not in use any more. Choose another."))
    if form.is_valid() and account is not None:
        upload = upload_for(request.membership, form.cleaned_data["photo"].id)
        ask_portrait(upload=upload, credential=account, actor=request.user)
        messages.info(request, _("The photo avatar is being made. It appears here in a moment."))
        return see_other(catalog_address(PORTRAITS, account.pk))
    context = {
        "form": form,
        "accounts": accounts,
        "account": account,
        "catalog_url": catalog_address(PORTRAITS, account.pk)
        if account
        else reverse("catalog-page", args=[PORTRAITS]),
        "chosen": chosen_in(form, files, catalog),
    }
    return render(request, "catalogs/photo_avatar.html", context, status=REFUSED if form.is_bound else 200)


def _account(request: PortalRequest, accounts: list[Credential]) -> Credential | None:
    """The one that was sent, never another in its place; the only one there is when none was sent."""
    wanted = request.POST.get("account", "")
    if not wanted and len(accounts) == 1:
        return accounts[0]
    return next((one for one in accounts if str(one.pk) == wanted), None)


@require_POST
@marketer
def photo_avatar_dismiss(request: PortalRequest, entry_id: UUID) -> HttpResponse:
    """Put away what could not be made."""
    order = catalog_entry_for(request.membership, entry_id)
    drop_order(order=order)
    return see_other(catalog_address(PORTRAITS, order.credential_id))
