"""Signs of life of the worker's parts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone


class HeartbeatQuerySet(models.QuerySet["Heartbeat"]):
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
