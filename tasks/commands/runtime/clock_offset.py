"""Compares this process's clock with the one that all nodes share: the database's."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils import timezone

# Seconds by which clocks may differ: less changes nothing that people see.
TOLERANCE = 10.0


def has_clock() -> bool:
    """Whether the database has a clock of its own; SQLite reads this machine's."""
    return connection.vendor == "postgresql"


def seconds_ahead() -> float:
    """By how much this process's clock is ahead of the database's; 0.0 where that has none. One query."""
    if not has_clock():
        return 0.0
    before = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
    return (before + (timezone.now() - before) / 2 - theirs).total_seconds()
