"""Decisions about versions: approve, request changes, reject, and withdraw an approval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks.audit import Verb, record
from tasks.commands.notifications.outbox import post
from tasks.commands.refusals import NotPossible
from tasks.commands.review.rules import (
    Decider,
    Obstacle,
    Stage,
    is_own_work,
    obstacle,
    stage_of,
    stages_of,
    waits_for_others,
)
from tasks.models import (
    Decision,
    Guest,
    MailCause,
    Membership,
    Verdict,
    Version,
    VersionState,
    Visibility,
    sum_up_review,
)

_STATES = {
    Verdict.CHANGES: VersionState.CHANGES,
    Verdict.REJECTED: VersionState.REJECTED,
    Verdict.WITHDRAWN: VersionState.WITHDRAWN,
}


@dataclass(frozen=True)
class Seen:
    """What stood on the page of whoever decides: the bytes, and the version's revision."""

    sha256: str
    revision: int


class Outdated(NotPossible):
    """Something about the version is newer than what was seen, so nothing was decided."""

    def __init__(self) -> None:
        super().__init__(_("Something has changed since you opened this page, so nothing was decided."))


class ReasonMissing(NotPossible):
    """All but an approval need a reason."""


def decide(
    *, version: Version, membership: Membership, verdict: Verdict, reason: str, seen: Seen
) -> Decision:
    """Write the decision and move the version on, both or neither.

    Raises ReasonMissing, Outdated, or NotPossible when this member may not decide about it.
    """
    return _decide(version, membership, verdict, reason, seen)


def decide_as_guest(*, version: Version, guest: Guest, verdict: Verdict, reason: str, seen: Seen) -> Decision:
    """The same for somebody who came by a link that shows the version; they withdraw nothing."""
    if verdict is Verdict.WITHDRAWN:
        raise NotPossible(_("Only whoever approved it, or an admin, can withdraw the approval."))
    return _decide(version, guest, verdict, reason, seen)


def _decide(version: Version, who: Decider, verdict: Verdict, reason: str, seen: Seen) -> Decision:
    if verdict is not Verdict.APPROVED and not reason:
        raise ReasonMissing(_("Say why: whoever made it must know what to do."))
    with transaction.atomic():
        current = version.lock()
        if _is_newer(current, who, seen):
            raise Outdated
        # A result can be saved anew after it was sent: its task then shows other bytes than are decided on.
        # An approval can be taken back all the same.
        if verdict is not Verdict.WITHDRAWN and current.is_replaced:
            raise Outdated
        stages = stages_of(current.workspace_id)
        stage = stage_of(current, stages)
        if verdict is Verdict.WITHDRAWN and isinstance(who, Membership):
            _may_withdraw(current, who)
        elif why := obstacle(current, who, stage):
            _refuse(why)
        decision = _written(current, who, verdict, reason, stage)
        _move(current, verdict, stage, is_last=current.stage + 1 >= len(stages))
        _tell(decision, current)
        sum_up_review(current.piece_id)
    return decision


def may_withdraw(version: Version, membership: Membership) -> bool:
    """Whether this member may take the version's approval back: whoever gave one, and admins."""
    if version.state != VersionState.APPROVED:
        return False
    if membership.may_administer:
        return True
    return version.decisions.approving().filter(person=membership.user_id).exists()


def _may_withdraw(version: Version, membership: Membership) -> None:
    if version.state != VersionState.APPROVED:
        raise Outdated
    if not may_withdraw(version, membership):
        raise NotPossible(_("Only whoever approved it, or an admin, can withdraw the approval."))


def _is_newer(version: Version, who: Decider, seen: Seen) -> bool:
    """Whether it is not as they saw it. What the team says among itself, guests neither see nor wait for."""
    if not isinstance(who, Guest):
        return seen != Seen(version.blob.sha256, version.revision)
    if seen.sha256 != version.blob.sha256 or seen.revision > version.revision:
        return True
    said = version.comments.filter(visibility=Visibility.EVERYONE, revision__gt=seen.revision)
    return said.exists() or version.decisions.filter(revision__gt=seen.revision).exists()


def _refuse(why: Obstacle) -> NoReturn:
    raise NotPossible(
        {
            Obstacle.CLOSED: _("This version does not wait for a decision any more."),
            Obstacle.ROLE: _("In this stage others decide."),
            Obstacle.OWN_WORK: _("Nobody decides about their own work here."),
            Obstacle.DECIDED: _("You have approved it already; others are still waited for."),
        }[why]
    )


def _written(version: Version, who: Decider, verdict: Verdict, reason: str, stage: Stage) -> Decision:
    person, guest = (None, who) if isinstance(who, Guest) else (who.user, None)
    name = str(person) if guest is None else guest.signature
    facts = {"verdict": verdict} if guest is None else {"verdict": verdict, "guest": name}
    record(Verb.DECIDED, actor=person, workspace=version.workspace, subject=version, **facts)
    return Decision.objects.create(
        workspace_id=version.workspace_id,
        version=version,
        sha256=version.blob.sha256,
        brief_digest=version.brief_digest,
        verdict=verdict,
        reason=reason,
        person=person,
        guest=guest,
        person_name=name[:254],
        stage=version.stage,
        rule=_rule(stage, guest),
        is_own_work=is_own_work(version, who),
        revision=version.revision + 1,
        at=timezone.now(),
    )


def _rule(stage: Stage, guest: Guest | None) -> dict[str, str | bool]:
    """By which it was decided; of a guest also who made the link, since a maker may have."""
    if guest is None:
        return stage.snapshot
    return {**stage.snapshot, "link_made_by": str(guest.link.made_by or "")}


def _move(version: Version, verdict: Verdict, stage: Stage, *, is_last: bool) -> None:
    if verdict is not Verdict.APPROVED:
        moved = version.advance(_STATES[verdict])
    elif waits_for_others(version, stage):
        moved = bool(version.touch())
    elif not is_last:
        moved = _next_stage(version)
    else:
        moved = version.advance(VersionState.APPROVED)
    if not moved:
        raise Outdated


def _next_stage(version: Version) -> bool:
    rows = Version.objects.filter(pk=version.pk, state=VersionState.OPEN, stage=version.stage)
    if not rows.update(stage=version.stage + 1, revision=version.revision + 1):
        return False
    # Names were for the first stage.
    version.reviewers.clear()
    return True


def _tell(decision: Decision, version: Version) -> None:
    if decision.verdict == Verdict.APPROVED and version.state != VersionState.APPROVED:
        return  # others are still asked
    makers = {one for one in (version.sender, version.output.task.owner) if one and one != decision.person}
    for person in makers:
        post(
            MailCause.REVIEW_DECIDED,
            user=person,
            workspace=version.workspace,
            decision=str(decision.pk),
        )
