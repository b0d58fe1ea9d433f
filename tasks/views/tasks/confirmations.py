"""What people are asked before something is paid that may have been paid already."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tasks.commands.ledger.spending import PriceUnconfirmed
from tasks.views.http.formatting import credits_words
from tasks.views.tasks.parts.alerts import Question

_FAULT_OVER = _("TopView failed, and may manage now")
_NOT_ARRIVED = _("It never arrived at TopView")
_NEEDED = _("It is needed whatever it costs")
_FURTHER = _("It is meant as a further one")

WHY_AGAIN = Question(
    "reason",
    _("Reason for retrying"),
    _("TopView has accepted it before, or may have. Kept in the log with your name."),
    suggestions=(_FAULT_OVER, _NOT_ARRIVED, _NEEDED),
)
WHY_ANOTHER = Question(
    "reason",
    _("Reason for ordering again"),
    _("Kept in the log with your name."),
    suggestions=(_FURTHER, _NOT_ARRIVED, _NEEDED),
)


@dataclass(frozen=True)
class PriceQuestion:
    """Asks once more before much is paid; `confirmation` goes along with the answer."""

    text: str
    button: str
    confirmation: str


def price_question(asked: PriceUnconfirmed) -> PriceQuestion:
    price, words = (
        asked.price,
        {"limit": credits_words(asked.limit), "price": credits_words(asked.price.most)},
    )
    if price.least == price.most and not price.is_doubtful:
        text = gettext("This costs %(price)s.")
    else:
        text = gettext("This may cost up to %(price)s.")
    limit = gettext(
        "Above %(limit)s this workspace asks once more. Nothing was started and nothing was paid."
    )
    button = gettext("Order for %(price)s")
    return PriceQuestion(f"{text} {limit}" % words, button % words, asked.confirmation)
