"""Warns of results that TopView will soon have deleted while no copy of them could be made here."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tasks.commands.notifications.outbox import tell_admins
from tasks.commands.runtime.queue import TELL_OF_LOSS, nudge
from tasks.models import MailCause, Output


def warn_of_loss(*, output: Output) -> None:
    """Have people told when this one may be lost soon, unless they were."""
    if Output.objects.at_risk(timezone.now()).filter(pk=output.pk, warned_at=None).exists():
        nudge(TELL_OF_LOSS, output.pk)


def warn_of_losses() -> None:
    """On schedule: the same for all, also for those that nobody has tried to save for a while."""
    untold = Output.objects.at_risk(timezone.now()).filter(warned_at=None)
    for pk in untold.values_list("pk", flat=True)[:100]:
        nudge(TELL_OF_LOSS, pk)


@transaction.atomic
def tell_of_loss(*, output_id: UUID) -> None:
    """Tell the admins and the task's owner of a result that may be lost; once, however often it is called."""
    rows = Output.objects.at_risk(timezone.now()).filter(pk=output_id, warned_at=None)
    output = rows.select_related("task__owner", "workspace").first()
    if output is None or not rows.update(warned_at=timezone.now()):
        return
    owner = output.task.owner
    tell_admins(MailCause.LOSS, workspace=output.workspace, also=owner, output=str(output.pk))
    output.task.touch()
