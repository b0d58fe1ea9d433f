"""What is said for everyone about a version, and decided, as a guest sees it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.urls import reverse
from django.utils import timezone

from tasks.commands.review.rules import Obstacle, obstacle
from tasks.forms.guests.comment import GuestCommentForm
from tasks.forms.guests.decision import GuestDecisionForm
from tasks.guest_access import Right, Visit
from tasks.models import LONGEST_COMMENT, Comment, Timeline, Version, Visibility, timeline_of
from tasks.views.http.formatting import ago, exact

_POLL_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Item:
    """One comment as it is shown."""

    comment: Comment
    ago: str
    exact: str
    begin: str
    end: str
    # As the stage counts.
    marker: int | None
    marker_out: int | None
    is_mine: bool
    reply_id: UUID
    replies: Sequence[Item] = ()


def thread_of(visit: Visit, version: Version, refused: GuestCommentForm | None = None) -> dict[str, object]:
    """The part of the page about comments; with `refused`, what was not taken stands in the form again."""
    timeline = timeline_of(version)
    address = reverse("guest-thread", args=[visit.link.pk, version.pk])
    return {
        "items": _items(visit, version, timeline),
        "may_comment": visit.allows(Right.COMMENT),
        "comment_form": refused or GuestCommentForm(timeline=timeline, initial={"comment_id": uuid4()}),
        "counts_frames": timeline is not None and timeline.counts_frames,
        "longest": LONGEST_COMMENT,
        "poll_url": f"{address}?seen={version.revision}",
        "poll_seconds": _POLL_SECONDS,
    }


def decision_of(
    visit: Visit, version: Version, refused: GuestDecisionForm | None = None
) -> dict[str, object]:
    """The part of the page about the decision: the guest's own ones, and the form where they are asked."""
    guest = visit.guest
    why: Obstacle | None = Obstacle.ROLE
    if guest is not None and visit.allows(Right.DECIDE):
        why = obstacle(version, guest)
    seen = {"sha256": version.blob.sha256, "revision": version.revision}
    return {
        "may_decide": why is None,
        "is_own_work": why is Obstacle.OWN_WORK,
        "decision_form": refused or GuestDecisionForm(initial=seen),
        "own_decisions": version.decisions.filter(guest=guest) if guest else [],
    }


def _items(visit: Visit, version: Version, timeline: Timeline | None) -> list[Item]:
    rows = version.comments.filter(visibility=Visibility.EVERYONE, deleted_at=None)
    tops: list[Comment] = []
    replies: dict[UUID, list[Comment]] = defaultdict(list)
    for row in rows.select_related("author", "guest"):
        if row.parent_id is None:
            tops.append(row)
        else:
            replies[row.parent_id].append(row)
    now = timezone.now()

    def item(row: Comment) -> Item:
        first, last = row.frame_in, row.frame_out
        return Item(
            comment=row,
            ago=ago(row.created_at, now),
            exact=exact(row.created_at),
            begin=timeline.words(first) if timeline and first is not None else "",
            end=timeline.words(last) if timeline and last is not None else "",
            marker=first if timeline else None,
            marker_out=last if timeline else None,
            is_mine=visit.guest is not None and row.guest_id == visit.guest.pk,
            reply_id=uuid4(),
            replies=[item(one) for one in replies[row.pk]],
        )

    tops.sort(key=lambda row: (row.frame_in is None, row.frame_in or 0, row.created_at))
    return [item(row) for row in tops]
