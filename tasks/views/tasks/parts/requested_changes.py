"""What reviewers want of a task's results to be otherwise, beside the form of their next version."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from tasks.models import Comment, Decision, ReviewState, Task, Verdict, Version, VersionState, timeline_of

_ANSWERED = (VersionState.RECALLED, VersionState.APPROVED)


@dataclass(frozen=True, slots=True)
class Wish:
    """A reason or a comment; `place` is when in the film, in words."""

    who: str
    text: str
    place: str
    url: str


def requested_changes(source: Task | None) -> list[Wish]:
    """Reasons of decisions and open comments about its results, by version. No query for a task of none."""
    if source is None or source.review_state == ReviewState.NONE:
        return []
    versions = Version.objects.filter(output__task=source).exclude(state__in=_ANSWERED)
    versions = versions.select_related("output", "blob__timing").order_by("piece", "-number")
    return [wish for version in versions for wish in _of(version)]


def _of(version: Version) -> list[Wish]:
    page = reverse("review-page", args=[version.pk])
    decisions = version.decisions.filter(verdict__in=(Verdict.CHANGES, Verdict.REJECTED))
    comments = version.comments.filter(parent=None, resolved_at=None, deleted_at=None)
    return [
        *(_of_decision(one, page) for one in decisions),
        *(_of_comment(one, version, page) for one in comments.select_related("author", "guest")),
    ]


def _of_decision(decision: Decision, page: str) -> Wish:
    return Wish(decision.person_name, decision.reason, "", page)


def _of_comment(comment: Comment, version: Version, page: str) -> Wish:
    timeline = timeline_of(version)
    place = "" if timeline is None or comment.frame_in is None else timeline.words(comment.frame_in)
    return Wish(comment.writer, comment.body, place, f"{page}?c={comment.pk}#comment-{comment.pk}")
