"""What is known before anything is paid: the price and its source, the time, and whether the account has it.

A price is TopView's documented one or our own past charges, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tasks.kinds.base import Catalog, Files, KindForm, Step, TaskKind
from tasks.models import Credential, Workspace
from tasks.models.history import ENOUGH, past_costs, usual_time
from tasks.views.words import ago, credits_words, lasting


@dataclass(frozen=True)
class Price:
    """From the least to the most that a call may cost, and the most likely amount between."""

    least: Decimal
    likely: Decimal
    most: Decimal
    basis: str  # where it comes from, as a sentence

    def times(self, count: int) -> Price:
        """The price of several such calls."""
        return Price(self.least * count, self.likely * count, self.most * count, self.basis)


@dataclass(frozen=True)
class Expectation:
    """Sentences for the page; empty ones have nothing to say. `is_short`: the balance may not suffice."""

    price: str
    price_basis: str
    time: str
    time_basis: str
    balance: str = ""
    is_short: bool = False


def expectation(
    workspace: Workspace,
    kind: TaskKind,
    step: Step,
    asked: Mapping[str, Any] | None,
    count: int = 1,
    *,
    credential: Credential | None = None,
) -> Expectation:
    """What `count` calls of a step will cost and how long each takes.

    Steps that start by themselves after it are counted in. `asked` is what the step is told, as far as it is
    known: a half-filled form is fine. With the account that pays, it is said whether its balance suffices.
    """
    steps = [step, *_followers(kind, step, asked)]
    price = _total([_price(workspace, kind, one, asked) for one in steps])
    if price is not None:
        price = price.times(count)
    words, basis = _price_words(step, price)
    time, time_basis = _time_words(workspace, kind, steps, asked)
    balance, is_short = _balance_words(credential, price)
    return Expectation(words, basis, time, time_basis, balance, is_short)


def _followers(kind: TaskKind, step: Step, asked: Mapping[str, Any] | None) -> Iterator[Step]:
    for one in kind.automatic_steps(asked or {}, step.slug):
        yield one
        yield from _followers(kind, one, asked)


def _price(workspace: Workspace, kind: TaskKind, step: Step, asked: Mapping[str, Any] | None) -> Price | None:
    return _documented(step, asked) or _from_the_past(workspace, kind, step, _shape(step, asked))


def _total(prices: list[Price | None]) -> Price | None:
    """The sum, unless one of them is not known."""
    known = [price for price in prices if price is not None]
    if len(known) < len(prices):
        return None
    return Price(
        sum((price.least for price in known), Decimal(0)),
        sum((price.likely for price in known), Decimal(0)),
        sum((price.most for price in known), Decimal(0)),
        " ".join(dict.fromkeys(price.basis for price in known if price.basis)),
    )


def answers_so_far(form: KindForm, files: Files, catalog: Catalog) -> dict[str, Any]:
    """The right answers of a form, as a brief: those sent with it, else those it starts with."""
    return filled(form, files, catalog).brief()


def filled(form: KindForm, files: Files, catalog: Catalog) -> KindForm:
    """The form as it was sent, else as if it were sent just as it is shown; judged."""
    if not form.is_bound:
        form = type(form)(_shown(form), files=files, catalog=catalog)
    form.is_valid()
    return form


def _shown(form: KindForm) -> MultiValueDict[str, Any]:
    """What a browser would send if the form were left as it is shown."""
    data: MultiValueDict[str, Any] = MultiValueDict()
    for bound in form:
        value = bound.value()
        if value not in (None, "", False):
            data.setlist(bound.html_name, list(value) if isinstance(value, (list, tuple)) else [value])
    return data


# A form that is filled half leaves answers out which a kind may count on.
_HALF_FILLED = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError)


def _shape(step: Step, asked: Mapping[str, Any] | None) -> str | None:
    try:
        return None if asked is None else step.shape(asked)
    except _HALF_FILLED:
        return None


def _documented(step: Step, asked: Mapping[str, Any] | None) -> Price | None:
    try:
        amount = step.price(asked or {})
    except _HALF_FILLED:
        return None
    return None if amount is None else Price(amount, amount, amount, str(step.price_note))


def _from_the_past(workspace: Workspace, kind: TaskKind, step: Step, shape: str | None) -> Price | None:
    costs = past_costs(workspace.pk, kind, step, shape)
    if not costs.amounts:
        return None
    sample = len(costs.amounts)
    if costs.are_alike:
        basis = ngettext(
            "Based on %(count)d of yours like this.", "Based on %(count)d of yours like this.", sample
        )
    else:
        basis = ngettext(
            "Based on %(count)d of yours with other answers.",
            "Based on %(count)d of yours with other answers.",
            sample,
        )
    return Price(costs.amounts[0], costs.median, costs.amounts[-1], basis % {"count": sample})


def _price_words(step: Step, price: Price | None) -> tuple[str, str]:
    if price is None:
        return _("Price not known yet."), str(step.price_note)
    if price.least == price.most:
        return _("Costs %(price)s.") % {"price": credits_words(price.likely)}, price.basis
    words = {
        "likely": credits_words(price.likely),
        "least": credits_words(price.least),
        "most": credits_words(price.most),
    }
    return _("Usually costs %(likely)s, from %(least)s to %(most)s.") % words, price.basis


def _time_words(
    workspace: Workspace, kind: TaskKind, steps: list[Step], asked: Mapping[str, Any] | None
) -> tuple[str, str]:
    usual = [usual_time(workspace.pk, kind, step, _shape(step, asked)) for step in steps]
    words = _("Usually takes %(time)s.") % {"time": lasting(sum(one.seconds for one in usual))}
    sample = min(one.sample for one in usual)
    if sample:
        basis = ngettext("Measured on %(count)d of yours.", "Measured on %(count)d of yours.", sample)
        return words, basis % {"count": sample}
    return words, _("A first estimate, until %(count)d of yours are finished.") % {"count": ENOUGH}


def _balance_words(credential: Credential | None, price: Price | None) -> tuple[str, bool]:
    if credential is None or credential.balance is None or price is None:
        return "", False
    words = {"name": credential.name, "balance": credits_words(credential.balance), "when": _read(credential)}
    if credential.balance >= price.most:
        return _("%(name)s has %(balance)s%(when)s: enough.") % words, False
    if credential.balance >= price.least:
        return _("%(name)s has %(balance)s%(when)s: perhaps not enough.") % words, True
    return _("%(name)s has %(balance)s%(when)s: not enough.") % words, True


def _read(credential: Credential) -> str:
    if credential.balance_at is None:
        return ""
    return _(" (read %(when)s)") % {"when": ago(credential.balance_at, timezone.now())}
