"""Findings of the reconciliation as people read them: in the page, and in the file for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from tasks.commands.ledger.adoption import adoptable_as
from tasks.models import Charge, Credential, Submission
from tasks.spreadsheets import safe_cell, spreadsheet
from tasks.text import StrOrPromise
from tasks.views.accounts.charge_rows import (
    format_and_step,
    type_labels,
    type_word,
)
from tasks.views.http.formatting import credits_words, exact


@dataclass(frozen=True, slots=True)
class Finding:
    """One charge without a call, or one call without a charge."""

    at: datetime | None
    cost: Decimal | None
    account: str
    what: StrOrPromise
    detail: str
    remote_id: str
    charge_id: int | None = None
    may_be_adopted: bool = False
    task_url: str = ""
    title: str = ""
    reason: str = ""

    @property
    def when(self) -> str:
        return exact(self.at) if self.at else ""

    @property
    def credits(self) -> str:
        return "" if self.cost is None else credits_words(self.cost)


def lines_of(rows: Iterable[Charge | Submission]) -> list[Finding]:
    """The lines of a page; the rows bring their accounts and tasks along."""
    labels = type_labels()
    return [_charged(row, labels) if isinstance(row, Charge) else _uncharged(row) for row in rows]


def _charged(charge: Charge, labels: dict[str, StrOrPromise]) -> Finding:
    return Finding(
        at=charge.charged_at,
        cost=charge.cost,
        account=str(charge.credential),
        what=type_word(charge.task_type, labels),
        detail=charge.task_type,
        remote_id=charge.remote_id,
        charge_id=charge.pk,
        may_be_adopted=bool(adoptable_as(charge)),
        reason=charge.set_aside_reason,
    )


def _uncharged(call: Submission) -> Finding:
    format_label, step = format_and_step(call)
    account: Credential = call.task.credential
    return Finding(
        at=call.finished_at,
        cost=call.cost,
        account=str(account),
        what=format_label,
        detail=str(step),
        remote_id=call.remote_id,
        task_url=reverse("task-page", args=[call.task_id]),
        title=call.task.title,
    )


def csv_lines(rows: Iterable[Charge | Submission]) -> Iterator[str]:
    """A spreadsheet's file, line by line. Times are UTC; no cell is a formula."""
    head = [
        _("Time (UTC)"),
        _("Credits"),
        _("Credential"),
        _("Format"),
        _("Type"),
        _("TopView task id"),
        _("Task"),
        _("Reason"),
    ]
    return spreadsheet(head, (_cells(line) for row in rows for line in lines_of([row])))


def _cells(line: Finding) -> list[str]:
    when = line.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if line.at else ""
    cost = "" if line.cost is None else f"{line.cost.normalize():f}"
    words = (line.account, line.what, line.detail, line.remote_id, line.title, line.reason)
    return [when, cost, *(safe_cell(str(word)) for word in words)]
