"""What people decide about a call whose outcome nobody knows: which task it is, or that it never arrived."""

from __future__ import annotations

from django.db import transaction

from tasks.audit import Verb, record_about_call
from tasks.causes import Cause, Code
from tasks.commands.evidence.candidates import dismiss
from tasks.commands.evidence.claims import drop, write_claim
from tasks.commands.evidence.following import refuse_taken
from tasks.models import CLAIMABLE, Candidate, Claim, ClaimOutcome, ClaimSource, Status, Submission, User


def give_task_id(*, submission: Submission, actor: User, remote_id: str) -> bool:
    """A person found the task at TopView: it is asked about there, and followed once TopView knows it.

    False for an empty id, and when the outcome is known by now. Raises FollowedElsewhere.
    """
    remote_id = remote_id.strip()[:200]
    return bool(remote_id) and _claim(submission, actor, remote_id, Verb.OUTCOME_GIVEN)


def _claim(submission: Submission, actor: User, remote_id: str, verb: Verb) -> bool:
    refuse_taken(submission, remote_id)
    with transaction.atomic():
        if submission.lock() not in CLAIMABLE:
            return False
        claim_by_person(submission=submission, actor=actor, remote_id=remote_id)
        record_about_call(verb, submission, actor, remote_id=remote_id)
    return True


def choose_candidate(*, candidate: Candidate, actor: User) -> bool:
    """A person says which of the tasks that fit it is: TopView is asked, and it is followed once known.

    False when the outcome is known by now. Raises FollowedElsewhere.
    """
    return _claim(candidate.submission, actor, candidate.remote_id, Verb.CANDIDATE_CHOSEN)


def claim_by_person(*, submission: Submission, actor: User, remote_id: str) -> None:
    """Note that a person says which task it is; the refresh asks TopView about it, and no other, at once.

    Must be in a transaction in which the submission is locked.
    """
    # What was claimed before, by people or by what fits, is not asked about any more.
    sources = (ClaimSource.PERSON, ClaimSource.TRACE)
    claims = Claim.objects.open().filter(submission=submission, source__in=sources)
    drop(claims.exclude(remote_id=remote_id))
    open_again = {"outcome": ClaimOutcome.OPEN, "settled_at": None, "asked_at": None}
    write_claim(submission, remote_id=remote_id, source=ClaimSource.PERSON, actor=actor, **open_again)
    attention = Cause.of(Code.CLAIM_ASKED, remote_id=remote_id)
    Submission.objects.filter(pk=submission.pk).update(attention=attention)
    submission.task.touch()


def dismiss_candidates(*, submission: Submission, actor: User) -> bool:
    """A person says that it is none of those found so far. False when there are none."""
    with transaction.atomic():
        count = dismiss(submission=submission)
        if count:
            record_about_call(Verb.CANDIDATES_DISMISSED, submission, actor, count=count)
    return bool(count)


def abandon(*, submission: Submission, actor: User, reason: str) -> bool:
    """A person is sure that it never arrived, and says why. Only then may the step be paid for again."""
    if submission.status != Status.UNKNOWN:
        return False
    with transaction.atomic():
        won = submission.advance(Status.ABANDONED, cause="abandoned", actor=actor, detail=reason, reason=None)
        if won:
            record_about_call(Verb.OUTCOME_ABANDONED, submission, actor, reason=reason[:500])
    return won
