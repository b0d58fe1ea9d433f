"""Hosts that do not answer, as every process should know it."""

from __future__ import annotations

from django.db import models


class Circuit(models.Model):
    """A circuit breaker for one host: after failures in a row nobody asks it until `open_until`.

    Then one caller at a time tries, until an answer closes it again.
    """

    host = models.CharField(max_length=255, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    trips = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True, blank=True)
    # When it last opened or closed: after an outage the pace rises slowly from here.
    changed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.host
