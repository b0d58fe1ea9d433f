"""Captions from a script: sentences, placed by their length, since nobody tells when each word is spoken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# A pause that is asked of the voice, and line breaks between paragraphs.
_BREAK = re.compile(r"<break\b[^>]*>", re.IGNORECASE)
# After the sign that ends a sentence, with what closes behind it; CJK has no space there.
_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+|(?<=[。！？])[」』”’）]*|\n+")
# What part of the loudest sound is silence still; shorter pauses, in seconds, stand within sentences.
_SILENCE, _SHORTEST_PAUSE = 0.06, 0.2


@dataclass(frozen=True, slots=True)
class Cue:
    """A sentence and when it is spoken, in seconds; about so."""

    start: float
    end: float
    text: str


def sentences_of(script: str) -> list[str]:
    """The script's sentences, without the pauses that are asked of the voice."""
    text = _BREAK.sub(" ", script)
    parts, at = [], 0
    for found in _END.finditer(text):
        parts.append(text[at : found.end()])
        at = found.end()
    return [" ".join(part.split()) for part in (*parts, text[at:]) if part.strip()]


def cues_of(script: str, seconds: float, peaks: Sequence[int] | None = None) -> list[Cue]:
    """Each sentence over its part of the time that is spoken.

    `peaks` are loudnesses at even distances over the whole length: with them nothing stands over silence,
    without them the whole length counts as spoken.
    """
    sentences = sentences_of(script)
    spoken = _spoken(peaks, seconds) if peaks else [(0.0, seconds)]
    total, length = sum(map(len, sentences)), sum(end - start for start, end in spoken)
    if not total or length <= 0:
        return []
    cues, done = [], 0
    for sentence in sentences:
        start = _at(spoken, length * done / total, is_end=False)
        done += len(sentence)
        cues.append(Cue(start, _at(spoken, length * done / total, is_end=True), sentence))
    return cues


def webvtt(cues: Iterable[Cue]) -> str:
    """As browsers read it. Signs with a meaning there are escaped."""
    blocks = ["WEBVTT\n"]
    for cue in cues:
        text = cue.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        blocks.append(f"{_clock(cue.start)} --> {_clock(cue.end)}\n{text}\n")
    return "\n".join(blocks)


def subrip(cues: Iterable[Cue]) -> str:
    """As editors and video platforms read it (SRT)."""
    blocks = []
    for number, cue in enumerate(cues, start=1):
        start, end = (_clock(moment).replace(".", ",") for moment in (cue.start, cue.end))
        blocks.append(f"{number}\n{start} --> {end}\n{cue.text}\n")
    return "\n".join(blocks)


def _clock(seconds: float) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def _spoken(peaks: Sequence[int], seconds: float) -> list[tuple[float, float]]:
    """The stretches with sound; pauses too short to be meant belong to them."""
    each, quiet = seconds / len(peaks), max(peaks) * _SILENCE
    found: list[tuple[float, float]] = []
    for place, peak in enumerate(peaks):
        start, end = place * each, (place + 1) * each
        if peak <= quiet:
            continue
        if found and start - found[-1][1] < _SHORTEST_PAUSE:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found or [(0.0, seconds)]


def _at(spoken: Sequence[tuple[float, float]], passed: float, *, is_end: bool) -> float:
    """The moment at which so many seconds were spoken; at a pause its beginning where a sentence ends."""
    for start, end in spoken:
        if passed < end - start or (is_end and passed <= end - start + 1e-6):
            return start + passed
        passed -= end - start
    return spoken[-1][1]
