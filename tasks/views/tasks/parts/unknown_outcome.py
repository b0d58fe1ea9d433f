"""The box of a call whose outcome is unknown: what may still tell, what was found, what a person can do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _

from tasks.kinds import find_step
from tasks.kinds.base import Step
from tasks.kinds.base.vendor_words import readable
from tasks.models import Candidate, CredentialState, EvidenceKind, Submission, Task
from tasks.text import StrOrPromise
from tasks.views.http.formatting import credits_words, exact, exact_second
from tasks.views.tasks.follower import way_to_follower
from tasks.views.tasks.parts.alerts import Action, Fit, Question, Trouble, post_to
from tasks.wording import cause_words


def unknown(task: Task, submission: Submission) -> Trouble:
    """What is known, and the choices. Reads prefetched rows."""
    more: list[StrOrPromise] = [
        cause_words(submission.reason),
        _("It may be running, and paid, at TopView. The portal never sends it a second time by itself."),
        _what_follows(submission),
    ]
    title = _("We couldn't confirm that TopView received this")
    texts = [_evidence(submission)]
    others = [way_to_follower(submission), _never(submission)]
    box = Trouble("warning", title, texts, _given(submission), others, more=more)
    return with_candidates(box, submission)


def with_candidates(box: Trouble, submission: Submission) -> Trouble:
    """The same with the tasks at TopView that may be it, side by side, where there are any.

    They are what a person is asked about then; everything else is under *More options*.
    """
    rows = [one for one in submission.candidates.all() if one.dismissed_at is None]
    # One of several is no more to be pressed than another.
    found = [_fit(one, style="button--primary" if len(rows) == 1 else "") for one in rows]
    if not found:
        return box
    none = post_to("submission-none", submission, _("None of these"), "x")
    return replace(
        box,
        texts=[_("TopView has what may be it. Which one is it?")],
        found=sorted(found, key=lambda fit: fit.when),
        action=None,
        others=[none, *([replace(box.action, style="")] if box.action else []), *box.others],
        more=[*box.texts, *box.more],
    )


def _given(submission: Submission) -> Action:
    return post_to(
        "submission-adopt",
        submission,
        _("Follow this task"),
        "search",
        style="button--primary",
        question=Question(
            "remote_id", _("Task id at TopView"), _("It stands in TopView's own list of tasks."), 120
        ),
    )


def _never(submission: Submission) -> Action:
    return post_to(
        "submission-abandon",
        submission,
        _("It never arrived"),
        "circle-x",
        style="button--danger",
        confirm=_("Are you sure that TopView has no such task? Trying again could pay for it twice."),
        question=Question("reason", _("How do you know?"), _("Kept in the log with your name.")),
    )


def _evidence(submission: Submission) -> StrOrPromise:
    """Which evidence can still come and until when; after that, that none came."""
    step = find_step(submission.task.kind, submission.step)
    ways = list(_ways(step, submission)) if step else []
    until = submission.settle_until
    if not ways:
        return _("The portal cannot find out by itself. Look at TopView's own list of tasks.")
    words = {"ways": _(" · ").join(str(way) for way in ways), "until": exact(until) if until else ""}
    account = submission.task.credential
    if account.state == CredentialState.DISABLED:
        return _("The portal cannot look for it, since the account is disabled. An admin can enable it.")
    if until is not None and until <= timezone.now():
        if Submission.objects.without_evidence(timezone.now()).filter(pk=submission.pk).exists():
            return _over(words)
        if not submission.claims.open().exists():
            return _not_looked(words)
        return _(
            "A task that may be it has been named. The portal asks TopView about it as soon as it answers."
        )
    looks = (
        _("The portal keeps looking until %(until)s for: %(ways)s.")
        if words["until"]
        else _("The portal keeps looking for: %(ways)s.")
    )
    return looks % words


def _what_follows(submission: Submission) -> StrOrPromise:
    """What the portal does when it finds evidence; "" once none may come, or the portal cannot see it."""
    until = submission.settle_until
    is_over = until is not None and until <= timezone.now()
    if is_over or submission.task.credential.state == CredentialState.DISABLED:
        return ""
    if submission.quarantined_at is not None:
        return _("Since a backup was restored, a person says whether a charge or a row is its own.")
    return _("When exactly one thing fits, it goes on by itself.")


def _not_looked(words: dict[str, str]) -> StrOrPromise:
    return (
        _(
            "Evidence would have come by %(until)s (%(ways)s), but TopView's lists have not been read "
            "since then. The portal looks as soon as they can be; so you can in TopView's own list of tasks."
        )
        % words
    )


def _over(words: dict[str, str]) -> StrOrPromise:
    return (
        _(
            "No evidence had come by %(until)s (%(ways)s), and the portal expects none any more. "
            "Look at TopView's own list of tasks: give the task's id if it is there, or say that "
            "it never arrived."
        )
        % words
    )


def _ways(step: Step, submission: Submission) -> Iterator[StrOrPromise]:
    """The evidence that this call can leave."""
    if step.wire.shares_task:
        yield _("TopView's answer about the task that it works on, which is known")
    if step.wire.takes_notice and settings.NOTICE_URL:
        yield _("a message from TopView")
    if step.pricing.credit_log_type and not step.wire.shares_task:
        yield _("a charge in the credit log")
    if submission.board_id:
        yield _("its row on the portal's board at TopView")


def _fit(candidate: Candidate, *, style: str) -> Fit:
    facts, submission = candidate.facts, candidate.submission
    cost, at = facts.get("cost"), facts.get("at")
    seen_in: StrOrPromise = EvidenceKind(candidate.evidence).label
    if candidate.evidence == EvidenceKind.BOARD and facts.get("is_charged"):
        seen_in = format_lazy("{} · {}", seen_in, EvidenceKind.CHARGE.label)
    url = reverse("submission-choose", args=[submission.pk, candidate.pk])
    return Fit(
        remote_id=candidate.remote_id,
        seen_in=seen_in,
        when=exact_second(datetime.fromisoformat(at)) if at else "",
        state=readable(facts.get("word")) or (_("Charged") if facts.get("is_charged") else ""),
        cost=credits_words(Decimal(cost)) if cost else "",
        line=facts.get("line", ""),
        action=Action(url, _("This is it"), "check", style),
    )
