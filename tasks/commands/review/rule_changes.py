"""An admin's change of who decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from tasks.audit import Verb, record
from tasks.models import Membership, ReviewStage, Workspace


def change_rule(*, membership: Membership, stages: Sequence[Mapping[str, object]]) -> None:
    """Replace the workspace's stages; each is a mapping of ReviewStage's columns, in their order.

    What was decided keeps the rule by which it was. What waits in a stage that is gone waits in the last one.
    """
    workspace_id = membership.workspace_id
    with transaction.atomic():
        # Held until the end, so that two changes at once do not mix.
        Workspace.objects.select_for_update(no_key=True).get(pk=workspace_id)
        ReviewStage.objects.filter(workspace=workspace_id).delete()
        ReviewStage.objects.bulk_create(
            ReviewStage(workspace_id=workspace_id, position=place, **stage)
            for place, stage in enumerate(stages)
        )
        record(
            Verb.REVIEW_RULE_CHANGED,
            actor=membership.user,
            workspace=membership.workspace,
            subject=membership.workspace,
            stages=[dict(stage) for stage in stages],
        )
