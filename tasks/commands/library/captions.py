"""What is said in a result, and when: the captions of pages and deliveries."""

from __future__ import annotations

from tasks.kinds import KINDS
from tasks.media.captions import Cue, cues_of
from tasks.models import Blob, Output, PlayerMedia, Version


def cues_for(output: Output, blob: Blob | None) -> list[Cue]:
    """The sentences of the script by which a result was made, and about when each is spoken."""
    kind = KINDS.get(output.task.kind)
    made: PlayerMedia | None = getattr(blob, "player_media", None)
    words = kind.spoken_words(output.task.current_brief) if kind else ""
    if not words or not output.seconds or output.role not in ("video", "audio"):
        return []
    return cues_of(words, output.seconds, made.peaks if made else None)


def sentences_of(version: Version) -> list[str]:
    """Those of the script by which it was made, in order."""
    return [cue.text for cue in cues_for(version.output, version.blob)]
