"""Who is waited for, however people, names and rules change meanwhile."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from tasks.commands.refusals import NotPossible
from tasks.commands.review.comments import reply
from tasks.commands.review.rules import waiting_for
from tasks.commands.review.sending import recall
from tasks.models import (
    Comment,
    DecidedBy,
    Decision,
    Membership,
    Needed,
    ReviewStage,
    ReviewState,
    Role,
    Verdict,
    Version,
    VersionState,
    Visibility,
    Workspace,
)
from tests.people import make_alice, make_blob, make_member
from tests.reviewing import judge, make_version, say, send
from tests.views.rows import make_output, make_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def ruth(studio: Workspace) -> Membership:
    return make_member(studio, Role.REVIEWER, "Ruth")


def test_the_next_stage_is_asked_whoever_was_named_for_the_first(
    mark: Membership, rita: Membership, studio: Workspace
) -> None:
    alice = make_alice(studio)
    ReviewStage.objects.create(workspace=studio, position=0)
    ReviewStage.objects.create(workspace=studio, position=1, decided_by=DecidedBy.ADMINS)
    version = send(make_output(make_task(mark)), mark, reviewers=[rita.user])
    judge(version, rita)
    assert list(waiting_for(alice)) == [version]


@pytest.mark.parametrize("change", ["left", "demoted", "inactive"])
def test_others_are_asked_once_nobody_of_those_named_may_decide_any_more(
    change: str, mark: Membership, rita: Membership, ruth: Membership
) -> None:
    version = send(make_output(make_task(mark)), mark, reviewers=[rita.user])
    assert not waiting_for(ruth).exists()
    if change == "left":
        rita.delete()
    elif change == "demoted":
        Membership.objects.filter(pk=rita.pk).update(role=Role.MARKETER)
    else:
        rita.user.is_active = False
        rita.user.save()
    assert list(waiting_for(ruth)) == [version]


def test_naming_one_reviewer_does_not_make_one_of_them_all_of_them(
    mark: Membership, rita: Membership, ruth: Membership, studio: Workspace
) -> None:
    ReviewStage.objects.create(workspace=studio, needed=Needed.ALL)
    version = send(make_output(make_task(mark)), mark, reviewers=[rita.user])
    judge(version, rita)
    assert version.state == VersionState.OPEN
    assert list(waiting_for(ruth)) == [version]
    judge(version, ruth)
    assert version.state == VersionState.APPROVED


@pytest.mark.parametrize("change", ["left", "rule"])
def test_an_approval_can_be_repeated_once_nobody_else_is_waited_for(
    change: str, mark: Membership, rita: Membership, ruth: Membership, studio: Workspace
) -> None:
    ReviewStage.objects.create(workspace=studio, needed=Needed.ALL)
    version = make_version(mark)
    judge(version, rita)
    if change == "left":
        ruth.delete()
    else:
        ReviewStage.objects.update(needed=Needed.ONE)
    assert list(waiting_for(rita)) == [version]
    judge(version, rita)
    assert version.state == VersionState.APPROVED


def test_an_approval_of_bytes_that_were_replaced_since_can_be_withdrawn(
    mark: Membership, rita: Membership
) -> None:
    version = make_version(mark)
    judge(version, rita)
    version.output.blob = make_blob(mark.workspace, b"made anew", "video/mp4")
    version.output.save()
    judge(version, rita, Verdict.WITHDRAWN, "The price is wrong.")
    assert version.state == VersionState.WITHDRAWN


def test_whoever_approved_an_earlier_stage_can_withdraw(
    mark: Membership, rita: Membership, studio: Workspace
) -> None:
    alice = make_alice(studio)
    ReviewStage.objects.create(workspace=studio, position=0)
    ReviewStage.objects.create(workspace=studio, position=1, decided_by=DecidedBy.ADMINS)
    version = make_version(mark)
    judge(version, rita)
    judge(version, alice)
    judge(version, rita, Verdict.WITHDRAWN, "I looked at the wrong one.")
    assert version.state == VersionState.WITHDRAWN


def test_only_its_makers_and_admins_take_a_version_out_of_review(mark: Membership, studio: Workspace) -> None:
    max_, alice = make_member(studio, Role.MARKETER, "Max"), make_alice(studio)
    version = make_version(mark)
    with pytest.raises(NotPossible, match="whoever sent"):
        recall(version=version, membership=max_)
    assert recall(version=version, membership=alice)
    assert recall(version=make_version(mark), membership=mark)


def test_bytes_for_which_changes_were_requested_do_not_come_back(mark: Membership, rita: Membership) -> None:
    version = make_version(mark)
    judge(version, rita, Verdict.CHANGES)
    assert recall(version=version, membership=mark)
    with pytest.raises(NotPossible, match="Send a new version"):
        send(version.output, mark)
    version.output.blob = make_blob(mark.workspace, b"made anew", "video/mp4")
    version.output.save()
    assert send(version.output, mark).state == VersionState.OPEN


def test_a_decision_does_not_pass_to_another_person(mark: Membership, rita: Membership) -> None:
    decision = judge(make_version(mark), rita)
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(person=mark.user)


def test_a_reply_is_seen_by_no_more_people_than_the_comment_is_by_now(
    mark: Membership, rita: Membership
) -> None:
    version = make_version(mark)
    comment = say(version, rita, visibility=Visibility.EVERYONE)
    Comment.objects.filter(pk=comment.pk).update(visibility=Visibility.TEAM)
    answer = reply(
        parent=comment, membership=mark, comment_id=uuid4(), body="Yes.", visibility=Visibility.EVERYONE
    )
    assert answer.visibility == Visibility.TEAM


def test_of_a_piece_one_version_waits_for_a_decision_whichever_was_sent_last(
    mark: Membership, rita: Membership
) -> None:
    first = make_version(mark)
    second = make_version(mark, piece=first.piece)
    first.refresh_from_db()
    assert first.state == VersionState.SUPERSEDED
    send(first.output, mark)
    assert list(waiting_for(rita)) == [first]
    second.refresh_from_db()
    first.output.task.refresh_from_db()
    assert second.state == VersionState.SUPERSEDED
    assert first.output.task.review_state == ReviewState.OPEN


def test_the_database_knows_no_two_open_versions_of_a_piece(mark: Membership) -> None:
    first = make_version(mark)
    make_version(mark, piece=first.piece)
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.filter(pk=first.pk).update(state=VersionState.OPEN)
