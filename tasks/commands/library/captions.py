"""What is said in a result, and when: the captions of pages and deliveries."""

from __future__ import annotations

from tasks.kinds import KINDS
from tasks.media.captions import Cue, cues_of, sentences_of
from tasks.models import Blob, Output, PlayerMedia, Version


def cues_for(output: Output, blob: Blob | None) -> list[Cue]:
    """The sentences of the script by which a result was made, and about when each is spoken."""
    made: PlayerMedia | None = getattr(blob, "player_media", None)
    script = _script_of(output)
    return cues_of(script, output.seconds or 0, made.peaks if made else None) if script else []


def spoken_sentences(version: Version) -> list[str]:
    """Those of the script by which it was made, in order: the words of its cues, without their times."""
    return sentences_of(_script_of(version.output))


def _script_of(output: Output) -> str:
    kind = KINDS.get(output.task.kind)
    if kind is None or not output.seconds or output.role not in ("video", "audio"):
        return ""
    return kind.spoken_words(output.task.current_brief)
