"""What is written down and never changed, and the worker's signs of life."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone

from tasks.models.people import Workspace
from tasks.models.submissions import Submission

# By how much the clocks of two nodes may differ.
_LEASE_MARGIN = timedelta(minutes=1)


class Notice(models.Model):
    """A callback that TopView sent, kept as it came. It is a hint: the truth is what the query call says.

    Where nobody knows yet what became of its call, the task that it names is a claim.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="notices")
    uuid = models.CharField(max_length=120, blank=True)
    remote_id = models.CharField(max_length=120, blank=True)
    body = models.JSONField(default=dict)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "uuid", "remote_id"], name="notices_once")
        ]

    def __str__(self) -> str:
        return self.uuid


class Remark(models.Model):
    """Something about a submission that its history tells and that is no move: a copy that failed, a choice.

    `cause` is a word that the page turns into a sentence. Never changed afterwards.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="remarks")
    cause = models.CharField(max_length=40)
    detail = models.CharField(max_length=500, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.cause


class AuditEvent(models.Model):
    """A human act: who did what to which object. Append-only."""

    workspace = models.ForeignKey(Workspace, null=True, on_delete=models.SET_NULL)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    verb = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.verb


class HeartbeatQuerySet(models.QuerySet["Heartbeat"]):
    """Reads of signs of life."""

    def nodes(self) -> HeartbeatQuerySet:
        """Those of the workers themselves, one each."""
        return self.filter(name__startswith=Heartbeat.NODE)


class Heartbeat(models.Model):
    """The last sign of life of a part of the worker, where the web side can read it.

    Each worker node has its own ("worker:machine:pid"), others belong to whichever node does the work.
    """

    NODE = "worker:"
    SCHEDULER = "scheduler"
    REFRESH = "refresh"
    # What the mail server last did; `at` is when anything was tried.
    MAIL = "mail"
    # A canary's last arrival, by cluster.
    CANARY = "canary:"

    name = models.CharField(max_length=80, primary_key=True)
    at = models.DateTimeField()
    # What else it says of itself, such as the free bytes of its disk.
    facts = models.JSONField(default=dict, blank=True)

    objects = HeartbeatQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @classmethod
    def beat(cls, name: str, *, facts: dict[str, Any] | None = None) -> None:
        """Say that `name` is alive now."""
        cls.objects.update_or_create(name=name, defaults={"at": timezone.now(), "facts": facts or {}})

    @classmethod
    def age(cls, name: str) -> timedelta | None:
        """How long ago `name` last gave a sign; None when it never did."""
        at = cls.objects.filter(name=name).values_list("at", flat=True).first()
        return None if at is None else timezone.now() - at


class Lease(models.Model):
    """The right to be the only one doing something, until a time."""

    name = models.CharField(max_length=80, primary_key=True)
    holder = models.CharField(max_length=60)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} by {self.holder}"

    @classmethod
    def take(cls, name: str, holder: str, *, seconds: float) -> bool:
        """Take or renew the lease; False while somebody else holds it."""
        now = timezone.now()
        until = now + timedelta(seconds=seconds)
        # What ends later than any of them can was taken before the clock was set back.
        beyond = now + timedelta(seconds=2 * seconds) + _LEASE_MARGIN
        free = Q(holder=holder) | Q(until__lt=now) | Q(until__gt=beyond)
        if cls.objects.filter(free, name=name).update(holder=holder, until=until):
            return True
        if cls.objects.filter(name=name).exists():
            return False
        try:
            with transaction.atomic():
                cls.objects.create(name=name, holder=holder, until=until)
        except IntegrityError:
            return False
        return True

    @classmethod
    def held(cls, name: str, now: datetime, *, longest: float = 3600.0) -> bool:
        """Whether anybody holds it; one that ends later than any of `longest` seconds could is none."""
        beyond = now + timedelta(seconds=2 * longest) + _LEASE_MARGIN
        return cls.objects.filter(name=name, until__gte=now, until__lte=beyond).exists()

    @classmethod
    def give_back(cls, name: str, holder: str) -> None:
        """Let the next one have it at once."""
        cls.objects.filter(name=name, holder=holder).delete()
