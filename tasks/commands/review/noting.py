"""Writes down who saw a version, and who took its file."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tasks.models import Guest, User, Version, VersionAct, VersionEvent

# A page that is opened again and again is written down no more often.
_PAUSE = timedelta(minutes=10)


def note(act: VersionAct, *, version: Version, person: User) -> None:
    """That this person did it now. Costs one query where it was noted a moment ago."""
    _note(act, version, str(person), {"person": person})


def note_guest(act: VersionAct, *, version: Version, guest: Guest) -> None:
    """The same of a guest, for good: the events of links are forgotten after some months."""
    _note(act, version, guest.signature, {"guest": guest})


def _note(act: VersionAct, version: Version, name: str, who: dict[str, Any]) -> None:
    now = timezone.now()
    rows = VersionEvent.objects.filter(version=version, act=act, **who)
    last = rows.values_list("last_at", flat=True).first()
    if last is None:
        # Two pages opened at once write one row.
        row = VersionEvent(version=version, act=act, person_name=name, at=now, **who)
        VersionEvent.objects.bulk_create([row], ignore_conflicts=True)
    elif last < now - _PAUSE:
        rows.update(last_at=now)
