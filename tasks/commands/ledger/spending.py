"""Orders that cost more than a workspace wants spent unasked: their maker confirms them once more.

Every way to pay calls `demand_confirmation`. A confirmation holds for one person, one order and one amount:
whatever changes, the person is asked anew.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from tasks import audit
from tasks.commands.refusals import NotPossible
from tasks.kinds.base.types import number_words
from tasks.models import Workspace

if TYPE_CHECKING:
    from decimal import Decimal

    from tasks.commands.ledger.pricing import Price
    from tasks.models import Membership, Task, User


class PriceUnconfirmed(NotPossible):
    """Nothing was ordered: the price is above the workspace's limit, and its maker has not confirmed it.

    `confirmation` is what the same order carries once the person has agreed to `price`.
    """

    def __init__(self, price: Price, limit: Decimal, confirmation: str) -> None:
        words = _("It costs %(price)s credits, and above %(limit)s this workspace asks once more.")
        facts = {"price": number_words(price.most), "limit": number_words(limit)}
        super().__init__(words % facts)
        self.price, self.limit, self.confirmation = price, limit, confirmation


def demand_confirmation(
    *, workspace: Workspace, price: Price | None, actor: User, order: tuple[object, ...], confirmed: str
) -> Decimal | None:
    """The amount that was confirmed; None where nothing had to be. Raises PriceUnconfirmed.

    `order` is all that makes up the order, in a form whose text is the same for the same order. A price that
    is not known asks nobody.
    """
    if price is None or price.most <= workspace.confirm_above:
        return None
    digest = sha256(repr((actor.pk, *order)).encode()).hexdigest()
    wanted = f"{price.most.normalize():f}-{digest[:24]}"
    if confirmed != wanted:
        raise PriceUnconfirmed(price, workspace.confirm_above, wanted)
    return price.most


def record_confirmation(*, task: Task, step: str, actor: User, amount: Decimal | None) -> None:
    """Write down that a person agreed to an amount above the limit. Nothing for None."""
    if amount is not None:
        audit.record(
            audit.Verb.PRICE_CONFIRMED,
            actor=actor,
            workspace=task.workspace,
            subject=task,
            step=step,
            credits=f"{amount.normalize():f}",
        )


def change_limit(*, membership: Membership, confirm_above: Decimal) -> None:
    """Set the credits above which an order of the workspace is confirmed once more."""
    with transaction.atomic():
        Workspace.objects.filter(pk=membership.workspace_id).update(confirm_above=confirm_above)
        audit.record(
            audit.Verb.LIMIT_CHANGED,
            actor=membership.user,
            workspace=membership.workspace,
            subject=membership.workspace,
            confirm_above=f"{confirm_above.normalize():f}",
        )
