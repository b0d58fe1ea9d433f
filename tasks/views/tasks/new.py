"""Ordering: choose a format, fill in its form. One view serves every kind."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tasks.access import PortalRequest, marketer, product_for, task_for
from tasks.commands.ledger.spending import PriceUnconfirmed
from tasks.commands.refusals import NotPossible, ReasonNeeded
from tasks.commands.submissions.create import AlreadySent, create_task
from tasks.forms.products.product import filled_from
from tasks.forms.tasks.order import OrderForm
from tasks.forms.tasks.sources import CredentialCatalog, WorkspaceFiles
from tasks.kinds import KINDS
from tasks.kinds.base import Assets, KindForm, TaskKind
from tasks.models import Task
from tasks.views.http.responses import REFUSED, UNSENT, forget_errors, see_other
from tasks.views.tasks.confirmations import WHY_ANOTHER, PriceQuestion, price_question
from tasks.views.tasks.estimate import estimate_of, filled
from tasks.views.tasks.form_files import take_files
from tasks.views.tasks.parts.duplicates import changed_labels, not_carried_over
from tasks.views.tasks.parts.requested_changes import requested_changes
from tasks.views.tasks.selection import chosen_in


@require_safe
@marketer
def task_formats(request: PortalRequest) -> HttpResponse:
    """Every format, as cards. What a file is to be used for is handed on to the form."""
    return render(
        request, "tasks/formats.html", {"kinds": KINDS.values(), "handed_on": request.GET.urlencode()}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@marketer
def task_new(request: PortalRequest, slug: str) -> HttpResponse:
    """The form of one format; a POST makes the task."""
    if slug not in KINDS:
        raise Http404("no such format")
    sheet = _sheet(request, KINDS[slug])
    if request.method == "POST":
        return _create(request, sheet)
    if sheet.order.default is None:
        return render(request, "tasks/no_credential.html", {"kind": sheet.kind})
    return _page(request, sheet)


@require_POST
@marketer
def task_price(request: PortalRequest, slug: str) -> HttpResponse:
    """What an order would cost and how long it takes, as far as the form is filled. Nothing is kept."""
    if slug not in KINDS:
        raise Http404("no such format")
    kind, workspace = KINDS[slug], request.membership.workspace
    order = OrderForm(request.POST, workspace=workspace)
    files, catalog = WorkspaceFiles(workspace), CredentialCatalog(order.credential)
    form = kind.inputs(request.POST, files=files, catalog=catalog)
    sheet = Sheet(kind, order, form, files, catalog, _source(request, kind))
    return render(request, "tasks/_order_note.html", _note(request, sheet))


@dataclass
class Sheet:
    kind: TaskKind
    order: OrderForm
    form: KindForm
    files: WorkspaceFiles
    catalog: CredentialCatalog
    source: Task | None


def _sheet(request: PortalRequest, kind: TaskKind) -> Sheet:
    workspace = request.membership.workspace
    data = request.POST if request.method == "POST" else None
    order = OrderForm(data, workspace=workspace, wanted=request.GET.get("account", ""))
    files, catalog = WorkspaceFiles(workspace), CredentialCatalog(order.credential or order.asleep)
    source = _source(request, kind)
    sent, problems = take_files(request, kind.inputs) if data is not None else (None, {})
    form = kind.inputs(sent, files=files, catalog=catalog, initial=_initial(request, kind, source))
    for name, messages in problems.items():
        form.errors[name] = form.error_class(messages)
    return Sheet(kind, order, form, files, catalog, source)


def _source(request: PortalRequest, kind: TaskKind) -> Task | None:
    """The task that this one is made after (`from`), if it is of the same format."""
    try:
        task_id = uuid.UUID(request.POST.get("from") or request.GET.get("from") or "")
    except ValueError:
        return None
    task = task_for(request.membership, task_id)
    return task if task.kind == kind.slug else None


def _initial(request: PortalRequest, kind: TaskKind, source: Task | None) -> Mapping[str, Any]:
    """What the address asks for, before a saved product's facts, before the brief of `source`."""
    asked = {
        name: request.GET.getlist(name) if isinstance(field, Assets) else request.GET[name][:2000]
        for name, field in kind.inputs.own_fields()
        if name in request.GET
    }
    brief = kind.read_brief(source.current_brief) if source else {}
    try:
        # No field can be called so.
        product_id = uuid.UUID(request.GET.get("saved-product", ""))
    except ValueError:
        return {**brief, **asked}
    product = product_for(request.membership, product_id)
    return {**brief, **filled_from(product, kind.inputs), **asked}


def _create(request: PortalRequest, sheet: Sheet) -> HttpResponse:
    if UNSENT in request.POST:
        forget_errors(sheet.form, sheet.order)
        return _page(request, sheet, status=REFUSED)
    credential = sheet.order.credential or sheet.order.asleep
    if not (sheet.form.is_valid() and sheet.order.is_valid()) or credential is None:
        return _page(request, sheet, status=REFUSED)
    try:
        task = create_task(
            task_id=sheet.order.order_id,
            membership=request.membership,
            kind=sheet.kind,
            form=sheet.form,
            credential=credential,
            version_of=sheet.source,
            is_another=sheet.order.cleaned_data["another"],
            reason=sheet.order.cleaned_data["reason"],
            confirmed=sheet.order.cleaned_data["confirmed"],
        )
    except AlreadySent as sent:
        return _page(request, sheet, status=REFUSED, sent=sent)
    except ReasonNeeded as needed:
        return _page(request, sheet, status=REFUSED, needed=needed)
    except PriceUnconfirmed as asked:
        return _page(request, sheet, status=REFUSED, price=price_question(asked))
    except NotPossible as reason:
        sheet.form.add_error(None, str(reason))
        return _page(request, sheet, status=REFUSED)
    return see_other("task-page", task.pk)


def _page(
    request: PortalRequest,
    sheet: Sheet,
    *,
    status: int = 200,
    sent: AlreadySent | None = None,
    needed: ReasonNeeded | None = None,
    price: PriceQuestion | None = None,
) -> HttpResponse:
    order_id = uuid.uuid4() if sent else sheet.order.order_id
    context = {
        "kind": sheet.kind,
        "form": sheet.form,
        "order": sheet.order,
        "order_id": order_id,
        "already_sent": sent,
        "is_another": sent is not None or sheet.order.is_another,
        "reason_needed": needed,
        "price": price,
        "confirmed": price.confirmation if price else sheet.order["confirmed"].value(),
        "why": {"question": WHY_ANOTHER, "key": "order"},
        "why_errors": [str(needed)] if needed else [],
        "is_unsent": UNSENT in request.POST,
        "chosen": chosen_in(sheet.form, sheet.files, sheet.catalog),
        **_note(request, sheet),
        "price_url": reverse("task-price", args=[sheet.kind.slug]),
        "here": reverse("task-new", args=[sheet.kind.slug]),
        "asked_for": requested_changes(sheet.source),
        "back": _way_back(request),
        "left_out": "left-out" in request.GET,
    }
    return render(request, "tasks/new.html", context, status=status)


def _way_back(request: PortalRequest) -> str:
    """The form of this portal that a person came from (`way-back`)."""
    back = request.GET.get("way-back", "")
    return back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else ""


def _note(request: PortalRequest, sheet: Sheet) -> dict[str, Any]:
    """What stands beside the button, and follows the form."""
    kind, source = sheet.kind, sheet.source
    held = filled(sheet.form, sheet.files, sheet.catalog)
    answers = held.brief()
    estimate = estimate_of(
        request.membership.workspace, kind, kind.steps[0], answers, credential=sheet.order.credential
    )
    return {
        "source": source,
        "estimate": estimate,
        "changed": changed_labels(kind, source, answers) if source else [],
        "left_behind": not_carried_over(source, kind, held) if source and not sheet.form.is_bound else [],
    }
