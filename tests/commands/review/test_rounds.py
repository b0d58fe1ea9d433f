"""What counts as approved after versions were sent again, people left, and rules changed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tasks.commands.delivery.approval import approved
from tasks.commands.refusals import NotPossible
from tasks.commands.review.deciding import Outdated, Seen, decide, may_withdraw
from tasks.commands.review.rule_changes import change_rule
from tasks.commands.review.rules import waiting_for
from tasks.commands.review.sending import pieces_to_join, recall
from tasks.models import (
    DecidedBy,
    Membership,
    Needed,
    ReviewStage,
    ReviewState,
    Role,
    Task,
    Verdict,
    Version,
    VersionState,
    Workspace,
)
from tests.people import make_blob, make_member, make_workspace
from tests.reviewing import judge, make_version, seen, send
from tests.views.rows import make_output, make_task

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

TEAM = {"name": "Team", "decided_by": DecidedBy.REVIEWERS, "needed": Needed.ONE}
BRAND = {"name": "Brand", "decided_by": DecidedBy.ADMINS, "needed": Needed.ONE}


@pytest.fixture
def ruth(studio: Workspace) -> Membership:
    return make_member(studio, Role.REVIEWER, "Ruth")


def send_again(version: Version, mark: Membership, *, other_bytes: bool) -> None:
    assert recall(version=version, membership=mark)
    version.refresh_from_db()
    if other_bytes:
        version.output.blob = make_blob(mark.workspace, b"made anew", "video/mp4")
        version.output.save()
    send(version.output, mark)
    version.refresh_from_db()


@pytest.mark.parametrize("other_bytes", [False, True])
def test_an_approval_from_before_it_was_sent_again_counts_no_more(
    other_bytes: bool, mark: Membership, rita: Membership, ruth: Membership, studio: Workspace
) -> None:
    ReviewStage.objects.create(workspace=studio, needed=Needed.ALL)
    version = make_version(mark)
    judge(version, rita)
    send_again(version, mark, other_bytes=other_bytes)
    judge(version, ruth)
    assert version.state == VersionState.OPEN
    assert list(waiting_for(rita)) == [version]
    judge(version, rita)
    assert version.state == VersionState.APPROVED


def test_what_is_sent_again_begins_with_the_first_stage(
    mark: Membership, rita: Membership, alice: Membership, studio: Workspace
) -> None:
    change_rule(membership=alice, stages=[TEAM, BRAND])
    version = make_version(mark)
    judge(version, rita)
    assert version.stage == 1
    send_again(version, mark, other_bytes=False)
    assert version.stage == 0 and list(waiting_for(rita)) == [version]


def test_whoever_approved_before_it_was_sent_again_withdraws_nothing(
    mark: Membership, rita: Membership, ruth: Membership, studio: Workspace
) -> None:
    ReviewStage.objects.create(workspace=studio, needed=Needed.ALL)
    version = make_version(mark)
    judge(version, rita)
    ReviewStage.objects.update(needed=Needed.ONE)
    send_again(version, mark, other_bytes=False)
    judge(version, ruth)
    assert version.state == VersionState.APPROVED
    assert not may_withdraw(version, rita) and may_withdraw(version, ruth)


def test_clocks_of_two_machines_do_not_decide_whether_it_is_approved(
    mark: Membership, rita: Membership
) -> None:
    version = make_version(mark)
    Version.objects.filter(pk=version.pk).update(sent_at=timezone.now() + timedelta(minutes=5))
    judge(version, rita)
    assert list(approved(Version.objects.all())) == [version]
    assert may_withdraw(version, rita)
    judge(version, rita, Verdict.WITHDRAWN)
    assert not approved(Version.objects.all()).exists()


def test_a_changed_rule_asks_anew_from_its_first_stage(
    mark: Membership, rita: Membership, alice: Membership
) -> None:
    change_rule(membership=alice, stages=[TEAM, BRAND])
    version = make_version(mark)
    judge(version, rita)
    before = seen(version)
    change_rule(membership=alice, stages=[BRAND, {**TEAM, "name": "Final"}])
    assert list(waiting_for(alice)) == [version] and not waiting_for(rita).exists()
    with pytest.raises(NotPossible):
        judge(version, rita)
    with pytest.raises(Outdated):
        decide(version=version, membership=alice, verdict=Verdict.APPROVED, reason="", seen=before)
    judge(version, alice)
    judge(version, rita)
    assert version.state == VersionState.APPROVED
    assert [one.rule["name"] for one in version.decisions.all()] == ["Team", "Brand", "Final"]


def test_a_rule_that_is_saved_unchanged_asks_nobody_anew(
    mark: Membership, rita: Membership, alice: Membership
) -> None:
    change_rule(membership=alice, stages=[TEAM, BRAND])
    version = make_version(mark)
    judge(version, rita)
    change_rule(membership=alice, stages=[TEAM, BRAND])
    assert list(waiting_for(alice)) == [version]


@pytest.mark.parametrize("state", [Verdict.APPROVED, Verdict.CHANGES])
def test_a_task_says_how_the_version_stands_that_was_sent_last(
    state: Verdict, mark: Membership, rita: Membership
) -> None:
    first = make_version(mark)
    second = make_version(mark, piece=first.piece)
    judge(second, rita, state)
    send(first.output, mark)
    task = Task.objects.get(pk=first.output.task_id)
    assert task.review_state == ReviewState.OPEN
    judge(first, rita, Verdict.CHANGES)
    task.refresh_from_db()
    assert (task.review_state, task.needs_attention) == (ReviewState.CHANGES, True)


def test_what_is_taken_out_of_review_stands_on_the_task_no_more(mark: Membership) -> None:
    version = make_version(mark)
    assert recall(version=version, membership=mark)
    assert Task.objects.get(pk=version.output.task_id).review_state == ReviewState.NONE


def test_neither_sender_nor_owner_decides(
    mark: Membership, rita: Membership, alice: Membership, studio: Workspace
) -> None:
    boss = make_member(studio, Role.ADMIN, "Boss")
    version = send(make_output(make_task(boss)), alice)
    for maker in (alice, boss):
        assert not waiting_for(maker).exists()
        with pytest.raises(NotPossible, match="own work"):
            judge(version, maker)
    assert list(waiting_for(rita)) == [version]


def test_no_piece_of_another_workspace_is_joined(mark: Membership) -> None:
    other = make_member(make_workspace("Elsewhere"))
    theirs = make_version(other)
    mine = make_task(mark)
    Task.objects.filter(pk=mine.pk).update(version_of=theirs.output.task)
    assert pieces_to_join(make_output(Task.objects.get(pk=mine.pk))) == []


@pytest.mark.django_db(transaction=True)
def test_of_two_approvals_of_the_same_sight_the_second_has_seen_too_little(
    mark: Membership, rita: Membership, ruth: Membership, studio: Workspace
) -> None:
    ReviewStage.objects.create(workspace=studio, needed=Needed.ALL)
    version = make_version(mark)
    before = seen(version)

    def approve(person: Membership, sight: Seen) -> bool:
        try:
            decide(version=version, membership=person, verdict=Verdict.APPROVED, reason="", seen=sight)
        except Outdated:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        won = list(pool.map(approve, (rita, ruth), (before, before)))
    assert sorted(won) == [False, True]


def test_nobody_is_taken_for_the_last_because_its_makers_are_gone(
    mark: Membership, rita: Membership, ruth: Membership, studio: Workspace
) -> None:
    ReviewStage.objects.create(workspace=studio, needed=Needed.ALL)
    version = make_version(mark)
    mark.user.delete()
    judge(version, rita)
    assert not waiting_for(rita).exists() and list(waiting_for(ruth)) == [version]
    judge(version, ruth)
    assert version.state == VersionState.APPROVED
