"""Which check a file failed, and what to do about that, for whoever brought it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from tasks.media import Cause, MediaError, TooManyPixels, Undecodable

if TYPE_CHECKING:
    from tasks.text import StrOrPromise

WORDS: dict[Cause, StrOrPromise] = {
    Cause.UNKNOWN: _(
        "Its content is no picture, film or sound that the portal knows. "
        "Export it as MP4, JPG, PNG, MP3 or WAV."
    ),
    Cause.EMPTY: _("It holds neither a picture nor sound. Export it again with the picture switched on."),
    Cause.CUT_OFF: _(
        "The end of the file is missing: it was cut off while it was copied or saved. "
        "Copy it again from where it was made."
    ),
    Cause.SHORT: _(
        "It is shorter than it says it is: recording or exporting it stopped early. "
        "Export it again to the end."
    ),
    Cause.NO_DECODER: _(
        "It is recorded in a way (a codec) that the portal cannot read. Export it as MP4 with H.264 and AAC."
    ),
    Cause.DAMAGED: _(
        "A part of it is damaged: reading it fails there. "
        "Open it in the program that made it, and export it again."
    ),
    Cause.TOO_SLOW: _(
        "Checking it took too long. Export it shorter or smaller, for example as H.264 with 1080 lines."
    ),
    Cause.CRASHED: _(
        "Checking it failed, which may be the file's fault or ours. Try once more; then export it again."
    ),
    Cause.OTHER_ROLE: _("It is of another sort than was expected here."),
    Cause.TOO_MANY_PIXELS: _("It has too many pixels to be opened here. Make it smaller."),
}


def undecodable_words(error: MediaError) -> StrOrPromise:
    """One or two sentences for a file that could not be examined."""
    return WORDS[error.cause] if isinstance(error, Undecodable | TooManyPixels) else WORDS[Cause.CRASHED]
