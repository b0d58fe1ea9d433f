"""Who decides in a workspace, and in which order."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from tasks.models.people import Workspace


class DecidedBy(models.TextChoices):
    """Whose decision a stage waits for."""

    REVIEWERS = "reviewers", _("Reviewers and admins")
    ADMINS = "admins", _("Admins")
    MEMBERS = "members", _("Every member")
    # Whose link says that they may; an admin can always go on without them.
    GUESTS = "guests", _("Guests by a link, and admins")


class Needed(models.TextChoices):
    """How many of them must approve. Whoever asks for changes or rejects decides alone."""

    ONE = "one", _("One of them")
    ALL = "all", _("All of them")


class ReviewStage(models.Model):
    """One stage of a workspace's review. A workspace without any has the one that these defaults describe."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="review_stages")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=80, blank=True)
    decided_by = models.CharField(max_length=12, choices=DecidedBy.choices, default=DecidedBy.REVIEWERS)
    needed = models.CharField(max_length=4, choices=Needed.choices, default=Needed.ONE)
    allows_own_work = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "position"], name="stages_have_places"),
            # Who all guests are, nobody knows.
            models.CheckConstraint(
                condition=~models.Q(decided_by=DecidedBy.GUESTS) | models.Q(needed=Needed.ONE),
                name="one_guest_is_enough",
            ),
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name or str(self.position)
