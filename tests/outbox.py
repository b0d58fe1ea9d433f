"""Does what the worker does with mail, in the test's own thread."""

from __future__ import annotations

from django.utils import timezone
from django_q.models import OrmQ

from tasks import jobs
from tasks.commands.runtime.queue import SEND_MAIL, TELL_OF_CREDENTIAL, TELL_OF_LOSS
from tasks.models import Heartbeat, Mail, MailState

_JOBS = {
    SEND_MAIL: jobs.send_mail,
    TELL_OF_CREDENTIAL: jobs.tell_of_credential,
    TELL_OF_LOSS: jobs.tell_of_loss,
}


def deliver(*, times: int = 2) -> None:
    """Do every job in the queue that has to do with mail, twice: it may give a message to two workers."""
    for _round in range(100):
        messages = [one for one in OrmQ.objects.order_by("pk") if one.func() in _JOBS]
        if not messages:
            return
        for message in messages:
            for _time in range(times):
                _JOBS[message.func()](*message.task["args"])
            message.delete()
    raise AssertionError("mail jobs make mail jobs for ever")


def some_time_later() -> None:
    """As it is when every pause is over, and the schedule has run."""
    Heartbeat.objects.filter(name=Heartbeat.MAIL).update(facts={})
    Mail.objects.filter(state=MailState.WAITING).update(next_at=timezone.now(), lease_until=None)
    jobs.send_due_mail()
