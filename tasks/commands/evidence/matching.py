"""Whether what TopView shows can be a call that was lost: by account, type, time, board and inputs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from tasks.commands.evidence.lost_calls import LostCall
from tasks.commands.library.remote_files import arrived_ids
from tasks.kinds import KINDS
from tasks.kinds.base import UnusableBrief
from tasks.models import Candidate, Charge, EvidenceKind
from tasks.topview.results import BoardTask

# Keys of a body that say where to file and call back, not what to make.
_NOT_ASKED = ("boardId", "noticeUrl")
_LONGEST_LINE = 120


@dataclass(frozen=True)
class Sighting:
    """A task at TopView that no call of ours follows: a charge for it, its row on a board, or both."""

    remote_id: str
    charge: Charge | None = None
    row: BoardTask | None = None
    board_id: str = ""

    @property
    def evidence(self) -> EvidenceKind:
        """Where it was seen; a board tells more than the log."""
        return EvidenceKind.CHARGE if self.row is None else EvidenceKind.BOARD

    @property
    def facts(self) -> dict[str, str]:
        """What people are shown of it: time, state, cost and a line of its input, as far as known."""
        at = self.charge.charged_at if self.charge else None
        cost = self.charge.cost if self.charge else None
        word, line = "", ""
        if self.row is not None:
            at, cost = self.row.created_at or at, cost if cost is not None else self.row.cost
            word, line = self.row.word or "", _line(self.row.parameters or {})
        told = {"at": at.isoformat() if at else "", "cost": "" if cost is None else f"{cost.normalize():f}"}
        return {**told, "word": word[:40], "line": line, "is_charged": "yes" if self.charge else ""}


# By call, what fits it, by the id of its task.
Matches: TypeAlias = dict[UUID, dict[str, Sighting]]


def match(calls: Iterable[LostCall], seen: Iterable[Sighting]) -> Matches:
    """What fits each call, without what a person has said is not it."""
    lost_calls, sightings = list(calls), list(seen)
    dismissed: dict[UUID, set[str]] = defaultdict(set)
    rows = Candidate.objects.filter(submission__in=[lost.call for lost in lost_calls])
    for submission, remote_id in rows.exclude(dismissed_at=None).values_list("submission", "remote_id"):
        dismissed[submission].add(remote_id)
    return {
        lost.call.pk: {
            one.remote_id: one
            for one in sightings
            if one.remote_id not in dismissed[lost.call.pk] and fits(lost, one)
        }
        for lost in lost_calls
    }


def certain(calls: Iterable[LostCall], found: Matches) -> Iterator[tuple[LostCall, str]]:
    """Those that the portal may follow by itself: one call, one task that fits it, and fits no other call.

    A call that named a board stands there: a charge for what does not may be another's.
    """
    owners = Counter(remote_id for sightings in found.values() for remote_id in sightings)
    for lost in calls:
        sightings = list(found[lost.call.pk].values())
        if lost.may_be_followed and len(sightings) == 1:
            (one,) = sightings
            if owners[one.remote_id] == 1 and (one.row is not None or not lost.board_id):
                yield lost, one.remote_id


def fits(lost: LostCall, seen: Sighting) -> bool:
    """Whether the sighting can be this call. Where a board shows it, the board decides."""
    if (row := seen.row) is not None:
        if not lost.board_id or lost.board_id != seen.board_id:
            return False
        if row.media not in (None, "", lost.step.wire.board_media):
            return False
        if row.created_at is not None and not lost.since <= row.created_at <= lost.sent_by:
            return False
        return not row.parameters or _asks_the_same(lost, row.parameters)
    # A step that shares its task is charged under an id that is known: no unclaimed charge can be its.
    if seen.charge is None or seen.charge.charged_at is None or lost.step.wire.shares_task:
        return False
    is_its_type = lost.step.pricing.credit_log_type == seen.charge.task_type
    return is_its_type and lost.since <= seen.charge.charged_at <= lost.charged_by


def _asks_the_same(lost: LostCall, parameters: Mapping[str, Any]) -> bool:
    """Whether every key that both have says the same. What cannot be compared speaks against nothing."""
    task = lost.call.task
    try:
        # Its body, made once more of the brief and the file ids that the account has.
        body = lost.step.body(lost.call.asked, arrived_ids(task=task))
    except UnusableBrief:
        return True
    left_out = set(_NOT_ASKED)
    before, now = task.brief, task.current_brief
    if before is not now:
        # The kind has changed since the order was made: these may have been sent in another form.
        fields = KINDS[task.kind].inputs.own_fields()
        left_out |= {field.wire for name, field in fields if before.get(name) != now.get(name)}
    common = (body.keys() & parameters.keys()) - left_out
    return all(_plain(body[key]) == _plain(parameters[key]) for key in common)


def _plain(value: Any) -> Any:
    """The same value however it is spelt: TopView's lists may tell a number as text."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _line(parameters: Mapping[str, Any]) -> str:
    """The longest text of what was asked: most likely the words that a person wrote."""
    texts = [value for key, value in parameters.items() if isinstance(value, str) and key not in _NOT_ASKED]
    return " ".join(max(texts, key=len, default="").split())[:_LONGEST_LINE]
