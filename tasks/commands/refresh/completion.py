"""What the end of a paid call changes elsewhere: the account's balance and log, catalogs it may add to."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from tasks import kinds
from tasks.commands.ledger.charges import ask_charges_after_task
from tasks.commands.runtime.queue import CHECK_CREDENTIAL, REFRESH_ONE_CATALOG, nudge
from tasks.models import Credential, Submission

# Many tasks may end together: the balance is asked for once in this time.
_BALANCE_AGE = timedelta(seconds=20)


def follow_up(submission: Submission) -> None:
    """Queue what should be read again at TopView now that the submission has ended."""
    credential = submission.task.credential
    step = kinds.step(submission.task.kind, submission.step)
    for catalog_name in step.adds_to(submission.task.brief):
        nudge(REFRESH_ONE_CATALOG, credential.pk, catalog_name)
    now = timezone.now()
    stale = Credential.objects.filter(pk=credential.pk).exclude(check_asked_at__gt=now - _BALANCE_AGE)
    if stale.update(check_asked_at=now):
        nudge(CHECK_CREDENTIAL, credential.pk)
    ask_charges_after_task(credential=credential)
