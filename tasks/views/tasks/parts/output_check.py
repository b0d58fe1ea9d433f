"""Why a result that is saved could not be checked, in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tasks.media import Cause

_WORDS: dict[str, str | Promise] = {
    Cause.UNKNOWN: _("Its content is no format that the portal knows."),
    Cause.EMPTY: _("Neither a picture nor sound was found in it."),
    Cause.CUT_OFF: _("It ends before its own header says it does."),
    Cause.SHORT: _("A part of it is shorter than its own header says."),
    Cause.NO_DECODER: _("It is recorded in a way (a codec) that the portal cannot read."),
    Cause.DAMAGED: _("Reading it fails at some place."),
    Cause.TOO_SLOW: _("Checking it took longer than is allowed."),
    Cause.CRASHED: _("The check itself failed."),
    Cause.OTHER_ROLE: _("It is of another sort than was ordered, such as a picture instead of a video."),
    Cause.TOO_MANY_PIXELS: _("It has more pixels than the portal opens."),
}


def unchecked_words(unchecked_cause: str) -> str:
    """What is known of it; empty for a result that was checked."""
    return str(_WORDS.get(unchecked_cause, _("Why is not known."))) if unchecked_cause else ""
