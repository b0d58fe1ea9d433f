"""*Read the product page* beside a form's link: a task of its own whose outcome fills the form in place."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_POST, require_safe

from tasks.access import PortalRequest, marketer, task_for
from tasks.commands.ledger.spending import PriceUnconfirmed
from tasks.commands.refusals import ReasonNeeded
from tasks.commands.submissions.create import AlreadySent, create_task
from tasks.forms.products.product import page_reader
from tasks.forms.tasks.order import OrderForm
from tasks.forms.tasks.sources import CredentialCatalog, WorkspaceFiles
from tasks.kinds.base import KindForm, TaskKind
from tasks.models import MOVING, Output, OutputState, Product, Task, TaskStatus
from tasks.views.http.responses import see_other
from tasks.views.tasks.selection import Chosen, of_upload

# A file that could not be copied so often is not waited for.
_PATIENCE = 3
# Django takes an address inside an address up to 2048 letters, gunicorn a request line of 4094.
_LONGEST_WAY_BACK = 1800
_LONGEST_ADDRESS = 4000


@require_POST
@marketer
def product_read(request: PortalRequest) -> HttpResponse:
    """Start reading the page that the form's link names. `read-link` is the name of the link's field.

    The part of the page that asked gets a fragment. A form without script is led to the reading kind's own
    form, with a link back on which stands what had been typed.
    """
    found = page_reader()
    if found is None:
        return see_other("task-formats")
    kind, name = found
    field = request.POST.get("read-link", "")
    link = request.POST.get(field, "")
    if not request.htmx:
        return see_other(_readers_form(request, kind, {name: link}))
    workspace = request.membership.workspace
    order = OrderForm(request.POST, workspace=workspace)
    files, catalog = WorkspaceFiles(workspace), CredentialCatalog(order.credential)
    form = kind.inputs({name: link}, files=files, catalog=catalog)
    reading = Reading(field=field, turn=_turn(request.POST))
    if order.credential is None or not form.is_valid():
        reading.errors = [str(text) for text in form.errors.get(name, [])]
        reading.lacks_credential = order.credential is None
        return _fragment(request, reading)
    try:
        reading.task = _start(request, kind, form, order, reading.turn)
    except PriceUnconfirmed as asked:
        # Where the price can be confirmed is the reading kind's own form.
        reading.errors = [str(asked)]
        return _fragment(request, reading)
    if reading.task is not None:
        # Queueing it has changed its summary.
        reading.task.refresh_from_db()
    return _fragment(request, reading)


def _turn(sent: QueryDict) -> int:
    digits = sent.get("read-turn", "")
    return int(digits) if digits.isdecimal() and len(digits) < 4 else 0


def _start(
    request: PortalRequest, kind: TaskKind, form: KindForm, order: OrderForm, turn: int
) -> Task | None:
    """The task that reads: one for each page, link and turn, however often the button is pressed."""
    credential = order.credential
    assert credential is not None  # asked before
    task_id = uuid.uuid5(order.order_id, f"{turn} {form.brief()}")
    try:
        return create_task(
            task_id=task_id,
            membership=request.membership,
            kind=kind,
            form=form,
            credential=credential,
        )
    except AlreadySent as sent:
        return sent.task
    except ReasonNeeded as needed:
        # Somebody has the same page read just now: its outcome serves both.
        return needed.duplicate


def _readers_form(request: PortalRequest, kind: TaskKind, asked: dict[str, str]) -> str:
    """The reading kind's own form, with a way back on which stands what had been typed.

    What is longest is left out when it would make an address that nobody takes; `left-out` says so.
    """
    here, form = reverse("task-new", args=[kind.slug]), _form_before(request)
    typed = _typed(request) if form else []
    while True:
        way_back = f"{form}?{urlencode(typed)}" if typed else form or reverse("task-formats")
        address = f"{here}?{urlencode({**asked, 'way-back': way_back})}"
        fits = len(way_back) <= _LONGEST_WAY_BACK and len(address) <= _LONGEST_ADDRESS
        if fits or not typed:
            return address
        typed.remove(max(typed, key=lambda pair: len(pair[1])))
        asked = {**asked, "left-out": "yes"}


def _form_before(request: PortalRequest) -> str:
    """The path of the form that was sent from; empty when no such page is named."""
    try:
        path = urlsplit(request.headers.get("Referer", "")).path
    except ValueError:
        return ""
    return path if url_has_allowed_host_and_scheme(path, allowed_hosts=None) else ""


def _typed(request: PortalRequest) -> list[tuple[str, str]]:
    return [
        (key, value)
        for key, values in request.POST.lists()
        if key not in ("csrfmiddlewaretoken", "task_id", "read-link", "read-turn")
        for value in values
        if value
    ]


@require_safe
@marketer
def product_reading(request: PortalRequest, task_id: UUID) -> HttpResponse:
    """How far the reading is; 204 while that is as the asker has seen it."""
    reading = Reading(
        field=request.GET.get("field", "")[:40],
        turn=_turn(request.GET),
        task=task_for(request.membership, task_id),
    )
    if request.GET.get("seen") == reading.seen:
        return HttpResponse(status=204)
    return _fragment(request, reading)


@dataclass
class Reading:
    """What the place below the link shows."""

    field: str
    turn: int
    task: Task | None = None
    errors: list[str] | None = None
    lacks_credential: bool = False

    @property
    def product(self) -> Product | None:
        """What came of it, once every file that can be copied has been."""
        return None if self.task is None or self.is_moving else self._found

    @property
    def is_moving(self) -> bool:
        if self.task is None or self.task.status in MOVING:
            return self.task is not None
        if self.task.status != TaskStatus.SUCCEEDED:
            return False
        mine = Output.objects.filter(task=self.task, submission__keeps_outputs=True)
        unsaved = mine.filter(state__in=(OutputState.WAITING, OutputState.SAVING), tries__lt=_PATIENCE)
        saved = Output.objects.checked().filter(task=self.task).exclude(role="text")
        return self._found is None or unsaved.exists() or saved.filter(used_as=None).exists()

    @property
    def _found(self) -> Product | None:
        return Product.objects.filter(task=self.task).first()

    @property
    def is_unknown(self) -> bool:
        """Whether nobody knows yet that TopView has it. A second reading could be a second charge."""
        return self.task is not None and self.task.status == TaskStatus.UNKNOWN

    @property
    def is_unwatched(self) -> bool:
        """Whether somebody has stopped watching it, while TopView goes on."""
        return self.task is not None and self.task.status == TaskStatus.STOPPED

    @property
    def has_failed(self) -> bool:
        is_open = self.is_moving or self.is_unknown or self.is_unwatched
        return self.task is not None and not is_open and self.product is None

    @property
    def next_turn(self) -> int:
        """What the button sends next: after a failure, a reading of its own."""
        return self.turn + 1 if self.has_failed else self.turn

    @property
    def items(self) -> list[Chosen]:
        if self.product is None:
            return []
        files = self.product.files.select_related("upload__poster", "upload__blob")
        return [of_upload(file.upload) for file in files if file.upload.hidden_at is None]

    @property
    def seen(self) -> str:
        return f"{self.task.revision}.{int(self.is_moving)}" if self.task else ""

    @property
    def poll_url(self) -> str:
        if self.task is None:
            return ""
        query = urlencode({"field": self.field, "read-turn": str(self.turn), "seen": self.seen})
        return f"{reverse('product-reading', args=[self.task.pk])}?{query}"


def _fragment(request: PortalRequest, reading: Reading) -> HttpResponse:
    return render(request, "products/_reading.html", {"reading": reading})
