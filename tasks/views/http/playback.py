"""How a stored film or recording is played: as it is, by its preview, or not at all for now."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from tasks.models import Blob, Preview

# What some browsers play that others do not: they are offered the file itself before its preview.
_PLAYED_BY_SOME = ("hevc", "prores", "alac")


@dataclass(frozen=True, slots=True)
class Playback:
    """What a player may be given. Without sources there is none, and the page says why."""

    sources: tuple[str, ...]
    has_preview: bool = False
    is_coming: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether every usual browser plays the file itself."""
        return bool(self.sources) and not self.has_preview


def playback_of(blob: Blob | None, url: str, *, small_url: str = "") -> Playback:
    """`url` is where the file itself is played from; `small_url` where its preview is, for guests.

    Reads the blob's preview.
    """
    preview = preview_of(blob)
    if preview is None:
        return Playback((url,))
    if preview.blob_id is None:
        return Playback((), is_coming=preview.is_coming)
    small = small_url or reverse("preview-file", args=[preview.pk])
    first = (url,) if preview.codec in _PLAYED_BY_SOME else ()
    return Playback((*first, small), has_preview=True)


def preview_of(blob: Blob | None) -> Preview | None:
    """The preview that stands for a file; None for one that every usual browser plays."""
    preview: Preview | None = getattr(blob, "preview", None)
    return preview if preview is not None and preview.stands_in else None
