"""Who may decide about what, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.db.models import F

from tasks.commands.notifications.letters import write
from tasks.commands.refusals import NotPossible
from tasks.commands.review.deciding import Outdated, ReasonMissing, decide
from tasks.commands.review.rules import waiting_for
from tasks.commands.review.sending import pieces_to_join, recall
from tasks.models import (
    DecidedBy,
    Decision,
    Mail,
    Membership,
    Needed,
    ReviewStage,
    ReviewState,
    Role,
    Verdict,
    VersionState,
    Workspace,
)
from tests.people import make_alice, make_blob, make_member
from tests.reviewing import judge, make_version, seen, send
from tests.views.rows import make_output, make_task

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("verdict", "state", "review_state", "wants"),
    [
        (Verdict.APPROVED, VersionState.APPROVED, ReviewState.APPROVED, False),
        (Verdict.CHANGES, VersionState.CHANGES, ReviewState.CHANGES, True),
        (Verdict.REJECTED, VersionState.REJECTED, ReviewState.REJECTED, False),
    ],
)
def test_a_decision_ends_the_review_and_stands_on_the_makers_task(
    verdict: Verdict,
    state: VersionState,
    review_state: ReviewState,
    wants: bool,
    mark: Membership,
    rita: Membership,
) -> None:
    version = make_version(mark)
    assert list(waiting_for(rita)) == [version]
    decision = judge(version, rita, verdict)
    task = version.output.task
    task.refresh_from_db()
    assert (version.state, task.review_state, task.needs_attention) == (state, review_state, wants)
    assert (decision.sha256, decision.brief_digest) == (version.blob.sha256, task.brief_digest)
    assert decision.person_name == "Rita" and decision.rule["decided_by"] == DecidedBy.REVIEWERS
    assert not waiting_for(rita).exists()


@pytest.mark.parametrize("verdict", [Verdict.CHANGES, Verdict.REJECTED, Verdict.WITHDRAWN])
def test_whoever_does_not_approve_says_why(verdict: Verdict, mark: Membership, rita: Membership) -> None:
    version = make_version(mark)
    with pytest.raises(ReasonMissing):
        decide(version=version, membership=rita, verdict=verdict, reason="", seen=seen(version))
    assert not Decision.objects.exists()


def test_the_maker_is_told_by_mail_and_nobody_about_their_own_decision(
    mark: Membership, rita: Membership
) -> None:
    version = make_version(mark)
    judge(version, rita, Verdict.CHANGES, "The logo hides the product.")
    letter = write(Mail.objects.get(cause="review-decided"))
    assert letter is not None and letter.to == [mark.user.email]
    assert "The logo hides the product." in letter.body and f"/review/{version.pk}/" in letter.body
    assert mail.outbox == []


def test_nobody_decides_about_their_own_work(mark: Membership, studio: Workspace) -> None:
    alice = make_alice(studio)
    version = make_version(alice)
    assert not waiting_for(alice).exists()
    with pytest.raises(NotPossible, match="own work"):
        judge(version, alice)
    ReviewStage.objects.create(workspace=studio, allows_own_work=True)
    assert list(waiting_for(alice)) == [version]
    assert judge(version, alice).is_own_work


def test_whoever_ordered_it_cannot_approve_what_a_colleague_sent(mark: Membership, studio: Workspace) -> None:
    alice = make_alice(studio)
    version = send(make_output(make_task(alice)), mark)
    with pytest.raises(NotPossible, match="own work"):
        judge(version, alice)


def test_a_marketer_decides_only_where_the_rule_asks_every_member(
    mark: Membership, studio: Workspace
) -> None:
    other = make_member(studio, Role.MARKETER, "Max")
    version = make_version(mark)
    with pytest.raises(NotPossible, match="others decide"):
        judge(version, other)
    assert not waiting_for(other).exists()
    ReviewStage.objects.create(workspace=studio, decided_by=DecidedBy.MEMBERS)
    assert list(waiting_for(other)) == [version]
    judge(version, other)
    assert version.state == VersionState.APPROVED


def test_a_comment_that_was_not_seen_stops_the_decision(mark: Membership, rita: Membership) -> None:
    version = make_version(mark)
    before = seen(version)
    version.touch()
    with pytest.raises(Outdated):
        decide(version=version, membership=rita, verdict=Verdict.APPROVED, reason="", seen=before)
    version.refresh_from_db()
    assert version.state == VersionState.OPEN and not Decision.objects.exists()


def test_other_bytes_than_were_sent_are_not_decided_on(mark: Membership, rita: Membership) -> None:
    version = make_version(mark)
    output = version.output
    output.blob = make_blob(mark.workspace, b"made anew", "image/png")
    output.save()
    with pytest.raises(Outdated):
        judge(version, rita)


def test_a_newer_version_takes_the_place_of_an_undecided_one_only(mark: Membership, rita: Membership) -> None:
    task = make_task(mark)
    first = send(make_output(task), mark)
    duplicate = make_task(mark)
    duplicate.version_of = task
    duplicate.save()
    other = make_output(duplicate)
    assert pieces_to_join(other) == [first.piece]
    second = send(other, mark, piece=first.piece)
    first.refresh_from_db()
    assert (second.number, first.state) == (2, VersionState.SUPERSEDED)
    judge(second, rita)
    third = make_version(mark, piece=first.piece)
    second.refresh_from_db()
    assert (third.number, second.state) == (3, VersionState.APPROVED)


def test_each_stage_is_asked_in_turn(mark: Membership, rita: Membership, studio: Workspace) -> None:
    alice = make_alice(studio)
    ReviewStage.objects.create(workspace=studio, position=0, name="Team")
    ReviewStage.objects.create(workspace=studio, position=1, name="Brand", decided_by=DecidedBy.ADMINS)
    version = make_version(mark)
    judge(version, rita)
    assert (version.state, version.stage) == (VersionState.OPEN, 1)
    assert not waiting_for(rita).exists() and list(waiting_for(alice)) == [version]
    with pytest.raises(NotPossible, match="others decide"):
        judge(version, rita)
    judge(version, alice)
    assert version.state == VersionState.APPROVED
    assert [one.rule["name"] for one in version.decisions.all()] == ["Team", "Brand"]


def test_where_all_are_needed_the_last_approval_counts(
    mark: Membership, rita: Membership, studio: Workspace
) -> None:
    ruth = make_member(studio, Role.REVIEWER, "Ruth")
    ReviewStage.objects.create(workspace=studio, needed=Needed.ALL)
    version = make_version(mark)
    judge(version, rita)
    assert version.state == VersionState.OPEN
    assert not waiting_for(rita).exists() and list(waiting_for(ruth)) == [version]
    with pytest.raises(NotPossible, match="already"):
        judge(version, rita)
    judge(version, ruth)
    assert version.state == VersionState.APPROVED


def test_those_asked_by_name_have_it_in_their_inbox_and_others_may_stand_in(
    mark: Membership, rita: Membership, studio: Workspace
) -> None:
    ruth = make_member(studio, Role.REVIEWER, "Ruth")
    version = send(make_output(make_task(mark)), mark, reviewers=[ruth.user, mark.user])
    assert list(version.reviewers.all()) == [ruth.user], "the maker cannot be asked"
    assert not waiting_for(rita).exists() and list(waiting_for(ruth)) == [version]
    judge(version, rita)
    assert version.state == VersionState.APPROVED


def test_an_approval_is_withdrawn_with_a_reason_by_whoever_gave_it(
    mark: Membership, rita: Membership, studio: Workspace
) -> None:
    ruth = make_member(studio, Role.REVIEWER, "Ruth")
    version = make_version(mark)
    judge(version, rita)
    with pytest.raises(NotPossible, match="Only whoever approved"):
        judge(version, ruth, Verdict.WITHDRAWN, "I do not like it.")
    judge(version, rita, Verdict.WITHDRAWN, "The price is wrong.")
    assert version.state == VersionState.WITHDRAWN
    again = send(version.output, mark)
    assert again == version and list(waiting_for(rita)) == [version]
    judge(version, rita)
    assert [one.verdict for one in version.decisions.all()] == ["approved", "withdrawn", "approved"]


def test_what_is_taken_out_waits_for_nobody_and_can_be_sent_again(mark: Membership, rita: Membership) -> None:
    version = make_version(mark)
    assert recall(version=version, membership=mark)
    assert not waiting_for(rita).exists()
    with pytest.raises(NotPossible):
        judge(version, rita)
    assert not recall(version=version, membership=mark)
    send(version.output, mark)
    assert list(waiting_for(rita)) == [version]


def test_a_decision_cannot_be_edited_by_anybody(mark: Membership, rita: Membership) -> None:
    version = make_version(mark)
    decision = judge(version, rita)
    with pytest.raises(TypeError):
        decision.save()
    for change in (
        {"verdict": "rejected", "reason": "Forged"},
        {"sha256": "0" * 64},
        {"stage": F("stage") + 1},
    ):
        with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
            Decision.objects.filter(pk=decision.pk).update(**change)
    rita.user.delete()
    decision.refresh_from_db()
    assert decision.person is None and decision.person_name == "Rita"


@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_once_one_counts(mark: Membership, rita: Membership, studio: Workspace) -> None:
    ruth = make_member(studio, Role.REVIEWER, "Ruth")
    version = make_version(mark)
    before = seen(version)

    def attempt(person: Membership, verdict: Verdict) -> Callable[[], bool]:
        def run() -> bool:
            try:
                decide(version=version, membership=person, verdict=verdict, reason="Because.", seen=before)
            except Outdated:
                return False
            finally:
                connection.close()
            return True

        return run

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(attempt(rita, Verdict.APPROVED)), pool.submit(attempt(ruth, Verdict.REJECTED))]
        won = [one.result(30) for one in both]
    assert sorted(won) == [False, True]
    assert Decision.objects.count() == 1
