"""An admin's change of who decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import F

from tasks.audit import Verb, record
from tasks.commands.review.rules import stages_of
from tasks.models import Membership, ReviewStage, Version, VersionState, Workspace


def change_rule(*, membership: Membership, stages: Sequence[Mapping[str, object]]) -> None:
    """Replace the workspace's stages; each is a mapping of ReviewStage's columns, in their order.

    What was decided keeps the rule by which it was. What waits is asked about anew, from the first stage on:
    who has approved it may not be asked by the new rule at all.
    """
    workspace_id = membership.workspace_id
    with transaction.atomic():
        # Held until the end, so that two changes at once do not mix.
        Workspace.objects.select_for_update(no_key=True).get(pk=workspace_id)
        before = [stage.snapshot for stage in stages_of(workspace_id)]
        ReviewStage.objects.filter(workspace=workspace_id).delete()
        ReviewStage.objects.bulk_create(
            ReviewStage(workspace_id=workspace_id, position=place, **stage)
            for place, stage in enumerate(stages)
        )
        if before != [stage.snapshot for stage in stages_of(workspace_id)]:
            waiting = Version.objects.filter(workspace=workspace_id, state=VersionState.OPEN)
            waiting.update(stage=0, revision=F("revision") + 1, sent_revision=F("revision") + 1)
        record(
            Verb.REVIEW_RULE_CHANGED,
            actor=membership.user,
            workspace=membership.workspace,
            subject=membership.workspace,
            stages=[dict(stage) for stage in stages],
        )
