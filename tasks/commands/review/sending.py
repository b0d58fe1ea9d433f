"""The maker's acts: send results for review, and take them out again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks.audit import Verb, record
from tasks.commands.notifications.outbox import post
from tasks.commands.refusals import NotPossible
from tasks.commands.review.rules import Stage, deciders, is_own_work, stages_of
from tasks.models import (
    Blob,
    Decision,
    MailCause,
    Membership,
    Output,
    OutputState,
    Piece,
    Task,
    User,
    Verdict,
    Version,
    VersionState,
    sum_up_review,
)
from tasks.models.pieces import states_before

# Without a due date it stands in inboxes as if it were due this long after it was sent.
UNDATED = timedelta(days=3)
# A version in one of these can be taken out of review by its maker.
RECALLABLE = states_before(VersionState.RECALLED)


@dataclass(frozen=True)
class Request:
    """What the maker asks for. Without reviewers it waits for everybody who may decide."""

    reviewers: Sequence[User] = ()
    note: str = ""
    due_on: date | None = None


def piece_for(output: Output) -> Piece | None:
    """The piece that a result belongs to without asking: its own, or that of another attempt at the same."""
    own = Version.objects.filter(output=output).select_related("piece").first()
    if own is not None:
        return own.piece
    call = output.submission
    same = Version.objects.filter(
        output__task=output.task_id,
        output__submission__step=call.step,
        output__submission__item=call.item,
        output__role=output.role,
        output__identity=output.identity,
    )
    found = same.select_related("piece").order_by("-number").first()
    return found.piece if found else None


def pieces_to_join(output: Output) -> list[Piece]:
    """Pieces that it may be a new version of: those of the tasks of which its task is a duplicate."""
    tasks, task = [output.task_id], output.task
    while task.version_of_id is not None and task.version_of_id not in tasks:
        tasks.append(task.version_of_id)
        task = Task.objects.only("version_of").get(pk=task.version_of_id)
    versions = Version.objects.filter(
        workspace=output.workspace_id,
        output__task__in=tasks,
        output__role=output.role,
        output__submission__step=output.submission.step,
    )
    return list(Piece.objects.filter(versions__in=versions).distinct().order_by("-created_at", "-id"))


def send_for_review(
    *, output: Output, membership: Membership, request: Request, piece: Piece | None = None, title: str = ""
) -> Version:
    """Make it a version of `piece`, or of a new one with that title, and ask for a decision.

    A version that was taken out, superseded, or whose approval was withdrawn is opened again. Raises
    NotPossible when the result is not saved, is in review already, or was decided on.
    """
    blob = output.blob
    if output.state != OutputState.SAVED or blob is None:
        raise NotPossible(_("Only a result that is saved can be sent for review."))
    try:
        with transaction.atomic():
            piece = piece_for(output) or piece or _new_piece(output, title)
            version = _opened(output, blob, membership, piece)
            _ask(version, membership, request)
    except IntegrityError:
        raise NotPossible(_("Somebody has sent this result for review a moment ago.")) from None
    return version


def sendable_outputs(task: Task) -> QuerySet[Output]:
    """The task's saved results that neither wait for a decision nor had one, in the page's order."""
    said_no = Decision.objects.filter(
        version=OuterRef("pk"),
        verdict__in=(Verdict.CHANGES, Verdict.REJECTED),
        sha256=OuterRef("output__blob__sha256"),
    )
    is_closed = ~Q(state__in=states_before(VersionState.OPEN)) | Q(Exists(said_no))
    closed = Version.objects.filter(is_closed, output=OuterRef("pk"))
    rows = task.outputs.filter(~Exists(closed), state=OutputState.SAVED, blob__isnull=False)
    return rows.select_related("poster", "submission", "task").order_by(
        "-submission__created_at", "position", "created_at"
    )


def send_all_for_review(
    *,
    outputs: Sequence[Output],
    membership: Membership,
    request: Request,
    piece: Piece | None = None,
    title: str = "",
) -> list[Version]:
    """Send each as `send_for_review` does, all or none; several new pieces are told apart by a number."""
    numbered = len(outputs) > 1
    with transaction.atomic():
        return [
            send_for_review(
                output=output,
                membership=membership,
                request=request,
                piece=piece,
                title=f"{title[:190]} {number}" if numbered else title,
            )
            for number, output in enumerate(outputs, 1)
        ]


def _opened(output: Output, blob: Blob, membership: Membership, piece: Piece) -> Version:
    # Held until the end, so that two versions sent at once get two numbers.
    piece = Piece.objects.select_for_update(no_key=True).get(pk=piece.pk)
    version = Version.objects.filter(output=output).select_related("blob").first()
    if version is not None:
        _may_be_opened(version, blob)
    for other in piece.versions.filter(state=VersionState.OPEN):
        other.advance(VersionState.SUPERSEDED)
    if version is None:
        last = piece.versions.aggregate(last=Max("number"))["last"] or 0
        return Version.objects.create(
            workspace_id=output.workspace_id,
            piece=piece,
            number=last + 1,
            output=output,
            blob=blob,
            brief_digest=output.task.brief_digest,
            sender=membership.user,
        )
    _reopen(version, blob, membership)
    return version


def _new_piece(output: Output, title: str) -> Piece:
    return Piece.objects.create(workspace_id=output.workspace_id, title=(title or output.task.title)[:200])


def _may_be_opened(version: Version, blob: Blob) -> None:
    states = {
        VersionState.OPEN: _("This result is in review already."),
        VersionState.APPROVED: _("This result is approved already."),
        VersionState.CHANGES: _("Changes were requested. Send a new version instead."),
        VersionState.REJECTED: _("This result was rejected. Send a new version instead."),
    }
    said = states.get(VersionState(version.state))
    last = version.decisions.filter(sha256=blob.sha256).last()
    if last is not None and last.verdict in (Verdict.CHANGES, Verdict.REJECTED):
        said = states[VersionState(last.verdict)]
    if said:
        raise NotPossible(said)


def _reopen(version: Version, blob: Blob, membership: Membership) -> None:
    facts = {"blob": blob, "brief_digest": version.output.task.brief_digest, "sender": membership.user}
    facts |= {"stage": 0, "sent_at": timezone.now(), "sent_revision": F("revision") + 1}
    if not version.advance(VersionState.OPEN, **facts):
        raise NotPossible(_("Somebody has sent this result for review a moment ago."))
    version.refresh_from_db(fields=["revision", "sent_revision"])


def _ask(version: Version, membership: Membership, request: Request) -> None:
    asked = _may_decide(version, request.reviewers)
    Version.objects.filter(pk=version.pk).update(
        note=request.note, due_on=request.due_on, sort_at=_sort_at(version, request.due_on, membership.user)
    )
    version.reviewers.set(asked)
    record(Verb.SENT_FOR_REVIEW, actor=membership.user, workspace=membership.workspace, subject=version)
    for person in asked:
        post(MailCause.REVIEW_ASKED, user=person, workspace=membership.workspace, version=str(version.pk))
    sum_up_review(version.piece_id)


def _may_decide(version: Version, people: Iterable[User]) -> list[User]:
    stage: Stage = stages_of(version.workspace_id)[0]
    wanted = {one.pk for one in people}
    return [one.user for one in deciders(version, stage).select_related("user") if one.user_id in wanted]


def _sort_at(version: Version, due_on: date | None, sender: User) -> datetime:
    """The end of the day named, by the sender's clock."""
    if due_on is None:
        return version.sent_at + UNDATED
    return datetime.combine(due_on + timedelta(days=1), time(), ZoneInfo(sender.time_zone))


def may_recall(version: Version, membership: Membership) -> bool:
    """Whether this member may take it out of review, while it is in one."""
    return membership.may_administer or (membership.may_spend and is_own_work(version, membership))


def recall(*, version: Version, membership: Membership) -> bool:
    """Take it out of review. False when it was decided meanwhile, or is not in review.

    Raises NotPossible for whoever neither sent it, nor ordered what it shows, nor is an admin.
    """
    if not may_recall(version, membership):
        raise NotPossible(_("Only whoever sent it, or an admin, can take it out of review."))
    if version.state not in RECALLABLE:
        return False
    with transaction.atomic():
        if not version.advance(VersionState.RECALLED):
            return False
        record(Verb.REVIEW_RECALLED, actor=membership.user, workspace=membership.workspace, subject=version)
        sum_up_review(version.piece_id)
    return True
