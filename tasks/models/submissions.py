"""The paid calls that tasks are made of, and how each changes its status."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from tasks import kinds
from tasks.causes import Cause
from tasks.kinds.base import UnusableBrief
from tasks.models.causes import CauseField
from tasks.models.claims import ClaimOutcome
from tasks.models.credentials import CredentialState, read_since
from tasks.models.people import User, Workspace
from tasks.models.tasks import Task
from tasks.models.transitions import ALLOWED, DEAD, IN_FLIGHT, WATCHED, Lateness, Status, Transition

# TopView writes a charge down some time after the task has ended: so long one may still appear.
LOG_MARGIN = timedelta(hours=1)
# Of a format that a release has taken away nobody knows how long it may take: the longest of all.
_LONGEST_DEADLINE = timedelta(hours=24)


class InvalidTransition(Exception):
    """A change of status that the table does not have: a fault of ours, never of the person or of TopView."""

    def __init__(self, submission: Submission, to: Status) -> None:
        super().__init__(f"{submission.pk}: {submission.status} cannot become {to}")


def new_token() -> str:
    """An unguessable word for the address at which TopView calls back about one submission."""
    return secrets.token_urlsafe(24)


def told(detail: str | Cause) -> dict[str, Any]:
    """The columns in which a row of the history holds what is said beside its own cause."""
    if isinstance(detail, Cause):
        return {"reason": detail}
    return {"detail": detail[:500]}


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def watched(self) -> SubmissionQuerySet:
        """Those that TopView works on, as far as its account can still be asked."""
        return self.filter(status__in=WATCHED).exclude(task__credential__state=CredentialState.DISABLED)

    def due(self, now: datetime) -> SubmissionQuerySet:
        """Those that TopView should be asked about now, the longest waiting first."""
        return self.watched().filter(next_at__lte=now).order_by("next_at")

    def forgotten(self, now: datetime) -> SubmissionQuerySet:
        """Queued ones whose turn has come, whether or not a message about them still exists."""
        rows = self.filter(status=Status.QUEUED, quarantined_at=None, next_at__lte=now)
        return rows.order_by("created_at")

    def quarantined(self) -> SubmissionQuerySet:
        """Queued ones that nobody claims until a person releases them, the longest waiting first."""
        return self.filter(status=Status.QUEUED, quarantined_at__isnull=False).order_by("created_at", "pk")

    def without_evidence(self, now: datetime) -> SubmissionQuerySet:
        """Lost calls for which none is expected any more.

        Their time is over, all that would show one was read whole since, and no task is named for them that
        TopView could not be asked about yet.
        """
        read = read_since("task__credential", F("settle_until"))
        over = self.filter(read, status=Status.UNKNOWN, settle_until__lte=now)
        return over.exclude(claims__outcome=ClaimOutcome.OPEN)

    def followed_ids(self, remote_ids: Iterable[str]) -> set[str]:
        """Which tasks at TopView some call follows, as its own or as a second one."""
        ids = set(remote_ids)
        rows = self.filter(Q(remote_id__in=ids) | Q(second_remote_id__in=ids))
        return {one for pair in rows.values_list("remote_id", "second_remote_id") for one in pair}

    def in_flight(self) -> dict[uuid.UUID, int]:
        """How many calls TopView is at work on, by credential.

        All credentials at once: asked for one, SQLite would walk through all tasks it ever had.
        """
        rows = self.filter(status__in=IN_FLIGHT).values_list("task__credential")
        return dict(rows.annotate(Count("pk")))

    def at_work(self) -> dict[uuid.UUID, dict[int | None, int]]:
        """How many calls of each person are prepared or at TopView, by credential."""
        rows = self.filter(status__in=(Status.PREPARING, *IN_FLIGHT))
        counted = rows.values_list("task__credential", "task__owner").annotate(Count("pk"))
        found: dict[uuid.UUID, dict[int | None, int]] = {}
        for credential, person, count in counted.order_by():
            found.setdefault(credential, {})[person] = count
        return found

    def queue(
        self, now: datetime, room: Mapping[uuid.UUID, int]
    ) -> dict[uuid.UUID, list[tuple[uuid.UUID, int | None]]]:
        """Queued calls whose time has come, and who wants them, by credential, the longest waiting first.

        Of each person as many as the roomiest credential takes, since no more of one can be next.
        """
        place = Window(
            RowNumber(), partition_by=["task__credential", "task__owner"], order_by=["created_at", "pk"]
        )
        rows = self.forgotten(now).filter(task__credential__in=room).annotate(place=place)
        first = rows.filter(place__lte=max(room.values(), default=0))
        found: dict[uuid.UUID, list[tuple[uuid.UUID, int | None]]] = {}
        for pk, credential, person in first.values_list("pk", "task__credential", "task__owner"):
            found.setdefault(credential, []).append((pk, person))
        return found

    def left_behind(self, now: datetime, *, longest: timedelta | None = None) -> SubmissionQuerySet:
        """Those whose worker died in the middle: their lease has run out.

        One that ends later than after the longest lease was written before the clock was set back.
        """
        over = Q(lease_until__lt=now)
        if longest is not None:
            over |= Q(lease_until__gt=now + longest)
        return self.filter(over, status__in=(Status.PREPARING, Status.SUBMITTING))


class Submission(models.Model):
    """One call that creates work at TopView, and so may cost credits. The state machine lives here.

    At most one live row exists per (task, step, item), second charges apart; `attempt` counts them.
    Only `advance` changes `status`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="submissions")
    step = models.CharField(max_length=40)
    item = models.CharField(max_length=140, blank=True)
    # The output this call works on, and what was asked for it beside the task's brief.
    source = models.ForeignKey(
        "tasks.Output", null=True, blank=True, on_delete=models.SET_NULL, related_name="continuations"
    )
    answers = models.JSONField(default=dict, blank=True)
    attempt = models.PositiveIntegerField(default=1)
    token = models.CharField(max_length=64, unique=True, default=new_token)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED)
    # Why it stands where it does, where that is not plain; what a person should know about it.
    reason = CauseField()
    attention = CauseField()
    error_code = models.CharField(max_length=20, blank=True)
    body_digest = models.CharField(max_length=64, blank=True)
    remote_id = models.CharField(max_length=200, blank=True)
    callback_uuid = models.CharField(max_length=120, blank=True)
    cost = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    expected_outputs = models.PositiveIntegerField(default=1)
    failed_parts = models.PositiveIntegerField(default=0)
    files_resent = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    intent_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # Set when TopView accepts: when such calls usually end, count as slow, and need attention.
    usual_at = models.DateTimeField(null=True, blank=True)
    slow_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    lateness = models.CharField(max_length=10, choices=Lateness.choices, blank=True)
    # Set when the outcome becomes unknown: until then evidence may come by itself.
    settle_until = models.DateTimeField(null=True, blank=True)
    # The board at TopView that its body named.
    board_id = models.CharField(max_length=120, blank=True)
    # A digest of TopView's last answer, empty before the first: an equal one changes nothing here.
    answer_digest = models.CharField(max_length=64, blank=True)
    # Since when the page says something that the last answer did not: an equal one then takes it back.
    answer_stale_since = models.DateTimeField(null=True, blank=True)
    # Since when TopView says that it has finished, but does not list every file yet.
    files_awaited_since = models.DateTimeField(null=True, blank=True)
    # False when a person stopped watching and wants nothing saved of it.
    keeps_outputs = models.BooleanField(default=True)
    # When the backup was restored in which it stood. While it is queued a person must release it; a call
    # that was at work then hands this on to those that follow it by themselves.
    quarantined_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(default=timezone.now)
    polls = models.PositiveIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    lease_holder = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    # Adopted by late evidence while a newer attempt was alive, so that both are paid.
    is_second_charge = models.BooleanField(default=False)
    # Another id that TopView gave for the same call, which may be another charge.
    second_remote_id = models.CharField(max_length=200, blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task", "step", "item"],
                condition=~Q(status__in=DEAD) & Q(is_second_charge=False),
                name="one_live_submission_per_step",
            ),
            models.UniqueConstraint(fields=["task", "step", "item", "attempt"], name="attempts_are_counted"),
        ]
        indexes = [
            models.Index(fields=["status", "next_at"], name="submission_due"),
            models.Index(fields=["remote_id"], name="submission_remote"),
            # Nearly all are empty. SQLite looks one up in the whole index, since what is asked is no literal;
            # PostgreSQL reads the few in the other.
            models.Index(fields=["second_remote_id"], name="submission_second_remote"),
            models.Index(
                fields=["id"], condition=~Q(second_remote_id=""), name="submission_has_second_remote"
            ),
            models.Index(
                fields=["workspace", "status", "created_at"],
                condition=Q(quarantined_at__isnull=False),
                name="submission_quarantined",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} #{self.attempt}"

    @property
    def asked(self) -> dict[str, Any]:
        """What its step is told: the task's brief, this call's own answers, and what it works on.

        Of the output it works on: its key as "item", TopView's id of the call that made it as "remote_id",
        of the file as "remote_file_id", and its facts as "item_facts"; as "earlier_facts" those of what other
        calls of the step have made of the same key.
        """
        asked = {**self.task.current_brief, **self.answers}
        if self.source is not None:
            made = self.task.outputs.filter(submission__step=self.step, identity=self.source.identity)
            asked |= {
                "item": self.source.identity,
                "remote_id": self.source.submission.remote_id,
                "remote_file_id": self.source.remote_file_id,
                "item_facts": self.source.facts,
                "earlier_facts": list(made.exclude(submission=self.pk).values_list("facts", flat=True)),
            }
        return asked

    @property
    def may_be_paid(self) -> bool:
        """Whether TopView accepted this call, or may have: starting it anew can then cost a second time."""
        if self.accepted_at is not None:
            return True
        return self.status in (*IN_FLIGHT, Status.SUCCEEDED, Status.ABANDONED)

    @property
    def was_never_accepted(self) -> bool:
        """Whether it ended before TopView took it: nothing was charged for it."""
        return self.accepted_at is None and self.status in (Status.REFUSED, Status.FAILED, Status.CANCELLED)

    @property
    def keeps_attention(self) -> bool:
        """Whether what it wants attention for is money, so that no later answer takes it back."""
        if self.is_second_charge or self.second_remote_id:
            return True
        return bool(self.attention) and self.claims.filter(outcome=ClaimOutcome.SECOND).exists()

    def lock(self) -> Status:
        """How it stands now, until the end of the transaction: whoever else decides about it waits."""
        rows = Submission.objects.select_for_update().filter(pk=self.pk)
        return Status(rows.values_list("status", flat=True).get())

    def advance(
        self,
        to: Status,
        *,
        cause: str,
        actor: User | None = None,
        detail: str | Cause = "",
        holder: str | None = None,
        **facts: Any,
    ) -> bool:
        """Move to `to` if nobody moved first; False when somebody did, and then nothing was written.

        `facts` are columns written in the same UPDATE. `detail` goes into the history: a cause, or what a
        person typed, or an id. `holder` demands that the lease is still held by it.
        Raises InvalidTransition when the table has no such change.
        """
        if to not in ALLOWED[Status(self.status)]:
            raise InvalidTransition(self, to)
        if to is Status.UNKNOWN:
            facts.setdefault("settle_until", self.evidence_until())
        with transaction.atomic():
            seen = Submission.objects.filter(pk=self.pk, status=self.status)
            if holder is not None:
                seen = seen.filter(lease_holder=holder)
            if not seen.update(status=to, **facts):
                return False
            self._record(to, cause=cause, actor=actor, detail=detail)
            self.task.touch()
        for name, value in {"status": to, **facts}.items():
            setattr(self, name, value)
        return True

    def evidence_until(self) -> datetime:
        """Until when evidence of a lost call may come by itself, from what is known now.

        One that was on hold may have been sent at any time before the backup was restored.
        """
        since = self.quarantined_at or self.intent_at or timezone.now()
        try:
            step = kinds.step(self.task.kind, self.step)
            deadline = timedelta(seconds=step.deadline(self.asked))
        except (LookupError, UnusableBrief):
            deadline = _LONGEST_DEADLINE
        return since + deadline + LOG_MARGIN

    def _record(self, to: Status, *, cause: str, actor: User | None, detail: str | Cause) -> None:
        Transition.objects.create(
            workspace_id=self.workspace_id,
            submission=self,
            from_status=self.status,
            to_status=to,
            cause=cause,
            **told(detail),
            actor=actor,
        )
