"""Times, lengths and amounts as people read them, cheap enough for a list of fifty rows."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MINUTE, HOUR, DAY = 60, 3600, 86_400


def exact(moment: datetime) -> str:
    """The moment in the person's time zone, to the minute; the same in every language."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def exact_second(moment: datetime) -> str:
    """The same to the second, where two moments are to be told apart."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}"


def time_of_day(moment: datetime) -> str:
    """Hour and minute in the person's time zone, for what is a matter of minutes."""
    return f"{timezone.localtime(moment):%H:%M}"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago that was, in one unit. The page's script keeps it true while the page is open."""
    seconds = (now - moment).total_seconds()
    if seconds < MINUTE:
        return _("just now")
    if seconds < HOUR:
        return _("%(count)d min. ago") % {"count": seconds // MINUTE}
    if seconds < DAY:
        return _("%(count)d hr. ago") % {"count": seconds // HOUR}
    days = int(seconds // DAY)
    if days < 14:
        return ngettext("yesterday", "%(count)d days ago", days) % {"count": days}
    return f"{timezone.localtime(moment):%Y-%m-%d}"


def lasting(seconds: float) -> str:
    """A stretch of time, rounded to what people care about: "40 sec", "5 min", "1 hr 10 min"."""
    if seconds < 90:
        return _("%(count)d sec") % {"count": max(1, round(seconds))}
    minutes = round(seconds / MINUTE)
    if minutes < 60:
        return _("%(count)d min") % {"count": minutes}
    hours, rest = divmod(minutes, 60)
    words = _("%(count)d hr") % {"count": hours}
    return f"{words} {_('%(count)d min') % {'count': rest}}" if rest else words


def credits_words(amount: Decimal) -> str:
    """An amount of credits without needless zeros: "12.5 credits"."""
    plain = amount.normalize()
    number = number_format(plain.quantize(Decimal(1)) if plain == plain.to_integral() else plain)
    return ngettext("%(count)s credit", "%(count)s credits", 1 if amount == 1 else 2) % {"count": number}
