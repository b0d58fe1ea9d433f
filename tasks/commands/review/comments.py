"""What people say about versions: comments, one level of replies, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks.audit import Verb, record
from tasks.commands.notifications.outbox import post
from tasks.commands.refusals import NotPossible
from tasks.commands.review.mentions import mentioned
from tasks.models import Comment, Guest, MailCause, Membership, User, Version, Visibility, Workspace


@dataclass(frozen=True)
class Place:
    """What a comment is about: frames (of a sound hundredths of a second), a point, a drawing, a sentence."""

    frame_in: int | None = None
    frame_out: int | None = None
    x: int | None = None
    y: int | None = None
    drawing: dict[str, Any] | None = None
    # Of the script, from 0, with the digest of its words.
    sentence: int | None = None
    sentence_digest: str = ""


def add_comment(
    *,
    version: Version,
    membership: Membership,
    comment_id: UUID,
    body: str,
    place: Place | None = None,
    visibility: Visibility = Visibility.TEAM,
) -> Comment:
    """Say something about a version, whatever was decided on it. The same id writes once.

    Raises NotPossible when the id is another comment's.
    """
    facts = {**vars(place or Place()), "visibility": visibility}
    return _written(comment_id, version, membership, body, None, facts)


def add_guest_comment(
    *,
    version: Version,
    guest: Guest,
    comment_id: UUID,
    body: str,
    place: Place | None = None,
    parent: Comment | None = None,
) -> Comment:
    """What a guest says, or answers to a comment that guests see: everyone sees it. The same id writes once.

    Whoever calls has found that the guest's link allows it. Raises NotPossible as those of members do.
    """
    facts = {**vars(place or Place()), "visibility": Visibility.EVERYONE}
    return _written(comment_id, version, guest, body, parent, facts)


def reply(
    *,
    parent: Comment,
    membership: Membership,
    comment_id: UUID,
    body: str,
    visibility: Visibility = Visibility.TEAM,
) -> Comment:
    """Answer a comment; guests see the answer to none but what they see. The same id writes once.

    Raises NotPossible for a reply to a reply, for one to a comment that is deleted, or another comment's id.
    """
    return _written(comment_id, parent.version, membership, body, parent, {"visibility": visibility})


def _written(
    comment_id: UUID,
    version: Version,
    writer: Membership | Guest,
    body: str,
    parent: Comment | None,
    facts: dict[str, Any],
) -> Comment:
    author, guest = (None, writer) if isinstance(writer, Guest) else (writer.user, None)
    other = NotPossible(_("This was sent before in another place. Open the page anew and send it again."))
    try:
        with transaction.atomic():
            # Held until the end: whoever sends the same at the same time waits, and finds it.
            version.lock()
            known = Comment.objects.filter(pk=comment_id).first()
            if known is not None:
                if (known.version_id, known.author, known.guest) != (version.pk, author, guest):
                    raise other
                return known
            if parent is not None:
                facts = facts | {
                    "visibility": _seen_by(parent, facts["visibility"], is_guest=guest is not None)
                }
            comment = Comment.objects.create(
                pk=comment_id,
                workspace_id=version.workspace_id,
                version=version,
                author=author,
                guest=guest,
                body=body,
                parent=parent,
                revision=version.touch(),
                **facts,
            )
            _tell(comment, version.workspace, author)
    except IntegrityError:
        raise other from None
    return comment


def _seen_by(parent: Comment, visibility: str, *, is_guest: bool) -> str:
    """Who sees an answer, as the comment above it stands now. Raises NotPossible where it takes none."""
    if parent.parent_id is not None:
        raise NotPossible(_("Replies are not answered one by one. Answer the comment above them."))
    above = Comment.objects.filter(pk=parent.pk, deleted_at=None).first()
    if above is None or (is_guest and not above.is_for_everyone):
        raise NotPossible(_("This comment was deleted meanwhile."))
    return visibility if above.is_for_everyone else Visibility.TEAM


def edit_comment(*, comment: Comment, membership: Membership, body: str, visibility: Visibility) -> None:
    """Change the words of an own comment, and who sees it; its replies are seen by no more people.

    Raises NotPossible for another's, or a deleted one.
    """
    with transaction.atomic():
        current = _own(comment, membership)
        parent = current.parent
        if parent is not None and parent.visibility == Visibility.TEAM:
            visibility = Visibility.TEAM
        if (current.body, current.visibility) == (body, visibility):
            return
        if current.body != body:
            current.edited_at = timezone.now()
        current.body, current.visibility = body, visibility
        _save(current, "body", "visibility", "edited_at")
        if visibility == Visibility.TEAM:
            current.replies.update(visibility=visibility)
        _tell(current, membership.workspace, membership.user, set(current.mentions.all()))


def delete_comment(*, comment: Comment, membership: Membership) -> None:
    """Take an own comment's words away; it keeps its place while it has replies.

    Raises NotPossible for another's, or a deleted one.
    """
    with transaction.atomic():
        current = _own(comment, membership)
        current.body, current.drawing, current.deleted_at = "", None, timezone.now()
        _save(current, "body", "drawing", "deleted_at")
        current.mentions.clear()
        facts = {"version": str(current.version_id)}
        record(
            Verb.COMMENT_DELETED,
            actor=membership.user,
            workspace=membership.workspace,
            subject=current,
            **facts,
        )


def resolve_comment(*, comment: Comment, membership: Membership) -> None:
    """Say that what a comment asks for is done. Raises NotPossible for a reply, or a deleted one."""
    _settle(comment, membership.user)


def reopen_comment(*, comment: Comment, membership: Membership) -> None:
    """Say that it is not done after all. Raises NotPossible for a reply, or a deleted one."""
    _settle(comment, None)


def _settle(comment: Comment, by: User | None) -> None:
    if comment.parent_id is not None:
        raise NotPossible(_("Replies are settled with the comment above them."))
    with transaction.atomic():
        current = _current(comment)
        if (current.resolved_at is not None) == (by is not None):
            return
        current.resolved_at, current.resolved_by = timezone.now() if by else None, by
        _save(current, "resolved_at", "resolved_by")


def _own(comment: Comment, membership: Membership) -> Comment:
    if comment.author_id != membership.user_id:
        raise NotPossible(_("Only whoever wrote a comment changes it."))
    return _current(comment)


def _current(comment: Comment) -> Comment:
    """As it stands now; its version is held until the transaction ends."""
    comment.version.lock()
    rows = Comment.objects.filter(pk=comment.pk, deleted_at=None)
    current = rows.select_related("parent", "version").first()
    if current is None:
        raise NotPossible(_("This comment was deleted meanwhile."))
    return current


def _save(comment: Comment, *columns: str) -> None:
    comment.revision = comment.version.touch()
    comment.save(update_fields=[*columns, "revision"])


def _tell(comment: Comment, workspace: Workspace, writer: User | None, told: set[User] | None = None) -> None:
    """Store whom it mentions and tell them; of a new one, without `told`, whoever is answered, too.

    Nobody is told of their own. A guest, who has no `writer`, mentions nobody: they know no members.
    """
    people = mentioned(comment.body, workspace) if writer else []
    comment.mentions.set(people)
    causes = dict.fromkeys(set(people) - (told or set()), MailCause.MENTIONED)
    answered = comment.parent.author if comment.parent and told is None else None
    if answered:
        causes.setdefault(answered, MailCause.REPLIED)
    if writer:
        causes.pop(writer, None)
    for person, cause in causes.items():
        post(cause, user=person, workspace=workspace, comment=str(comment.pk))
