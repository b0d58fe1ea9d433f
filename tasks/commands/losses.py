"""Warns of results that TopView will soon have deleted while no copy of them could be made here."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from tasks.commands.queue import TELL_OF_LOSS, nudge
from tasks.commands.tell import tell_admins
from tasks.models import Output

_SUBJECT = gettext_lazy("A result may be lost")
_TEXT = gettext_lazy(
    "A result of the task “%(task)s” in the workspace “%(workspace)s” could not be saved so far, and TopView "
    "keeps it until %(until)s (UTC) only.\n%(error)s\n\nSee what stands in the way, then fetch it again on "
    "the task's page."
)


def warn_of_loss(*, output: Output) -> None:
    """Have people told when this one may be lost soon, unless they were."""
    if Output.objects.at_risk(timezone.now()).filter(pk=output.pk, warned_at=None).exists():
        nudge(TELL_OF_LOSS, output.pk)


def warn_of_losses() -> None:
    """On schedule: the same for all, also for those that nobody has tried to save for a while."""
    untold = Output.objects.at_risk(timezone.now()).filter(warned_at=None)
    for pk in untold.values_list("pk", flat=True)[:100]:
        nudge(TELL_OF_LOSS, pk)


def tell_of_loss(*, output_id: UUID) -> None:
    """Tell the admins and the task's owner of a result that may be lost; once, however often it is called."""
    rows = Output.objects.at_risk(timezone.now()).filter(pk=output_id, warned_at=None)
    output = rows.select_related("task__owner", "workspace").first()
    if output is None or not rows.update(warned_at=timezone.now()):
        return
    if _tell(output):
        with transaction.atomic():
            output.task.touch()
    else:
        # Nobody was reached: the next try to save it, or the schedule, tells once more.
        Output.objects.filter(pk=output.pk).update(warned_at=None)


def _tell(output: Output) -> bool:
    facts = {"task": output.task.title, "workspace": output.workspace.name, "error": output.error}
    text = _TEXT % {**facts, "until": f"{output.kept_until:%Y-%m-%d %H:%M}"}
    path = reverse("task-page", args=[output.task_id])
    owner = output.task.owner
    return tell_admins(workspace=output.workspace, subject=_SUBJECT, text=text, path=path, also=owner)
