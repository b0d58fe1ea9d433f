"""Calls that TopView may have without our knowing its id for them, and the time in which each came there."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from tasks import kinds
from tasks.kinds.base import Step
from tasks.models import Candidate, Credential, Status, Submission

logger = logging.getLogger(__name__)

# TopView's clock and ours may differ by as much.
SKEW = timedelta(minutes=2)
# Nobody looks for a call that was given up when its time has been over for so long.
_GIVEN_UP = timedelta(days=7)


@dataclass(frozen=True)
class LostCall:
    """A call that TopView may have: it came there between two times, and is charged by the last."""

    call: Submission
    step: Step
    since: datetime
    sent_by: datetime
    charged_by: datetime

    @property
    def board_id(self) -> str:
        """The board on which it would stand; of a call that is on hold nobody knows what its body named."""
        is_on_hold = self.call.status == Status.QUEUED
        board = self.call.task.credential.board_id if is_on_hold else self.call.board_id
        return board if self.step.wire.board_media else ""

    @property
    def leaves_traces(self) -> bool:
        """Whether TopView would show it in a place where it is looked for."""
        is_logged = bool(self.step.pricing.credit_log_type) and not self.step.wire.shares_task
        return is_logged or bool(self.board_id)

    @property
    def may_be_followed(self) -> bool:
        """Whether the portal may follow by itself what fits this call alone: no person has decided yet.

        Not once a backup was restored: whatever was made since then is followed by nobody, and may fit.
        """
        return self.call.status == Status.UNKNOWN and self.call.quarantined_at is None


def lost_calls(credential: Credential) -> list[LostCall]:
    """All of an account, whichever workspace they are of: what fits two of them fits neither for certain.

    Among them those under way at this moment: TopView may have charged for one before we wrote its id down.
    """
    now = timezone.now()
    given_up = Q(status=Status.ABANDONED, settle_until__gt=now - _GIVEN_UP)
    on_hold = Q(status=Status.QUEUED, quarantined_at__isnull=False)
    open_ones = Q(status__in=(Status.UNKNOWN, Status.SUBMITTING)) | given_up | on_hold
    rows = Submission.objects.filter(
        open_ones, task__credential__service=credential.service, task__credential__uid=credential.uid
    )
    return list(_timed(rows.select_related("task__credential", "source__submission").order_by("created_at")))


def _timed(calls: Iterable[Submission]) -> Iterator[LostCall]:
    """The calls whose step still exists, each with the times between which it came to TopView."""
    for call in calls:
        step = kinds.find_step(call.task.kind, call.step)
        if step is None:
            logger.error("evidence.odd-call", extra={"submission": str(call.pk)})
            continue
        since = call.intent_at or call.created_at
        sent_by = since + timedelta(seconds=settings.TOPVIEW_SUBMIT_SECONDS)
        if call.quarantined_at is not None and call.intent_at in (None, call.created_at):
            # It may have been sent at any time from when it was ordered until the backup was restored. One
            # that was sent before the backup was made says when.
            since, sent_by = call.created_at, max(sent_by, call.quarantined_at)
        charged_by = call.settle_until or timezone.now() + SKEW
        yield LostCall(call, step, since - SKEW, sent_by + SKEW, charged_by + SKEW)


def may_have_been_sent(submission: Submission) -> list[Candidate]:
    """What TopView shows that may be this call: charges and board tasks that no call of the portal follows.

    For calls on hold after a backup was restored, and for those of unknown outcome. It is as new as the last
    reading of the account's log and board, which `search.search_account` does; what a person has said is not
    it, or not this portal's, is left out.
    """
    return list(_may_have_been_sent([submission]))


def _may_have_been_sent(calls: Iterable[Submission]) -> QuerySet[Candidate]:
    found = Candidate.objects.filter(submission__in=calls, dismissed_at=None)
    settled = Q(charge__set_aside_at__isnull=False) | Q(charge__submission__isnull=False)
    return found.exclude(settled).select_related("charge").order_by("seen_at", "pk")


@dataclass(frozen=True)
class Traces:
    """What TopView shows of a call on hold, and what it means when that is nothing."""

    found: list[Candidate]
    are_left: bool  # by a call of its sort, in a place that is read
    #: When the call was put on hold, and by when TopView would show one that was sent just before.
    quarantined_at: datetime
    shown_by: datetime
    account: Credential

    @property
    def is_looked_for(self) -> bool:
        """Whether it was looked for since it was put on hold."""
        return self.account.is_read_since(self.quarantined_at)

    @property
    def say_not_sent(self) -> bool:
        """Whether there would be a trace, had it been sent, and is none."""
        return self.are_left and self.account.is_read_since(self.shown_by) and not self.found


def traces_of(calls: Sequence[Submission]) -> list[Traces]:
    """The traces of each call on hold: a board shows them at once, the log perhaps only after the end."""
    found = defaultdict(list)
    for one in _may_have_been_sent(calls):
        found[one.submission_id].append(one)
    return [_traces(call, found[call.pk]) for call in calls]


def _traces(call: Submission, found: list[Candidate]) -> Traces:
    quarantined_at = call.quarantined_at or timezone.now()
    places = list(_timed([call]))
    is_on_board = any(lost.board_id for lost in places)
    return Traces(
        found=found,
        are_left=any(lost.leaves_traces for lost in places),
        quarantined_at=quarantined_at,
        shown_by=quarantined_at if is_on_board else call.evidence_until(),
        account=call.task.credential,
    )
