"""Charges as people read them: in the page, and in the file for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext as _

from tasks.kinds import KINDS
from tasks.kinds.base import TaskKind
from tasks.kinds.base.vendor_words import charge_word, readable
from tasks.models import Candidate, Charge, EvidenceKind, Submission
from tasks.spreadsheets import safe_cell, spreadsheet
from tasks.text import StrOrPromise
from tasks.views.http.formatting import credits_words, exact


@dataclass(frozen=True, slots=True)
class Line:
    """One charge with the call it was for, when that was made here."""

    when: str
    cost: str
    task_type: str
    type_label: StrOrPromise
    remote_id: str
    task_url: str = ""
    title: str = ""
    format: StrOrPromise = ""
    step: StrOrPromise = ""


def lines_of(charges: Iterable[Charge]) -> list[Line]:
    """The lines of a page; `charges` bring their submissions and tasks along."""
    labels = type_labels()
    return [_line(charge, labels) for charge in charges]


def lines_of_found(candidates: Iterable[Candidate]) -> list[Line]:
    """The lines of what may be a call: charges, and tasks on a board."""
    labels = type_labels()
    return [_found(one, labels) for one in candidates]


def _found(one: Candidate, labels: dict[str, StrOrPromise]) -> Line:
    if one.charge is not None and one.evidence == EvidenceKind.CHARGE:
        return _line(one.charge, labels)
    at, cost, asked = (one.facts.get(name, "") for name in ("at", "cost", "line"))
    place = format_lazy("{}: {}", EvidenceKind(one.evidence).label, asked or readable(one.facts.get("word")))
    return Line(
        when=exact(datetime.fromisoformat(at)) if at else "",
        cost=credits_words(Decimal(cost)) if cost else "",
        task_type=str(place),
        type_label=place,
        remote_id=one.remote_id,
    )


def type_labels() -> dict[str, StrOrPromise]:
    """What TopView's words for types of charges mean: the first format here that is charged under each."""
    labels: dict[str, StrOrPromise] = {}
    for kind in KINDS.values():
        for step in kind.steps:
            if step.pricing.credit_log_type:
                labels.setdefault(step.pricing.credit_log_type, kind.label)
    return labels


def type_word(task_type: str, labels: dict[str, StrOrPromise]) -> StrOrPromise:
    """The format's name, or TopView's own word as people write it."""
    return labels.get(task_type) or charge_word(task_type)


def _line(charge: Charge, labels: dict[str, StrOrPromise]) -> Line:
    call = charge.submission
    format_label, step = format_and_step(call) if call else ("", "")
    return Line(
        when=exact(charge.charged_at) if charge.charged_at else "",
        cost=credits_words(charge.cost),
        task_type=charge.task_type,
        type_label=type_word(charge.task_type, labels),
        remote_id=charge.remote_id,
        task_url=reverse("task-page", args=[call.task_id]) if call else "",
        title=call.task.title if call else "",
        format=format_label,
        step=step,
    )


def format_and_step(call: Submission) -> tuple[StrOrPromise, StrOrPromise]:
    """The names of a call's format and step; of one that is no longer offered, what stands in the rows."""
    kind: TaskKind | None = KINDS.get(call.task.kind)
    if kind is None:
        return call.task.kind, call.step
    step = kind.find_step(call.step)
    return kind.label, step.label if step else call.step


def csv_lines(charges: Iterable[Charge]) -> Iterator[str]:
    """A spreadsheet's file, line by line. Times are UTC; no cell is a formula."""
    head = [
        _("Time (UTC)"),
        _("Credits"),
        _("Type"),
        _("TopView task id"),
        _("Made here"),
        _("Task"),
        _("Format"),
        _("Step"),
    ]
    return spreadsheet(head, (_cells(charge) for charge in charges))


def _cells(charge: Charge) -> list[str]:
    call = charge.submission
    words: list[object] = [charge.task_type, charge.remote_id]
    ours: list[object] = [_("no"), "", "", ""]
    if call is not None:
        ours = [_("yes"), call.task.title, *format_and_step(call)]
    when = charge.charged_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if charge.charged_at else ""
    return [when, f"{charge.cost.normalize():f}", *(safe_cell(str(cell)) for cell in [*words, *ours])]
