"""What is known before anything is paid: the price and its source, the time, and whether the account has it.

A price is by a published rate or by our own past charges for the same, never a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tasks.commands.ledger.pricing import Price, price_of, with_followers
from tasks.kinds.base import Catalog, Files, KindForm, Step, TaskKind
from tasks.models import Credential, Workspace
from tasks.models.estimates import ENOUGH, shape_of, usual_time
from tasks.views.http.formatting import ago, credits_words, lasting

# Who says what a published rate is, by the name in the contract's table.
SOURCES = {
    "codex": gettext_lazy("TopView's own client"),
    "skill_07": gettext_lazy("TopView's own guide"),
    "digest": gettext_lazy("TopView's documents"),
    "live_07_31": gettext_lazy("a paid order"),
    "fal_bot": gettext_lazy("an integrator's table"),
    "cinegen": gettext_lazy("an integrator's paid tests"),
    "eval_09_25": gettext_lazy("an evaluation"),
    "page_05": gettext_lazy("TopView's pages"),
    "plans_07": gettext_lazy("TopView's price page"),
}


@dataclass(frozen=True)
class Estimate:
    """Sentences for the page; empty ones have nothing to say. `is_short`: the balance may not suffice."""

    price: str
    price_basis: str
    time: str
    time_basis: str
    balance: str = ""
    is_short: bool = False


def estimate_of(
    workspace: Workspace,
    kind: TaskKind,
    step: Step,
    asked: Mapping[str, Any] | None,
    count: int = 1,
    *,
    credential: Credential | None = None,
) -> Estimate:
    """What `count` calls of a step will cost and how long each takes.

    Steps that start by themselves after it are counted in. `asked` is what the step is told, as far as it is
    known: a half-filled form is fine. With the account that pays, it is said whether its balance suffices.
    """
    price = price_of(workspace_id=workspace.pk, kind=kind, step=step, asked=asked, count=count)
    words, basis = _price_words(step, price)
    time, time_basis = _time_words(workspace, kind, with_followers(kind, step, asked), asked)
    balance, is_short = _balance_words(credential, price)
    return Estimate(words, basis, time, time_basis, balance, is_short)


def filled(form: KindForm, files: Files, catalog: Catalog) -> KindForm:
    """The form as it was sent, else as if it were sent just as it is shown; judged."""
    if not form.is_bound:
        held = ((bound.html_name, bound.value()) for bound in form)
        data: MultiValueDict[str, Any] = MultiValueDict(
            {
                name: list(value) if isinstance(value, (list, tuple)) else [value]
                for name, value in held
                if value not in (None, "", False)
            }
        )
        form = type(form)(data, files=files, catalog=catalog)
    form.is_valid()
    return form


def _price_words(step: Step, price: Price | None) -> tuple[str, str]:
    if price is None:
        return _("Price not known."), str(step.pricing.note)
    words = {
        "likely": credits_words(price.likely),
        "least": credits_words(price.least),
        "most": credits_words(price.most),
    }
    if price.is_doubtful:
        told = _("Perhaps %(most)s; that is doubtful.")
    elif price.least == price.most:
        told = _("Costs %(most)s.")
    elif price.rates:
        told = _("Costs from %(least)s to %(most)s: TopView chooses what you leave open.")
    else:
        told = _("Usually costs %(likely)s, from %(least)s to %(most)s.")
    bases = []
    for source, day in dict.fromkeys((rate.source, rate.date) for rate in price.rates):
        facts = {"source": SOURCES.get(source, source), "date": date_format(day, "DATE_FORMAT")}
        bases.append(_("Published rate, by %(source)s, %(date)s.") % facts)
    if price.sample:
        bases.append(_sample_words(price.sample))
    return told % words, " ".join(bases)


def _sample_words(count: int) -> str:
    return ngettext(
        "Estimate from %(count)d similar task.", "Estimate from %(count)d similar tasks.", count
    ) % {"count": count}


def _time_words(
    workspace: Workspace, kind: TaskKind, steps: list[Step], asked: Mapping[str, Any] | None
) -> tuple[str, str]:
    usual = [usual_time(workspace.pk, kind, step, shape_of(kind, step, asked)) for step in steps]
    words = _("Usually takes %(time)s.") % {"time": lasting(sum(one.seconds for one in usual))}
    sample = min(one.sample for one in usual)
    if sample:
        return words, _sample_words(sample)
    return words, _("A first estimate, until %(count)d similar tasks are finished.") % {"count": ENOUGH}


def _balance_words(credential: Credential | None, price: Price | None) -> tuple[str, bool]:
    if credential is None or credential.balance is None or price is None:
        return "", False
    when = ""
    if credential.balance_at is not None:
        when = _(" (read %(when)s)") % {"when": ago(credential.balance_at, timezone.now())}
    words = {"name": credential.name, "balance": credits_words(credential.balance), "when": when}
    if credential.balance >= price.most and price.is_doubtful:
        return _("%(name)s has %(balance)s%(when)s.") % words, False
    if credential.balance >= price.most:
        return _("%(name)s has %(balance)s%(when)s: enough.") % words, False
    if credential.balance >= price.least:
        return _("%(name)s has %(balance)s%(when)s: perhaps not enough.") % words, True
    return _("%(name)s has %(balance)s%(when)s: not enough.") % words, True
