"""What is said about a version, as its page shows it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.forms import Form
from django.http.request import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tasks.commands.library.captions import spoken_sentences
from tasks.commands.review.mentions import people_to_mention
from tasks.forms.review.comment import comment_form
from tasks.models import (
    LONGEST_COMMENT,
    Comment,
    Membership,
    Timeline,
    Version,
    Visibility,
    commented_sentence,
    timeline_of,
)
from tasks.views.http.formatting import ago, exact

# An answer without news costs one query.
POLL_SECONDS = 3
SHOWN = {"": _("All"), "open": _("Open"), "resolved": _("Resolved")}


@dataclass(frozen=True, slots=True)
class Refused:
    """A form that was not taken, and the comment that it changes or answers; None for a new one."""

    form: Form
    comment: UUID | None = None
    is_edit: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One comment as it is shown."""

    comment: Comment
    url: str
    ago: str
    exact: str
    # The words it is about, where the version's script has them still.
    sentence: str
    # When it begins and ends, in words, and as the stage counts.
    begin: str
    end: str
    marker: int | None
    marker_out: int | None
    label: str
    is_mine: bool
    is_chosen: bool
    # Of a reply, only where its comment is for everyone.
    may_be_for_everyone: bool
    # As they were not taken.
    edit_form: Form | None
    reply_form: Form | None
    reply_id: UUID
    replies: Sequence[Item] = ()


def comment_url(comment: Comment, timeline: Timeline | None) -> str:
    """The page of its version, at its place; `timeline` is the version's."""
    begin = (comment.parent or comment).frame_in
    query = {"f": begin} if timeline and begin is not None else {}
    page = reverse("review-page", args=[comment.version_id])
    return f"{page}?{urlencode({**query, 'c': comment.pk})}#comment-{comment.pk}"


def thread_context(
    version: Version, membership: Membership, asked: QueryDict, refused: Refused | None = None
) -> dict[str, object]:
    """The part of the page about comments. `asked` may name which are shown, and a chosen one."""
    rows = list(version.comments.select_related("author", "guest", "resolved_by"))
    show = asked.get("show", "")
    show = show if show in SHOWN else ""
    timeline = timeline_of(version)
    sentences = spoken_sentences(version)
    items = _Items(rows, membership, timeline, sentences, asked.get("c", ""), refused).shown(show)
    is_new = refused is not None and refused.comment is None
    live = reverse("review-thread", args=[version.pk])
    return {
        "items": items,
        "comment_count": sum(1 for row in rows if row.deleted_at is None),
        "open_count": sum(1 for row in rows if _is_open(row)),
        "show": show,
        "shown": SHOWN.items(),
        "visibilities": Visibility.choices,
        "people_json": json.dumps([str(one) for one in people_to_mention(membership.workspace)]),
        "longest": LONGEST_COMMENT,
        "counts_frames": timeline is not None and timeline.counts_frames,
        "comment_form": refused.form
        if refused and is_new
        else comment_form(version, initial={"comment_id": uuid4()}, sentences=sentences),
        "thread_url": live,
        "poll_url": f"{live}?{urlencode({'seen': version.revision, 'show': show})}",
        "poll_seconds": POLL_SECONDS,
    }


def _is_open(row: Comment) -> bool:
    return row.parent_id is None and row.deleted_at is None and row.resolved_at is None


class _Items:
    """Comments in the order of the film, those without a place after them; replies in that of time."""

    def __init__(
        self,
        rows: Iterable[Comment],
        membership: Membership,
        timeline: Timeline | None,
        sentences: Sequence[str],
        chosen: str,
        refused: Refused | None,
    ) -> None:
        self.now: datetime = timezone.now()
        self.me, self.timeline, self.chosen, self.refused = membership.user_id, timeline, chosen, refused
        self.sentences = sentences
        self.tops: list[Comment] = []
        self.replies: dict[UUID, list[Comment]] = defaultdict(list)
        by_id = {row.pk: row for row in rows}
        for row in by_id.values():
            if row.parent_id is None:
                self.tops.append(row)
            elif row.deleted_at is None:
                row.parent = by_id.get(row.parent_id)
                self.replies[row.parent_id].append(row)

    def shown(self, show: str) -> list[Item]:
        kept = [row for row in self.tops if row.deleted_at is None or self.replies[row.pk]]
        if show == "open":
            kept = [row for row in kept if row.resolved_at is None]
        elif show == "resolved":
            kept = [row for row in kept if row.resolved_at is not None]
        kept.sort(key=lambda row: (row.frame_in is None, row.frame_in or 0, row.created_at))
        return [self._item(row) for row in kept]

    def _item(self, row: Comment) -> Item:
        top = row.parent or row
        refused = self.refused if self.refused and self.refused.comment == row.pk else None
        return Item(
            comment=row,
            url=comment_url(row, self.timeline),
            ago=ago(row.created_at, self.now),
            exact=exact(row.created_at),
            sentence=commented_sentence(row, self.sentences),
            begin=self._words(row.frame_in),
            end=self._words(row.frame_out),
            marker=self._marker(row.frame_in),
            marker_out=self._marker(row.frame_out),
            label=f"{row.writer or _('a former member')}: {row.body[:80]}",
            is_mine=row.author_id == self.me,
            is_chosen=self.chosen in map(str, [row.pk, *(one.pk for one in self.replies[row.pk])]),
            may_be_for_everyone=top is row or top.is_for_everyone,
            edit_form=refused.form if refused and refused.is_edit else None,
            reply_form=refused.form if refused and not refused.is_edit else None,
            reply_id=uuid4(),
            replies=[self._item(one) for one in self.replies[row.pk]] if row.parent_id is None else (),
        )

    def _words(self, place: int | None) -> str:
        return self.timeline.words(place) if self.timeline and place is not None else ""

    def _marker(self, place: int | None) -> int | None:
        return place if self.timeline else None
