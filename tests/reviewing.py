"""Versions of pieces: results that were made without a call, sent for review, and decided on."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tasks.commands.review.comments import Place, add_comment, reply
from tasks.commands.review.deciding import Seen, decide
from tasks.commands.review.sending import Request, send_for_review
from tasks.models import (
    Comment,
    Decision,
    FilmTiming,
    Membership,
    Output,
    Piece,
    Verdict,
    Version,
    Visibility,
)
from tests.views.rows import make_output, make_task


def send(output: Output, sender: Membership, *, piece: Piece | None = None, **request: Any) -> Version:
    """Send it for review; `request` is what a `Request` holds."""
    return send_for_review(output=output, membership=sender, request=Request(**request), piece=piece)


def make_version(owner: Membership, *, piece: Piece | None = None, **facts: Any) -> Version:
    """A result of a new task of the member, sent for review; `facts` are columns of the result."""
    return send(make_output(make_task(owner), **facts), owner, piece=piece)


def seen(version: Version) -> Seen:
    """The version as its page shows it now."""
    version.refresh_from_db()
    return Seen(version.blob.sha256, version.revision)


def judge(
    version: Version, person: Membership, verdict: Verdict = Verdict.APPROVED, reason: str = ""
) -> Decision:
    """Decide as somebody does who has just opened the page."""
    reason = reason or ("" if verdict is Verdict.APPROVED else "The logo is too small.")
    decided = decide(version=version, membership=person, verdict=verdict, reason=reason, seen=seen(version))
    version.refresh_from_db()
    return decided


def say(
    version: Version,
    person: Membership,
    body: str = "The logo is too small.",
    *,
    to: Comment | None = None,
    visibility: Visibility = Visibility.TEAM,
    **place: Any,
) -> Comment:
    """Comment on it, or answer the comment `to`; `place` is what a `Place` holds."""
    facts: dict[str, Any] = {
        "membership": person,
        "comment_id": uuid4(),
        "body": body,
        "visibility": visibility,
    }
    if to is not None:
        return reply(parent=to, **facts)
    return add_comment(version=version, place=Place(**place), **facts)


def know_frames(version: Version, *, frames: int = 96, rate: int = 24, per: int = 1, **facts: Any) -> None:
    """Have its film measured, so that comments can name frames."""
    FilmTiming.objects.create(
        blob=version.blob, frames=frames, rate_numerator=rate, rate_denominator=per, **facts
    )
