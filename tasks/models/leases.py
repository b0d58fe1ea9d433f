"""What one process at a time may do."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone

# By how much the clocks of two nodes may differ.
_LEASE_MARGIN = timedelta(minutes=1)


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
