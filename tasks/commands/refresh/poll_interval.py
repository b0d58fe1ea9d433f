"""When TopView is asked about a call next, so that its end is seen within seconds."""

from __future__ import annotations

import random

from django.conf import settings

# The longest time between two polls, in seconds: a task may take a day.
LONGEST_INTERVAL = 60.0
# The share of a call's usual time by which the polls are apart while its end is near.
_CLOSE_SHARE = 0.01
# Its end is near from one share of its usual time to another.
_NEAR_FROM, _NEAR_UNTIL = 0.6, 1.5
# Age at which the interval of a young call has doubled, in seconds: what fails often fails early, and nobody
# knows yet whether the forecast is right.
_YOUNG_DOUBLES_AT = 30.0
# Seconds by which the interval grows for each second after the end should have come.
_GROWTH = 1 / 20


def interval(age: float, usual: float) -> float:
    """Seconds until the next poll of a call of this age that usually takes so long; never quite regular."""
    return wanted_interval(age, usual, shortest=settings.REFRESH_SECONDS) * random.uniform(0.85, 1.15)


def wanted_interval(age: float, usual: float, *, shortest: float) -> float:
    """The same before chance has its say: short for a young call and around the usual end, long elsewhere."""
    close = max(shortest, usual * _CLOSE_SHARE)
    near_from, near_until = usual * _NEAR_FROM, usual * _NEAR_UNTIL
    if age < near_from:
        # Half of the way: so the polls come closer as the end does.
        wanted = close + (near_from - age) / 2
    else:
        wanted = close + max(0.0, age - near_until) * _GROWTH
    young = shortest * (1 + age / _YOUNG_DOUBLES_AT)
    return min(max(shortest, min(wanted, young)), LONGEST_INTERVAL)
