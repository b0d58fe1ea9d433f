"""What is left of paid work after a portal was broken on purpose, judged by the sandbox's own books."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from django.db import close_old_connections
from django.db.models import Count, Q

from tasks import jobs, kinds
from tasks.kinds.base import Step
from tasks.models import Charge, Claim, Credential, Output, OutputState, Status, Submission, Task
from tasks.wording import cause_words
from tests.marketer import OrderBook
from tests.upstream import Call, Upstream

MOVING = (Status.QUEUED, Status.PREPARING, Status.SUBMITTING, Status.RUNNING)
UNSAVED = (OutputState.WAITING, OutputState.SAVING)


def is_moving(upstream: Upstream) -> bool:
    """Whether anything will still happen by itself."""
    return any(under_way(upstream))


def under_way(upstream: Upstream) -> tuple[int, ...]:
    """How much stands where, the nearest to its end last; no smaller numbers mean that nothing happens."""
    close_old_connections()
    calls = Submission.objects.values_list("status").annotate(Count("pk")).order_by()
    found = dict(calls)
    unsaved = Output.objects.filter(state__in=UNSAVED).count()
    return (*(found.get(status, 0) for status in MOVING), len(_unseen(upstream)), unsaved)


def is_asking(credential: Credential, upstream: Upstream) -> bool:
    """Look for lost calls once more; whether TopView is still to be asked about what was found."""
    jobs.read_account(str(credential.pk))
    claims = Claim.objects.open().filter(submission__status=Status.UNKNOWN)
    return claims.exists() or is_moving(upstream)


def _unseen(upstream: Upstream) -> list[Submission]:
    """Calls that nobody watches: their end is seen all the same, sooner or later."""
    stopped = list(Submission.objects.filter(status=Status.STOPPED).select_related("task"))
    ended = upstream.ended() if stopped else set()
    return [row for row in stopped if row.remote_id in ended]


@dataclass(frozen=True)
class Unknown:
    """A call of unknown outcome: what the portal says, and what TopView has of it."""

    operation: str
    remote_id: str
    reason: str
    #: Whether the portal offers a person the task that TopView has.
    is_offered: bool

    def __str__(self) -> str:
        there = f"TopView has {self.remote_id}" if self.remote_id else "TopView never had it"
        offered = ", which is offered" if self.is_offered else ""
        return f"{self.operation}: {there}{offered}. {self.reason}"


@dataclass
class Judgement:
    """The breaches of each promise, and what was counted."""

    lost: list[str] = field(default_factory=list)
    double: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    unequal: list[str] = field(default_factory=list)
    #: What a caller finds broken besides, by its promise.
    others: dict[str, list[str]] = field(default_factory=dict)
    ends: Counter[str] = field(default_factory=Counter)
    facts: dict[str, str] = field(default_factory=dict)
    unknown: list[Unknown] = field(default_factory=list)

    @property
    def verdicts(self) -> dict[str, list[str]]:
        """Each promise with its breaches."""
        return {
            "Nothing lost": self.lost,
            "Nothing paid twice": self.double,
            "Nothing stuck": self.stuck,
            "Ledger equal": self.unequal,
            **self.others,
        }

    @property
    def holds(self) -> bool:
        """Whether every promise was kept."""
        return not any(self.verdicts.values())


class Books:
    """Both sides: the portal's rows and the sandbox's, and which call of ours each of theirs is."""

    def __init__(self, store: Path) -> None:
        self.upstream = Upstream(store)
        self.accepted: list[Call] = self.upstream.calls()
        self.rows = list(Submission.objects.select_related("task"))
        self._by_token = {row.token: row for row in self.rows}
        self._by_digest = {row.body_digest: row for row in self.rows if row.body_digest}
        self.by_remote: dict[str, list[Submission]] = {}
        for row in self.rows:
            if row.remote_id:
                self.by_remote.setdefault(row.remote_id, []).append(row)

    def ours(self, call: Call) -> Submission | None:
        """Our row for an accepted call: by its callback's token, else by its body, else by its task."""
        token = call.notice.rstrip("/").rpartition("/")[2]
        if found := self._by_token.get(token) or self._by_digest.get(call.digest):
            return found
        # The rest joined a task whose body is the first call's.
        joined = self.by_remote.get(call.task_id, [])
        return next((row for row in joined if step_of(row).wire.operation == call.operation), None)


def step_of(row: Submission) -> Step:
    """The step that a row is a call of."""
    return kinds.step(row.task.kind, row.step)


def judge(orders: OrderBook, store: Path, credential: Credential) -> Judgement:
    """Look at everything once, when nothing moves any more and the account was read."""
    books, found = Books(store), Judgement()
    found.others["Nobody was shown an error"] = [
        f"{count} × {what}" for what, count in Counter(orders.odd).items()
    ]
    found.ends.update(str(row.status) for row in books.rows)
    _judge_orders(orders, found)
    _judge_calls(books, found)
    _judge_outputs(books, found)
    _judge_rest(books, found)
    _judge_ledger(books, credential, found)
    return found


def _judge_orders(orders: OrderBook, found: Judgement) -> None:
    """Every order that was answered is one task with its call."""
    tasks = Task.objects.filter(is_adopted=False)
    made = set(tasks.values_list("pk", flat=True))
    found.lost += [f"order {task_id} was answered and is gone" for task_id in orders.answered - made]
    found.double += [
        f"task {task_id} was never ordered" for task_id in made - orders.answered - orders.unanswered
    ]
    calls = Count("submissions", filter=Q(submissions__attempt=1))
    found.lost += [f"task {task.pk} has no call" for task in tasks.annotate(calls=calls).filter(calls=0)]
    found.facts["tasks"] = f"{len(made):,}, {len(orders.unanswered & made)} of them never answered for"


def _judge_calls(books: Books, found: Judgement) -> None:
    """Each call that TopView accepted is one of ours, is followed or said to be unknown, and is alone."""
    taken: dict[Submission, list[str]] = defaultdict(list)
    for call in books.accepted:
        row = books.ours(call)
        if row is None:
            found.lost.append(f"{call.operation} {call.task_id} was accepted, and no call of ours is it")
            continue
        taken[row].append(call.task_id)
        if row.remote_id != call.task_id and row.status != Status.UNKNOWN:
            found.lost.append(f"{call.operation} {call.task_id} was accepted, ours is {row.status}")
    _judge_counts(books, Counter({row: len(ids) for row, ids in taken.items()}), found)
    for row in books.rows:
        if row.status == Status.UNKNOWN:
            found.unknown.append(_unknown(books, row, taken[row], found))
    found.facts["calls"] = f"{len(books.rows):,}, of which TopView accepted {len(books.accepted):,}"


def _unknown(books: Books, row: Submission, remote_ids: list[str], found: Judgement) -> Unknown:
    """One of which TopView shows a trace that nobody follows must offer that to people."""
    remote_id = remote_ids[0] if remote_ids else ""
    offered = row.candidates.filter(remote_id=remote_id, dismissed_at=None).exists()
    unknown = Unknown(step_of(row).wire.operation, remote_id, cause_words(row.reason), offered)
    if remote_id and not offered and _leaves_a_trace(books, row, remote_id):
        found.lost.append(f"{unknown.operation} {remote_id} can be found at TopView, ours is unknown")
    return unknown


def _leaves_a_trace(books: Books, row: Submission, remote_id: str) -> bool:
    step = step_of(row)
    is_charged = bool(step.pricing.credit_log_type) and remote_id in books.upstream.charges()
    return not step.wire.shares_task and (is_charged or bool(row.board_id))


def _judge_counts(books: Books, taken: Counter[Submission], found: Judgement) -> None:
    for row, count in taken.items():
        # New words of one film join its task without a mark of their own: they are counted below.
        if count > 1 and not step_of(row).wire.shares_task:
            found.double.append(f"{row.task.kind} {row.pk} was accepted {count} times")
    accepted = Counter(call.operation for call in books.accepted)
    joined = Counter((call.operation, call.task_id) for call in books.accepted)
    left = Counter(step_of(row).wire.operation for row in books.rows if row.intent_at)
    found.double += [
        f"{operation}: {count} accepted, {left[operation]} left"
        for operation, count in accepted.items()
        if count > left[operation]
    ]
    sent = Counter((step_of(row).wire.operation, row.task_id) for row in books.rows if row.intent_at)
    for (operation, remote_id), count in joined.items():
        tasks = {row.task_id for row in books.by_remote.get(remote_id, [])}
        if tasks and count > sum(sent[operation, task_id] for task_id in tasks):
            found.double.append(f"{operation} {remote_id}: accepted {count} times, more than left")


def _judge_outputs(books: Books, found: Judgement) -> None:
    """Every file of a call we follow is here, byte for byte, once its task has ended: then TopView tells."""
    saved: dict[str, set[tuple[str, int]]] = defaultdict(set)
    rows = Output.objects.filter(state=OutputState.SAVED, blob__isnull=False)
    for remote_id, digest, size in rows.values_list("submission__remote_id", "blob__sha256", "blob__size"):
        saved[remote_id].add((digest, size))
    finished, ended = books.upstream.finished(), books.upstream.ended()
    files = 0
    for remote_id, calls in books.by_remote.items():
        made = books.upstream.files(remote_id) if remote_id in ended else set()
        files += len(made)
        if missing := made - saved[remote_id]:
            found.lost.append(
                f"{calls[0].task.kind} {remote_id}: {len(missing)} of {len(made)} files missing"
            )
        if remote_id in finished and not any(call.status == Status.SUCCEEDED for call in calls):
            found.lost.append(f"{calls[0].task.kind} {remote_id} has succeeded, ours is {calls[0].status}")
    lost = Output.objects.filter(state=OutputState.LOST).select_related("task")
    found.lost += [f"output {output.pk} of {output.task.kind} is lost: {output.error}" for output in lost]
    found.facts["files"] = (
        f"{files:,} made by TopView for followed calls, {rows.count():,} outputs saved here"
    )


def _judge_rest(books: Books, found: Judgement) -> None:
    """Nothing is under way any more, and what is unknown says why."""
    moving = Submission.objects.filter(status__in=MOVING).select_related("task")
    for row in [*moving, *_unseen(books.upstream)]:
        found.stuck.append(f"{row.task.kind} {row.step} {row.pk} is {row.status}: {row.reason}")
    unsaved = Output.objects.filter(state__in=UNSAVED)
    for output in unsaved.select_related("task"):
        found.stuck.append(f"output {output.pk} of {output.task.kind} is {output.state}: {output.error}")
    silent = Submission.objects.filter(status=Status.UNKNOWN, reason=None)
    found.stuck += [f"{row.pk} is unknown and does not say why" for row in silent]


def _judge_ledger(books: Books, credential: Credential, found: Judgement) -> None:
    """Our charges are those of the credit log, each beside its call; what calls say they cost agrees."""
    theirs = books.upstream.charges()
    rows = list(Charge.objects.filter(credential=credential))
    ours: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        ours[row.remote_id] += row.cost
    for remote_id in theirs.keys() | ours.keys():
        if theirs.get(remote_id, 0) != ours[remote_id]:
            found.unequal.append(f"{remote_id}: log {theirs.get(remote_id)}, ours {ours[remote_id]}")
    alone = [row for row in rows if row.submission_id is None]
    followed = [row.remote_id for row in alone if row.remote_id in books.by_remote]
    found.unequal += [f"a charge for {remote_id} is beside no call" for remote_id in followed]
    _judge_costs(books, theirs, found)
    found.facts["credits"] = (
        f"{sum(theirs.values()):.2f} in the credit log, {sum(ours.values()):.2f} here, of which"
        f" {sum(row.cost for row in alone):.2f} in {len(alone)} charges of calls that are not followed"
    )


def _judge_costs(books: Books, theirs: dict[str, Decimal], found: Judgement) -> None:
    """Some products' answers do not say what they cost: those are known by the log alone."""
    told = 0
    for remote_id, calls in books.by_remote.items():
        costs = [call.cost for call in calls if call.cost is not None]
        told += len(costs)
        if len(costs) == len(calls) and sum(costs) != theirs.get(remote_id, 0):
            charged = theirs.get(remote_id, 0)
            found.unequal.append(f"{calls[0].task.kind} {remote_id}: charged {charged}, told {sum(costs)}")
    found.facts["costs"] = f"{told:,} calls were told theirs, {len(theirs):,} tasks stand in the log"
