"""What pages say of calls that cannot be followed while TopView does not answer."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from tasks.commands.accounts.circuit_breaker import host_of
from tasks.models import CredentialState, Service, Status, Submission, Task
from tasks.views.frame.health_state import Silence
from tasks.views.frame.status_cache import condition_of
from tasks.views.http.formatting import time_of_day
from tasks.views.tasks.parts.alerts import Trouble

_FOLLOWED = (Status.RUNNING, Status.STOPPED)


def silence_of(task: Task) -> Silence | None:
    """The silence of the host on which a task is followed; none while it answers."""
    host = host_of(task.credential.service)
    silences = condition_of(task.workspace_id).signs.silences
    return next((silence for silence in silences if silence.host == host), None)


def silence_marks(workspace_id: UUID) -> list[tuple[str, int]]:
    """What changes when a host falls silent or answers again: no task's revision does."""
    silences = condition_of(workspace_id).signs.silences
    return [(silence.host, int(silence.since.timestamp())) for silence in silences]


def silence_boxes(task: Task, shown: list[Submission]) -> list[Trouble]:
    """A box where calls are under way that nobody can be asked about now."""
    silence = silence_of(task)
    is_asked = task.credential.state != CredentialState.DISABLED
    if silence is None or not is_asked or not any(call.status in _FOLLOWED for call in shown):
        return []
    texts = [
        _("It has not answered since %(time)s. The portal asks again every minute, or sooner.")
        % {"time": time_of_day(silence.since)},
        _("What it works on goes on there. Nothing of it is lost, and you need do nothing."),
    ]
    return [Trouble("warning", _("TopView does not answer at the moment"), [*texts])]


def silent_notes(workspace_id: UUID, task_ids: list[UUID]) -> dict[UUID, str]:
    """A few words for each of the tasks that cannot be followed now. One query, while a host is silent."""
    silences = {silence.host: silence for silence in condition_of(workspace_id).signs.silences}
    silent = {service: silences[host] for service in Service.values if (host := host_of(service)) in silences}
    if not silent:
        return {}
    calls = Submission.objects.filter(task__in=task_ids, status__in=_FOLLOWED)
    rows = calls.filter(task__credential__service__in=silent).exclude(
        task__credential__state=CredentialState.DISABLED
    )
    words = _("TopView has not answered since %(time)s")
    return {
        task_id: words % {"time": time_of_day(silent[service].since)}
        for task_id, service in rows.values_list("task_id", "task__credential__service")
    }
