"""Going on with a task: choose among its results, answer what the step asks, start it. For every kind."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from tasks.access import PortalRequest, marketer, task_for
from tasks.commands.ledger.spending import PriceUnconfirmed
from tasks.commands.refusals import NotPossible, ReasonNeeded
from tasks.commands.submissions.next_steps import (
    close_choice,
    item_of,
    may_be_paid_before,
    open_steps,
    start_step,
    usable_outputs,
)
from tasks.forms.tasks.next_steps import ChoiceForm
from tasks.forms.tasks.sources import CredentialCatalog, WorkspaceFiles
from tasks.kinds import KINDS, find_step
from tasks.kinds.base import KindForm, Step
from tasks.models import DEAD, Output, Task
from tasks.views.http.responses import REFUSED, UNSENT, forget_errors, see_other
from tasks.views.tasks.confirmations import PriceQuestion, price_question
from tasks.views.tasks.estimate import Estimate, estimate_of, filled
from tasks.views.tasks.form_files import take_files
from tasks.views.tasks.parts.results import Shown, shown
from tasks.views.tasks.selection import chosen_in


@dataclass(frozen=True)
class Option:
    output: Shown
    is_chosen: bool
    refusal: str
    is_started: bool
    url: str  # of the page with this one chosen


@dataclass
class Sheet:
    task: Task
    step: Step
    outputs: list[Output]
    choice: ChoiceForm
    form: KindForm | None
    files: WorkspaceFiles
    catalog: CredentialCatalog
    chosen: list[str]


@require_http_methods(["GET", "HEAD", "POST"])
@marketer
def task_next(request: PortalRequest, task_id: uuid.UUID, step: str) -> HttpResponse:
    """One further step of a task; a POST starts it for what was chosen."""
    sheet = _sheet(request, task_for(request.membership, task_id), step)
    if request.method != "POST":
        return _page(request, sheet)
    if UNSENT in request.POST:
        forget_errors(sheet.choice, sheet.form)
        return _page(request, sheet, status=REFUSED)
    if not sheet.choice.is_valid() or not (sheet.form is None or sheet.form.is_valid()):
        return _page(request, sheet, status=REFUSED)
    try:
        started = start_step(
            task=sheet.task,
            step=sheet.step,
            sources=sheet.choice.cleaned_data["output"],
            form=sheet.form,
            membership=request.membership,
            order_id=sheet.choice.order,
            reason=sheet.choice.cleaned_data["reason"],
            confirmed=sheet.choice.cleaned_data["confirmed"],
        )
    except ReasonNeeded as needed:
        sheet.choice.add_error("reason", str(needed))
        return _page(request, sheet, status=REFUSED)
    except PriceUnconfirmed as asked:
        return _page(request, sheet, status=REFUSED, price=price_question(asked))
    except NotPossible as reason:
        sheet.choice.add_error("output", str(reason))
        return _page(request, sheet, status=REFUSED, order_id=uuid.uuid4())
    messages.success(
        request, ngettext("Started.", "%(count)s started.", len(started)) % {"count": len(started)}
    )
    return see_other("task-page", sheet.task.pk)


@require_POST
@marketer
def task_next_price(request: PortalRequest, task_id: uuid.UUID, step: str) -> HttpResponse:
    """What starting the step would cost and how long it takes, as far as the page is filled."""
    sheet = _sheet(request, task_for(request.membership, task_id), step)
    return render(request, "components/estimate.html", {"estimate": _estimate(request, sheet)})


@require_POST
@marketer
def task_done(request: PortalRequest, task_id: uuid.UUID) -> HttpResponse:
    """Nothing more is wanted of a task: it waits for nobody any longer."""
    task = task_for(request.membership, task_id)
    close_choice(task=task, membership=request.membership)
    messages.success(request, _("Left as it is. You can still go on with it whenever you like."))
    return see_other("task-page", task.pk)


def _sheet(request: PortalRequest, task: Task, slug: str) -> Sheet:
    declared = KINDS.get(task.kind)
    step = declared.find_step(slug) if declared else None
    if declared is None or step is None or step not in open_steps(task, declared):
        raise Http404("no such step now")
    outputs = usable_outputs(task, step)
    data = request.POST if request.method == "POST" else None
    chosen = _chosen(request, step, outputs)
    files, catalog = WorkspaceFiles(request.membership.workspace), CredentialCatalog(task.credential)
    form = _form(request, step, outputs, chosen, files, catalog)
    choice = ChoiceForm(data, step=step, outputs=outputs)
    return Sheet(task, step, outputs, choice, form, files, catalog, chosen)


def _chosen(request: PortalRequest, step: Step, outputs: list[Output]) -> list[str]:
    """What the page shows as chosen: what was asked for, else the only thing there is."""
    asked = (request.POST if request.method == "POST" else request.GET).getlist("output")
    possible = [str(output.pk) for output in outputs if not step.follow_up.refusal(output.facts)]
    known = [key for key in asked if key in possible]
    if known or (asked and request.method == "POST"):
        return known if step.follow_up.takes_several else known[:1]
    return possible if len(possible) == 1 else possible[:1] if _depends(step, outputs) else []


def _depends(step: Step, outputs: list[Output]) -> bool:
    """Whether fields of the step's form start with what stands in the chosen result."""
    if step.follow_up.inputs is None or step.follow_up.takes_several:
        return False
    fields = step.follow_up.inputs.base_fields.keys()
    return any(fields & step.follow_up.initial(output.facts).keys() for output in outputs)


def _form(
    request: PortalRequest,
    step: Step,
    outputs: list[Output],
    chosen: list[str],
    files: WorkspaceFiles,
    catalog: CredentialCatalog,
) -> KindForm | None:
    if step.follow_up.inputs is None:
        return None
    facts: dict[str, Any] = next((output.facts for output in outputs if str(output.pk) in chosen), {})
    initial: dict[str, Any] = step.follow_up.initial(facts)
    if request.method != "POST":
        return step.follow_up.inputs(files=files, catalog=catalog, initial=initial)
    sent, problems = take_files(request, step.follow_up.inputs) if request.FILES else (request.POST, {})
    form = step.follow_up.inputs(sent, files=files, catalog=catalog, initial=initial)
    for name, words in problems.items():
        form.errors[name] = form.error_class(words)
    return form


def _page(
    request: PortalRequest,
    sheet: Sheet,
    *,
    status: int = 200,
    order_id: uuid.UUID | None = None,
    price: PriceQuestion | None = None,
) -> HttpResponse:
    context = {
        "task": sheet.task,
        "kind": KINDS[sheet.task.kind],
        "step": sheet.step,
        "options": _options(sheet),
        "follows_choice": _depends(sheet.step, sheet.outputs),
        "choice": sheet.choice,
        "asks_reason": "reason" in sheet.choice.errors
        or any(may_be_paid_before(sheet.task, sheet.step, one) for one in _startable(sheet)),
        "form": sheet.form,
        "chosen": chosen_in(sheet.form, sheet.files, sheet.catalog) if sheet.form else {},
        "order_id": order_id or sheet.choice.order,
        "price": price,
        "confirmed": price.confirmation if price else sheet.choice["confirmed"].value(),
        "estimate": _estimate(request, sheet),
        "price_url": reverse("task-next-price", args=[sheet.task.pk, sheet.step.slug]),
        "here": _here(sheet),
        "is_unsent": UNSENT in request.POST,
    }
    return render(request, "tasks/next.html", context, status=status)


def _estimate(request: PortalRequest, sheet: Sheet) -> Estimate:
    """For as many calls as there are results chosen, at least one; as far as the form is filled."""
    task = sheet.task
    chosen = next((output for output in sheet.outputs if str(output.pk) in sheet.chosen), None)
    answers = filled(sheet.form, sheet.files, sheet.catalog).brief() if sheet.form else {}
    asked = {**task.brief, **answers, "item_facts": chosen.facts if chosen else {}}
    workspace, count = request.membership.workspace, max(1, len(sheet.chosen))
    return estimate_of(workspace, KINDS[task.kind], sheet.step, asked, count, credential=task.credential)


def _here(sheet: Sheet) -> str:
    return reverse("task-next", args=[sheet.task.pk, sheet.step.slug])


def _started(sheet: Sheet) -> set[str]:
    """Items for which the step is under way or done, so that it cannot be started for them."""
    if sheet.step.follow_up.is_repeatable:
        return set()
    alive = sheet.task.submissions.filter(step=sheet.step.slug).exclude(status__in=DEAD)
    return set(alive.values_list("item", flat=True))


def _startable(sheet: Sheet) -> list[Output]:
    started = _started(sheet)
    return [one for one in sheet.outputs if item_of(sheet.task, sheet.step, one) not in started]


def _options(sheet: Sheet) -> list[Option]:
    step, task = sheet.step, sheet.task
    started = _started(sheet)
    return [
        Option(
            output=shown(output, number, find_step(task.kind, output.submission.step)),
            is_chosen=str(output.pk) in sheet.chosen,
            refusal=str(step.follow_up.refusal(output.facts)),
            is_started=item_of(task, step, output) in started,
            url=f"{_here(sheet)}?output={output.pk}",
        )
        for number, output in enumerate(sheet.outputs, 1)
    ]
