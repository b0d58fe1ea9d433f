"""Why an upload cannot be used, or not yet, in words for people: what failed, and the way out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from tasks.forms.library.media_checks import WORDS
from tasks.kinds.base.types import number_words
from tasks.media import Cause
from tasks.models import Upload, UploadState


def why_not_usable(upload: Upload) -> str:
    """One sentence or two; empty for an upload that may be used."""
    if upload.state == UploadState.REJECTED:
        return rejection_words(upload)
    return "" if upload.is_ready else state_words(upload)


def state_words(upload: Upload) -> str:
    """How far its examination is."""
    if upload.state == UploadState.STORED:
        return _("Waiting to be checked.")
    if upload.progress:
        return _("Being converted: %(done)s %%.") % {"done": upload.progress}
    return _("Being checked.")


def rejection_words(upload: Upload) -> str:
    """Why it was rejected, and what to do about that."""
    if upload.cause in _REASONS:
        return _REASONS[upload.cause](upload.cause_facts)
    return str(WORDS[Cause(upload.cause) if upload.cause in set(Cause) else Cause.DAMAGED])


def _pixels(facts: Mapping[str, Any]) -> str:
    words = _(
        "It has %(width)s × %(height)s pixels; at most %(allowed)s in all are allowed. Make it smaller."
    )
    return words % {name: number_words(facts.get(name, 0)) for name in ("width", "height", "allowed")}


def _seconds(facts: Mapping[str, Any]) -> str:
    words = _("It is %(came)s seconds long; at most %(allowed)s are allowed. Cut it shorter.")
    came, allowed = facts.get("came", 0), facts.get("allowed", 0)
    return words % {"came": number_words(came, 1), "allowed": number_words(allowed)}


def _missing(facts: Mapping[str, Any]) -> str:
    return _("The portal's storage does not have all of it. Bring the file again.")


def _gave_up(facts: Mapping[str, Any]) -> str:
    return _("The portal could not finish checking it. Export it again, as MP4, PNG or MP3, and bring that.")


_REASONS = {
    Cause.TOO_MANY_PIXELS: _pixels,
    "seconds": _seconds,
    "missing": _missing,
    "gave-up": _gave_up,
}
