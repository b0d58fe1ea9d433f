"""Human acts, written down in the same transaction as what they changed. Never edited, never deleted."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.db.models import Model

from tasks.models import AuditEvent, Submission, User, Workspace


class Verb(StrEnum):
    """What people do that colleagues may later ask about."""

    UPLOADED = "uploaded"
    UPLOAD_HIDDEN = "upload-hidden"
    OUTPUT_USED = "output-used"
    TASK_CREATED = "task-created"
    TASK_CANCELLED = "task-cancelled"
    STEP_STARTED = "step-started"
    CHOICE_CLOSED = "choice-closed"
    PRODUCT_HIDDEN = "product-hidden"
    ENTRY_KEPT = "entry-kept"
    ENTRY_REMOVED = "entry-removed"
    NOTICE_CHECKED = "notice-checked"
    WATCHING_STOPPED = "watching-stopped"
    OUTPUTS_WANTED = "outputs-wanted"
    OUTPUTS_UNWANTED = "outputs-unwanted"
    TRIED_AGAIN = "tried-again"
    MADE_AGAIN = "made-again"
    PRICE_CONFIRMED = "price-confirmed"
    LIMIT_CHANGED = "limit-changed"
    OUTCOME_GIVEN = "outcome-given"
    CANDIDATE_CHOSEN = "candidate-chosen"
    CANDIDATES_DISMISSED = "candidates-dismissed"
    CHARGE_ADOPTED = "charge-adopted"
    CHARGE_SET_ASIDE = "charge-set-aside"
    CHARGE_TAKEN_BACK = "charge-taken-back"
    OUTCOME_ABANDONED = "outcome-abandoned"
    CALL_RELEASED = "call-released"
    CALL_SENT_BEFORE = "call-sent-before"
    SENT_FOR_REVIEW = "sent-for-review"
    REVIEW_RECALLED = "review-recalled"
    REVIEW_RULE_CHANGED = "review-rule-changed"
    DECIDED = "decided"
    COMMENT_DELETED = "comment-deleted"
    PACKAGE_MADE = "package-made"
    PACKAGE_REVOKED = "package-revoked"
    FILE_NAMES_CHANGED = "file-names-changed"
    LINK_MADE = "link-made"
    LINK_CHANGED = "link-changed"
    LINK_REVOKED = "link-revoked"
    LINK_REOPENED = "link-reopened"
    CREDENTIAL_ADDED = "credential-added"
    CREDENTIAL_TESTED = "credential-tested"
    CREDENTIAL_ENABLED = "credential-enabled"
    CREDENTIAL_DISABLED = "credential-disabled"
    CREDENTIAL_CHANGED = "credential-changed"
    KEY_REPLACED = "key-replaced"
    MEMBER_SET = "member-set"
    USER_SET = "user-set"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - a name
    ADDRESS_ASKED = "address-asked"
    ADDRESS_CHANGED = "address-changed"


def record(
    verb: Verb, *, actor: User | None, workspace: Workspace | None, subject: Model | None = None, **facts: Any
) -> AuditEvent:
    """Write one act down. `facts` must be fit for JSON and hold no secret."""
    return AuditEvent.objects.create(
        verb=verb,
        actor=actor,
        workspace=workspace,
        subject_type=subject._meta.label_lower.partition(".")[2] if subject else "",
        subject_id=str(subject.pk) if subject else "",
        facts=facts,
    )


def record_about_call(verb: Verb, call: Submission, actor: User, **facts: Any) -> AuditEvent:
    """Write down an act about a call: it stands in its task's workspace, under the task, with the step."""
    task = call.task
    return record(verb, actor=actor, workspace=task.workspace, subject=task, step=call.step, **facts)
