"""Who may decide about a version: the one place that knows, for pages, inboxes and decisions alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from tasks.models import (
    DecidedBy,
    Decision,
    Guest,
    Membership,
    Needed,
    ReviewStage,
    Role,
    Task,
    User,
    Version,
    VersionState,
)

_ROLES = {
    DecidedBy.REVIEWERS: (Role.REVIEWER, Role.ADMIN),
    DecidedBy.ADMINS: (Role.ADMIN,),
    DecidedBy.MEMBERS: tuple(Role),
    DecidedBy.GUESTS: (Role.ADMIN,),
}


@dataclass(frozen=True)
class Stage:
    """One stage of a workspace's rule; the defaults are the rule of a workspace that has made none."""

    position: int = 0
    name: str = ""
    decided_by: DecidedBy = DecidedBy.REVIEWERS
    needed: Needed = Needed.ONE
    allows_own_work: bool = False

    @property
    def roles(self) -> tuple[Role, ...]:
        return _ROLES[self.decided_by]

    @property
    def snapshot(self) -> dict[str, str | bool]:
        """The rule as a decision keeps it."""
        return {
            "name": self.name,
            "decided_by": self.decided_by.value,
            "needed": self.needed.value,
            "allows_own_work": self.allows_own_work,
        }


class Obstacle(StrEnum):
    """Why somebody may not decide about a version now."""

    CLOSED = "closed"  # it does not wait for a decision
    ROLE = "role"  # the stage does not ask people of this role
    OWN_WORK = "own-work"
    DECIDED = "decided"  # has approved in this stage already, and others are waited for


def stages_of(workspace_id: UUID) -> tuple[Stage, ...]:
    """The workspace's stages in their order; at least one."""
    rows = ReviewStage.objects.filter(workspace=workspace_id)
    found = [
        Stage(place, row.name, DecidedBy(row.decided_by), Needed(row.needed), row.allows_own_work)
        for place, row in enumerate(rows)
    ]
    return tuple(found) or (Stage(),)


def stage_of(version: Version, stages: Sequence[Stage] = ()) -> Stage:
    """The stage that a version stands in; the last one where the workspace has fewer by now.

    `stages` are the workspace's, where they were read before.
    """
    stages = stages or stages_of(version.workspace_id)
    return stages[min(version.stage, len(stages) - 1)]


Decider = Membership | Guest


def is_own_work(version: Version, who: Decider) -> bool:
    """Whether they sent it, or ordered what it shows; a guest, whether they have that person's address."""
    makers = [one for one in (version.sender, version.output.task.owner) if one is not None]
    if isinstance(who, Guest):
        return who.mail.lower() in {one.email.lower() for one in makers}
    return who.user_id in {one.pk for one in makers}


def obstacle(version: Version, who: Decider, stage: Stage | None = None) -> Obstacle | None:
    """Why this member, or this guest of a link that shows it, may not decide now; None when they may."""
    stage = stage or stage_of(version)
    if version.state != VersionState.OPEN:
        return Obstacle.CLOSED
    if not _is_asked(who, stage):
        return Obstacle.ROLE
    if is_own_work(version, who) and not stage.allows_own_work:
        return Obstacle.OWN_WORK
    own = {"guest": who} if isinstance(who, Guest) else {"person": who.user_id}
    if approvals(version).filter(**own).exists() and waits_for_others(version, stage):
        return Obstacle.DECIDED
    # Whoever approved may say so again once nobody else is waited for: somebody left, or the rule changed.
    return None


def waits_for_others(version: Version, stage: Stage) -> bool:
    """Whether one more approval, or none, does not end the stage."""
    return stage.needed is Needed.ALL and still_needed(version, stage).exists()


def _is_asked(who: Decider, stage: Stage) -> bool:
    if isinstance(who, Guest):
        is_known = who.verified_at is not None and who.link.may_decide
        return is_known and stage.decided_by is DecidedBy.GUESTS
    return who.role in stage.roles


def approvals(version: Version) -> QuerySet[Decision]:
    """The approvals that count for its present stage."""
    return version.decisions.approving().filter(stage=version.stage)


def deciders(version: Version, stage: Stage) -> QuerySet[Membership]:
    """Whoever may decide in this stage."""
    makers = [one for one in (version.sender_id, version.output.task.owner_id) if one is not None]
    return _members(version.workspace_id, stage, makers)


def _members(workspace_id: UUID, stage: Stage, makers: list[int]) -> QuerySet[Membership]:
    members = Membership.objects.filter(
        workspace=workspace_id, role__in=stage.roles, user__is_active=True
    ).order_by("user__name", "pk")
    return members if stage.allows_own_work else members.exclude(user__in=makers)


def deciders_of_task(task: Task, sender: User) -> QuerySet[Membership]:
    """Whoever will be asked first about results of this task that this person sends."""
    stage = stages_of(task.workspace_id)[0]
    return _members(task.workspace_id, stage, [one for one in (sender.pk, task.owner_id) if one is not None])


def still_needed(version: Version, stage: Stage) -> QuerySet[Membership]:
    """Whoever has to approve yet before the stage is over, where it needs all of them: named or not."""
    return deciders(version, stage).exclude(user__in=approvals(version).values("person"))


def waiting_for(membership: Membership) -> QuerySet[Version]:
    """Open versions that wait for this member, the most urgent first."""
    stages = stages_of(membership.workspace_id)
    rows = Version.objects.filter(workspace=membership.workspace_id, state=VersionState.OPEN)
    return rows.filter(_asked_in(stages, membership)).order_by("sort_at", "id")


def _asked_in(stages: Sequence[Stage], membership: Membership) -> Q:
    asked = Q(pk=None)
    for stage in stages:
        if membership.role not in stage.roles:
            continue
        here = Q(stage=stage.position)
        if not stage.allows_own_work:
            me = membership.user_id
            # What nobody owns any more is nobody's own work: Django adds that to both.
            here &= ~Q(sender=me) & ~Q(output__task__owner=me)
        if stage.needed is Needed.ONE:
            here &= _named_or_nobody_is(membership, stage)
        else:
            here &= _not_approved_or_last(membership, stage)
        asked |= here
    return asked


def _not_approved_or_last(membership: Membership, stage: Stage) -> Q:
    """Whether this member has not approved yet, or nobody else is waited for any more."""
    here = Decision.objects.approving().filter(stage=OuterRef("stage"), version=OuterRef("pk"))
    theirs = Decision.objects.approving().filter(
        stage=OuterRef(OuterRef("stage")), version=OuterRef(OuterRef("pk")), person=OuterRef("user")
    )
    others = Membership.objects.filter(
        workspace=membership.workspace_id, role__in=stage.roles, user__is_active=True
    ).exclude(pk=membership.pk)
    if not stage.allows_own_work:
        # Nobody has the number 0: compared with nothing, everybody would be left out.
        for maker in ("sender", "output__task__owner"):
            others = others.exclude(user=Coalesce(OuterRef(maker), 0))
    return ~Exists(here.filter(person=membership.user_id)) | ~Exists(others.filter(~Exists(theirs)))


def _named_or_nobody_is(membership: Membership, stage: Stage) -> Q:
    """Whether the maker asked for this member by name, or for nobody who may still decide in this stage."""
    named = Version.reviewers.through.objects.filter(version=OuterRef("pk"))
    able = named.filter(
        user__is_active=True,
        user__memberships__workspace=membership.workspace_id,
        user__memberships__role__in=stage.roles,
    )
    return Exists(named.filter(user=membership.user_id)) | ~Exists(able)
