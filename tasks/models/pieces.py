"""What is agreed on: pieces, their versions, and who was asked to look at them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tasks.models.files import Blob
from tasks.models.outputs import Output
from tasks.models.people import User, Workspace
from tasks.models.tasks import ReviewState, Task

LONGEST_NOTE = 2_000


class VersionState(models.TextChoices):
    """Where a version stands. Only an open one waits for a decision."""

    OPEN = "open", _("In review")
    CHANGES = "changes", _("Changes requested")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    # An approval that was taken back.
    WITHDRAWN = "withdrawn", _("Approval withdrawn")
    # Its maker took it out of review.
    RECALLED = "recalled", _("Taken out of review")
    # A newer version came before anybody decided.
    SUPERSEDED = "superseded", _("Superseded")


# Which changes exist. Approved bytes come back only after the approval was withdrawn.
ALLOWED_CHANGES: dict[VersionState, frozenset[VersionState]] = {
    VersionState.OPEN: frozenset(
        {
            VersionState.CHANGES,
            VersionState.APPROVED,
            VersionState.REJECTED,
            VersionState.RECALLED,
            VersionState.SUPERSEDED,
        }
    ),
    VersionState.APPROVED: frozenset({VersionState.WITHDRAWN}),
    VersionState.WITHDRAWN: frozenset({VersionState.OPEN}),
    VersionState.RECALLED: frozenset({VersionState.OPEN}),
    VersionState.SUPERSEDED: frozenset({VersionState.OPEN}),
    VersionState.CHANGES: frozenset({VersionState.RECALLED}),
    VersionState.REJECTED: frozenset(),
}


# Somebody has decided.
DECIDED = (VersionState.APPROVED, VersionState.CHANGES, VersionState.REJECTED, VersionState.WITHDRAWN)


def states_before(to: VersionState) -> tuple[VersionState, ...]:
    """Those from which a version can come into this one."""
    return tuple(state for state, after in ALLOWED_CHANGES.items() if to in after)


class Piece(models.Model):
    """One thing that is to be agreed on and delivered; its versions are attempts at it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="pieces")
    title = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-created_at", "-id"], name="piece_list")]

    def __str__(self) -> str:
        return self.title


class Version(models.Model):
    """A result that was sent for review. `blob` are the bytes that were sent: what is decided is about them.

    `revision` grows with every change that the review page shows, comments included. Only `advance` changes
    `state`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    piece = models.ForeignKey(Piece, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    output = models.OneToOneField(Output, on_delete=models.PROTECT, related_name="version")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="versions")
    # Of the task at the time of sending.
    brief_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=VersionState.choices, default=VersionState.OPEN)
    revision = models.PositiveIntegerField(default=1)
    # The place of the workspace's stage that it waits in, from 0.
    stage = models.PositiveSmallIntegerField(default=0)
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="sent_versions"
    )
    note = models.TextField(max_length=LONGEST_NOTE, blank=True)
    # The end of the day that the maker named; without one, what it is sorted by.
    due_on = models.DateField(null=True, blank=True)
    sort_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(default=timezone.now)
    # The revision with which it was sent last, or the rule changed: what was decided before counts no more.
    # Clocks of several machines would not tell.
    sent_revision = models.PositiveIntegerField(default=1)
    # When it came into the state in which it is.
    changed_at = models.DateTimeField(default=timezone.now)
    # Whoever was asked by name. Without any, it waits for everybody whom the stage lets decide.
    reviewers: models.ManyToManyField[User, Any] = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="versions_to_review", blank=True
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["piece", "number"], name="versions_are_counted"),
            models.UniqueConstraint(
                fields=["piece"], condition=models.Q(state="open"), name="one_open_version_of_a_piece"
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "state", "sort_at", "id"], name="version_inbox"),
            models.Index(fields=["workspace", "state", "-changed_at", "-id"], name="version_by_state"),
            models.Index(fields=["workspace", "-changed_at", "-id"], name="version_list"),
            models.Index(fields=["workspace", "sender", "-changed_at", "-id"], name="version_list_of_sender"),
        ]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.piece_id} v{self.number}"

    @property
    def is_replaced(self) -> bool:
        """Whether its result has other bytes by now than were sent. Reads the result."""
        return self.output.blob_id != self.blob_id

    @property
    def poster(self) -> Blob | None:
        """The picture of what was sent; None where the result's is one of other bytes."""
        return None if self.is_replaced else self.output.poster

    def touch(self) -> int:
        """Say that something visible changes, and which revision that makes.

        Holds the row until the transaction ends.
        """
        rows = Version.objects.filter(pk=self.pk)
        rows.update(revision=F("revision") + 1)
        self.revision = rows.values_list("revision", flat=True).get()
        return self.revision

    def lock(self) -> Version:
        """The row as it stands now, held until the transaction ends: whoever else decides about it waits."""
        return Version.objects.select_for_update(no_key=True).get(pk=self.pk)

    def advance(self, to: VersionState, **facts: Any) -> bool:
        """Move to `to` if nobody moved first; False when somebody did, and then nothing was written.

        `facts` are columns written in the same UPDATE. Raises ValueError when there is no such change.
        """
        if to not in ALLOWED_CHANGES[VersionState(self.state)]:
            raise ValueError(f"no change from {self.state} to {to}")
        now: datetime = timezone.now()
        rows = Version.objects.filter(pk=self.pk, state=self.state, stage=self.stage)
        if not rows.update(state=to, changed_at=now, revision=F("revision") + 1, **facts):
            return False
        for name, value in {"state": to, "changed_at": now, **facts}.items():
            setattr(self, name, value)
        return True


# The weightiest first: what a task's results wait for, then what is well.
_WEIGHT = (
    (VersionState.CHANGES, ReviewState.CHANGES),
    (VersionState.WITHDRAWN, ReviewState.WITHDRAWN),
    (VersionState.REJECTED, ReviewState.REJECTED),
    (VersionState.OPEN, ReviewState.OPEN),
    (VersionState.APPROVED, ReviewState.APPROVED),
)


def sum_up_review(piece_id: uuid.UUID) -> None:
    """Store how the results of a piece's tasks stand in review, and touch those for which that is new.

    Call it after the change, in its transaction.
    """
    tasks = Version.objects.filter(piece=piece_id).values("output__task")
    for task in Task.objects.filter(pk__in=tasks).order_by("pk"):
        found = _review_state(task.pk)
        if Task.objects.filter(pk=task.pk).exclude(review_state=found).update(review_state=found):
            task.touch()


def _review_state(task: uuid.UUID) -> ReviewState:
    # A version that has a newer one beside it was answered by that.
    newer = Version.objects.filter(piece=OuterRef("piece"), sent_at__gt=OuterRef("sent_at"))
    newer = newer.exclude(state__in=(VersionState.RECALLED, VersionState.SUPERSEDED))
    newest = Version.objects.filter(~Exists(newer), output__task=task)
    states = set(newest.values_list("state", flat=True))
    return next((word for state, word in _WEIGHT if state in states), ReviewState.NONE)
