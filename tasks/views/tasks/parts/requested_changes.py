"""What reviewers want of a task's results to be otherwise, beside the form of their next version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from tasks.commands.library.captions import spoken_sentences
from tasks.models import (
    ReviewState,
    Task,
    Verdict,
    Version,
    VersionState,
    commented_sentence,
    timeline_of,
)

_ANSWERED = (VersionState.RECALLED, VersionState.APPROVED)


@dataclass(frozen=True, slots=True)
class Wish:
    """A reason or a comment; `place` is when in the film, in words, `sentence` what of its script."""

    who: str
    text: str
    place: str
    url: str
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of the script, and whether a comment is about it."""

    text: str
    is_commented: bool


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked for, and the script with its commented sentences marked; empty where none is."""

    wishes: list[Wish]
    script: list[Line]


def requested_changes(source: Task | None) -> Wishes:
    """Reasons of decisions and open comments about its results, by version. No query for a task of none."""
    if source is None or source.review_state == ReviewState.NONE:
        return Wishes([], [])
    versions = Version.objects.filter(output__task=source).exclude(state__in=_ANSWERED)
    rows = versions.select_related("output__task", "blob__timing", "blob__player_media")
    wishes: list[Wish] = []
    script: list[Line] = []
    for version in rows.order_by("piece", "-number"):
        sentences = spoken_sentences(version)
        found = _of(version, sentences)
        wishes += found
        about = {wish.sentence for wish in found} - {""}
        if about and not script:
            script = [Line(text, text in about) for text in sentences]
    return Wishes(wishes, script)


def _of(version: Version, sentences: Sequence[str]) -> list[Wish]:
    page = reverse("review-page", args=[version.pk])
    decisions = version.decisions.filter(verdict__in=(Verdict.CHANGES, Verdict.REJECTED))
    comments = version.comments.filter(parent=None, resolved_at=None, deleted_at=None)
    timeline = timeline_of(version)
    return [
        *(Wish(one.person_name, one.reason, "", page) for one in decisions),
        *(
            Wish(
                who=one.writer,
                text=one.body,
                place="" if timeline is None or one.frame_in is None else timeline.words(one.frame_in),
                url=f"{page}?c={one.pk}#comment-{one.pk}",
                sentence=commented_sentence(one, sentences),
            )
            for one in comments.select_related("author", "guest")
        ),
    ]
