"""Writes down who saw a version, and who took its file."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from tasks.models import User, Version, VersionAct, VersionEvent

# A page that is opened again and again is written down no more often.
_PAUSE = timedelta(minutes=10)


def note(act: VersionAct, *, version: Version, person: User) -> None:
    """That this person did it now. Costs one query where it was noted a moment ago."""
    now = timezone.now()
    rows = VersionEvent.objects.filter(version=version, act=act, person=person)
    last = rows.values_list("last_at", flat=True).first()
    if last is None:
        # Two pages opened at once write one row.
        row = VersionEvent(version=version, act=act, person=person, person_name=str(person), at=now)
        VersionEvent.objects.bulk_create([row], ignore_conflicts=True)
    elif last < now - _PAUSE:
        rows.update(last_at=now)
