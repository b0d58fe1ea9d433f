"""What must hold after every step, and what must hold when everything has come to rest."""

from __future__ import annotations

import hashlib
from collections import Counter
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from tasks import jobs
from tasks.causes import Code
from tasks.models import (
    ALLOWED,
    DEAD,
    Charge,
    Claim,
    ClaimOutcome,
    Output,
    OutputState,
    Status,
    Submission,
    Task,
)
from tests.commands.interleavings.world import World

# A call that TopView accepted may stand like this, and in no other way once all is at rest.
_ACCEPTED = (Status.SUCCEEDED, Status.FAILED, Status.UNKNOWN, Status.ABANDONED)
_AT_REST = (*_ACCEPTED, Status.REFUSED, Status.CANCELLED)


def always(world: World) -> None:
    """After every step."""
    each_call_was_accepted_once_at_most(world)
    an_answer_is_written(world)
    moves_follow_the_table()
    one_call_lives_for_each_step()
    summaries_are_true()
    saved_is_whole()
    the_unknown_says_why()
    who_follows_a_task_has_claimed_it()


def at_rest(world: World) -> None:
    """When the faults are over and everybody has done their work."""
    calls = {str(call.pk): call for call in world.calls()}
    assert {call.status for call in calls.values()} <= set(_AT_REST)
    for pk, remote_ids in world.accepted().items():
        call = calls[pk]
        assert call.status in _ACCEPTED, "paid, though the portal says that it was never accepted"
        assert call.remote_id in ("", *remote_ids)
    nothing_made_is_lost(world)
    ledgers_are_equal(world)
    assert world.portal.violations() == []


def each_call_was_accepted_once_at_most(world: World) -> None:
    assert all(len(ids) == 1 for ids in world.accepted().values()), "paid twice"


def an_answer_is_written(world: World) -> None:
    """However late: what a living worker was told stands in the row."""
    for pk, remote_id in world.heard.items():
        call = Submission.objects.get(pk=pk)
        assert call.remote_id, "an answer was lost"
        assert remote_id in (call.remote_id, call.second_remote_id)


def moves_follow_the_table() -> None:
    for call in Submission.objects.prefetch_related("transitions"):
        seen = ""
        # Remarks change no status, so they are no transitions of the table.
        for transition in call.transitions.all():
            if transition.from_status == transition.to_status:
                continue
            assert transition.from_status == seen
            assert not seen or Status(transition.to_status) in ALLOWED[Status(seen)]
            seen = transition.to_status
        assert call.status == seen


def one_call_lives_for_each_step() -> None:
    alive = Submission.objects.exclude(status__in=DEAD).exclude(is_second_charge=True)
    counted = Counter(alive.values_list("task", "step", "item"))
    assert not [key for key, count in counted.items() if count > 1]


def summaries_are_true() -> None:
    """Summing a task up once more changes nothing."""
    for task in Task.objects.all():
        with transaction.atomic():
            task.touch()
            assert Task.objects.get(pk=task.pk).status == task.status
            transaction.set_rollback(True)


def saved_is_whole() -> None:
    for output in Output.objects.filter(state=OutputState.SAVED).select_related("blob"):
        assert output.blob is not None
        with output.blob.file.open("rb") as file:
            content = file.read()
        assert hashlib.sha256(content).hexdigest() == output.blob.sha256


def who_follows_a_task_has_claimed_it() -> None:
    """And nobody else has."""
    following = Submission.objects.exclude(remote_id="").values_list("pk", "remote_id")
    claims = Claim.objects.filter(outcome=ClaimOutcome.FOLLOWED)
    assert set(following) == set(claims.values_list("submission", "remote_id"))
    for claim in claims.exclude(joins=None).select_related("submission", "joins__submission"):
        assert claim.joins is not None and claim.joins.outcome == ClaimOutcome.FOLLOWED
        assert claim.joins.remote_id == claim.remote_id
        assert claim.joins.submission.task_id == claim.submission.task_id


def the_unknown_says_why() -> None:
    assert not Submission.objects.filter(status=Status.UNKNOWN, reason=None).exists()


def nothing_made_is_lost(world: World) -> None:
    """Every file of a call that the portal follows was copied, unless a person did not want it.

    Or has had another film made of the same script before an address died: TopView keeps the newest alone.
    """
    for call in world.calls(Status.SUCCEEDED):
        if call.keeps_outputs:
            unsaved = call.outputs.exclude(state=OutputState.SAVED)
            assert [output for output in unsaved if not _has_successor(output)] == []
        assert call.outputs.count() + call.failed_parts >= call.expected_outputs
    for call in world.calls(Status.FAILED):
        # What failed here failed at TopView too.
        if call.remote_id and not call.outputs.exists():
            task = world.upstream.task_store.task(call.remote_id)
            assert task is not None and any(not job.outputs for job in task.jobs)


def _has_successor(output: Output) -> bool:
    """Whether TopView was asked for it again, gave a later film of its script, and that one was copied."""
    is_replaced = output.error is not None and output.error.code == Code.OUTPUT_REPLACED
    later = Output.objects.filter(task=output.task_id, created_at__gt=output.created_at)
    copied = later.filter(facts__script_id=output.facts.get("script_id"), state=OutputState.SAVED)
    return is_replaced and copied.exists()


def ledgers_are_equal(world: World) -> None:
    """Each of TopView's charges is known, beside the call it was for; no call says it cost anything else."""
    jobs.read_account(str(world.credential.pk))
    theirs = [
        Decimal(str(row["costCredit"]))
        for row in world.portal.result("GET", "/user/credit/logs?pageNo=1&pageSize=100")["data"]
    ]
    charges = Charge.objects.aggregate(sum=Sum("cost"))["sum"] or Decimal(0)
    assert charges == sum(theirs)
    followed = Submission.objects.exclude(remote_id="")
    ids = set(followed.values_list("remote_id", flat=True))
    assert not Charge.objects.filter(submission=None, remote_id__in=ids).exists()
    # Some products never tell what a task cost; those that do say what the log says.
    for call in followed.exclude(cost=None):
        charged = call.charges.aggregate(sum=Sum("cost"))["sum"] or Decimal(0)
        assert call.cost == charged, (call.step, call.status, call.cost, charged)
