"""What people say about versions, and who is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction

from tasks.commands.notifications.letters import write
from tasks.commands.refusals import NotPossible
from tasks.commands.review.comments import (
    add_comment,
    delete_comment,
    edit_comment,
    reopen_comment,
    reply,
    resolve_comment,
)
from tasks.models import AuditEvent, Comment, Mail, MailCause, Membership, Role, Version, Visibility
from tests.people import make_member, make_stranger
from tests.reviewing import judge, make_version, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(mark: Membership) -> Version:
    return make_version(mark)


def told(person: Membership) -> list[str]:
    return list(Mail.objects.filter(user=person.user).values_list("cause", flat=True))


def test_each_change_of_a_comment_makes_a_new_revision_of_the_version_and_keeps_it(
    version: Version, rita: Membership, mark: Membership
) -> None:
    comment = say(version, rita)
    made = [comment.revision]
    resolve_comment(comment=comment, membership=mark)
    reopen_comment(comment=comment, membership=mark)
    edit_comment(comment=comment, membership=rita, body="Larger.", visibility=Visibility.TEAM)
    say(version, mark, "Done.", to=comment)
    delete_comment(comment=comment, membership=rita)
    version.refresh_from_db()
    comment.refresh_from_db()
    assert version.revision == made[0] + 5 == comment.revision


def test_what_changes_nothing_makes_no_new_revision(version: Version, rita: Membership) -> None:
    comment = say(version, rita)
    reopen_comment(comment=comment, membership=rita)
    edit_comment(comment=comment, membership=rita, body=comment.body, visibility=Visibility.TEAM)
    version.refresh_from_db()
    assert version.revision == comment.revision


def test_the_same_form_sent_twice_writes_once(version: Version, rita: Membership) -> None:
    number = uuid4()
    for body in ("Larger.", "Larger, please."):
        add_comment(version=version, membership=rita, comment_id=number, body=body)
    comment = Comment.objects.get()
    for body in ("Why?", "Why, then?"):
        reply(parent=comment, membership=rita, comment_id=uuid4() if body == "Why?" else number, body=body)
    version.refresh_from_db()
    assert (Comment.objects.count(), comment.body, version.revision) == (2, "Larger.", comment.revision + 1)


@pytest.mark.parametrize("whose", ["another member's", "another version's", "another workspace's"])
def test_the_id_of_another_comment_is_refused_and_that_one_stays(
    whose: str, version: Version, mark: Membership, rita: Membership
) -> None:
    theirs = {
        "another member's": lambda: say(version, mark),
        "another version's": lambda: say(make_version(mark), rita),
        "another workspace's": lambda: say(make_version(stranger := make_stranger()), stranger),
    }[whose]()
    before = Comment.objects.values().get(pk=theirs.pk)
    with pytest.raises(NotPossible, match="in another place"):
        add_comment(version=version, membership=rita, comment_id=theirs.pk, body="Mine.")
    assert Comment.objects.values().get() == before


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_at_once_from_two_sides_writes_once(version: Version, rita: Membership) -> None:
    number = uuid4()

    def send(body: str) -> Comment:
        try:
            return add_comment(version=version, membership=rita, comment_id=number, body=body)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(send, ["One.", "Two.", "Three.", "Four."]))
    assert len({one.body for one in found}) == Comment.objects.count() == 1
    assert Mail.objects.filter(cause=MailCause.MENTIONED).count() == 0


def test_there_is_one_level_of_replies_and_the_database_keeps_them_without_a_place(
    version: Version, rita: Membership, mark: Membership
) -> None:
    comment = say(version, rita)
    answer = say(version, mark, "Done.", to=comment)
    with pytest.raises(NotPossible, match="Answer the comment above"):
        say(version, rita, "Thanks.", to=answer)
    with pytest.raises(NotPossible, match="settled with the comment above"):
        resolve_comment(comment=answer, membership=rita)
    resolved = {"resolved_at": answer.created_at}
    for facts in ({"frame_in": 3}, {"x": 1, "y": 1}, {"drawing": {"v": 1}}, resolved):
        with pytest.raises(IntegrityError), transaction.atomic():
            Comment.objects.filter(pk=answer.pk).update(**facts)


def test_a_deleted_comment_is_not_answered_edited_or_resolved(version: Version, rita: Membership) -> None:
    comment = say(version, rita, drawing={"v": 1, "strokes": []})
    delete_comment(comment=comment, membership=rita)
    for act in (
        lambda: say(version, rita, to=comment),
        lambda: edit_comment(comment=comment, membership=rita, body="x", visibility=Visibility.TEAM),
        lambda: resolve_comment(comment=comment, membership=rita),
        lambda: delete_comment(comment=comment, membership=rita),
    ):
        with pytest.raises(NotPossible, match="was deleted meanwhile"):
            act()
    comment.refresh_from_db()
    assert (comment.body, comment.drawing) == ("", None)
    assert AuditEvent.objects.filter(verb="comment-deleted", subject_id=str(comment.pk)).count() == 1


def test_nobody_changes_what_another_wrote(version: Version, rita: Membership, mark: Membership) -> None:
    comment = say(version, rita)
    with pytest.raises(NotPossible, match="whoever wrote"):
        edit_comment(comment=comment, membership=mark, body="x", visibility=Visibility.TEAM)
    with pytest.raises(NotPossible, match="whoever wrote"):
        delete_comment(comment=comment, membership=mark)


def test_what_was_decided_on_can_be_talked_about(version: Version, rita: Membership) -> None:
    judge(version, rita)
    assert say(version, rita).version.state == "approved"


def test_replies_are_seen_by_no_more_people_than_their_comment(version: Version, rita: Membership) -> None:
    everyone = Visibility.EVERYONE
    hidden = say(version, rita)
    assert say(version, rita, to=hidden, visibility=everyone).visibility == Visibility.TEAM
    shown = say(version, rita, visibility=everyone)
    answer = say(version, rita, to=shown, visibility=everyone)
    assert answer.visibility == everyone
    edit_comment(comment=shown, membership=rita, body=shown.body, visibility=Visibility.TEAM)
    answer.refresh_from_db()
    assert answer.visibility == Visibility.TEAM
    edit_comment(comment=answer, membership=rita, body="x", visibility=everyone)
    answer.refresh_from_db()
    assert answer.visibility == Visibility.TEAM


@pytest.mark.parametrize(
    "text", ["@Rita look", "see @rita.", "(@RITA)", "@{address}", "@{local}: here", "@Rita\nand @Rita again"]
)
def test_a_member_is_mentioned_by_name_or_address_and_told_once(
    text: str, version: Version, rita: Membership, mark: Membership
) -> None:
    address = rita.user.email
    comment = say(version, mark, text.format(address=address, local=address.partition("@")[0]))
    assert list(comment.mentions.all()) == [rita.user]
    assert told(rita) == [MailCause.MENTIONED] and "mentioned" not in told(mark)


@pytest.mark.parametrize("text", ["Rita", "mail@Rita", "@Ritas", "@ Rita", "@Stefan", "@"])
def test_other_text_mentions_nobody(text: str, version: Version, rita: Membership, mark: Membership) -> None:
    make_stranger()
    assert not say(version, mark, text).mentions.exists()


def test_the_longest_name_counts_and_a_first_name_that_one_has(version: Version, mark: Membership) -> None:
    anna = make_member(mark.workspace, Role.REVIEWER, "Anna")
    maria = make_member(mark.workspace, Role.REVIEWER, "Anna Maria")
    zoe = make_member(mark.workspace, Role.REVIEWER, "Zoë Łukasiewicz")
    assert list(say(version, mark, "@Anna Maria?").mentions.all()) == [maria.user]
    assert list(say(version, mark, "@Anna?").mentions.all()) == [anna.user]
    assert list(say(version, mark, "@zoë?").mentions.all()) == [zoe.user]


def test_an_edited_comment_tells_only_whom_it_mentions_anew(
    version: Version, rita: Membership, mark: Membership
) -> None:
    comment = say(version, mark, "@Rita look")
    olga = make_member(mark.workspace, Role.REVIEWER, "Olga")
    edit_comment(comment=comment, membership=mark, body="@Rita and @Olga", visibility=Visibility.TEAM)
    assert (told(rita), told(olga)) == ([MailCause.MENTIONED], [MailCause.MENTIONED])
    edit_comment(comment=comment, membership=mark, body="@Olga", visibility=Visibility.TEAM)
    assert list(comment.mentions.all()) == [olga.user]


def test_a_reply_tells_whoever_is_answered_unless_they_answer_themselves(
    version: Version, rita: Membership, mark: Membership
) -> None:
    comment = say(version, rita)
    say(version, rita, "One more thing.", to=comment)
    assert told(rita) == []
    answer = say(version, mark, "Done.", to=comment)
    edit_comment(comment=answer, membership=mark, body="Done!", visibility=Visibility.TEAM)
    assert told(rita) == [MailCause.REPLIED]
    say(version, mark, "@Rita, see?", to=comment)
    assert sorted(told(rita)) == [MailCause.MENTIONED, MailCause.REPLIED]


def test_the_letters_quote_the_comment_and_lead_to_it(
    version: Version, rita: Membership, mark: Membership
) -> None:
    comment = say(version, rita, "@Mark, the logo.")
    answer = say(version, mark, "It is larger now.", to=comment)
    mails = Mail.objects.filter(cause__in=["mentioned", "replied"]).order_by("created_at")
    letters = [write(one) for one in mails]
    assert [(letter.to[0], letter.subject.partition(": ")[2]) for letter in letters if letter] == [
        (mark.user.email, "You are mentioned in a comment"),
        (rita.user.email, "A reply to your comment"),
    ]
    for letter, one in zip(letters, (comment, answer), strict=True):
        assert letter and one.body in letter.body and f"#comment-{one.pk}" in letter.body
    delete_comment(comment=answer, membership=mark)
    Membership.objects.filter(pk=mark.pk).delete()
    assert [write(one) for one in mails] == [None, None], "of what is deleted, or to whoever has left"
    assert mail.outbox == []
