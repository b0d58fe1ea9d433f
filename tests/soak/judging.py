"""What is left after a run, judged by the sandbox's own books."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from django.db.models import Count, Q

from tasks.kinds import kind as kind_of
from tasks.models import Charge, Credential, Output, OutputState, Status, Submission, Task
from tests.soak.diary import Diary
from tests.upstream import Call, Upstream

MOVING = (Status.QUEUED, Status.PREPARING, Status.SUBMITTING, Status.RUNNING)


@dataclass
class Judgement:
    """The breaches of each promise, and what was counted."""

    lost: list[str] = field(default_factory=list)
    double: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    unequal: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)
    facts: dict[str, str] = field(default_factory=dict)
    #: Of each call of unknown outcome, whether TopView has it.
    unknown: Counter[str] = field(default_factory=Counter)

    @property
    def verdicts(self) -> dict[str, list[str]]:
        """Each promise with its breaches."""
        return {
            "Nothing lost": self.lost,
            "Nothing paid twice": self.double,
            "Nothing stuck": self.stuck,
            "Ledger equal": self.unequal,
            "Nobody was shown an error": self.odd,
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
        joined = [row for row in self.by_remote.get(call.task_id, []) if operation_of(row) == call.operation]
        return joined[0] if joined else None


def operation_of(row: Submission) -> str:
    """TopView's name of a row's call."""
    return kind_of(row.task.kind).step(row.step).operation


def judge(diary: Diary, store: Path, credential: Credential) -> Judgement:
    """Look at everything once, when nothing moves any more."""
    books, found = Books(store), Judgement()
    found.odd += [f"{count} × {what}" for what, count in Counter(diary.odd).items()]
    found.ends.update(str(row.status) for row in books.rows)
    _judge_orders(diary, found)
    _judge_calls(books, found)
    _judge_outputs(books, found)
    _judge_rest(found)
    _judge_ledger(books, credential, found)
    return found


def _judge_orders(diary: Diary, found: Judgement) -> None:
    """Every order that was answered is one task with its call."""
    tasks = Task.objects.filter(is_adopted=False)
    made = set(tasks.values_list("pk", flat=True))
    found.lost += [f"order {task_id} was answered and is gone" for task_id in diary.answered - made]
    found.double += [
        f"task {task_id} was never ordered" for task_id in made - diary.answered - diary.unanswered
    ]
    calls = Count("submissions", filter=Q(submissions__attempt=1))
    found.lost += [f"task {task.pk} has no call" for task in tasks.annotate(calls=calls).filter(calls=0)]
    found.facts["tasks"] = f"{len(made):,}, {len(diary.unanswered & made)} of them never answered for"


def _judge_calls(books: Books, found: Judgement) -> None:
    """Each call that TopView accepted is one of ours, is followed or said to be unknown, and is alone."""
    taken: Counter[Submission] = Counter()
    for call in books.accepted:
        row = books.ours(call)
        if row is None:
            found.lost.append(f"{call.operation} {call.task_id} was accepted, and no call of ours is it")
            continue
        taken[row] += 1
        if row.remote_id != call.task_id and row.status != Status.UNKNOWN:
            found.lost.append(f"{call.operation} {call.task_id} was accepted, ours is {row.status}")
    _judge_counts(books, taken, found)
    for row in books.rows:
        if row.status == Status.UNKNOWN:
            found.unknown["TopView has it" if taken[row] else "TopView never had it"] += 1
    found.facts["calls"] = f"{len(books.rows):,}, of which TopView accepted {len(books.accepted):,}"


def _judge_counts(books: Books, taken: Counter[Submission], found: Judgement) -> None:
    for row, count in taken.items():
        # New words of one film join its task without a mark of their own: they are counted below.
        if count > 1 and not kind_of(row.task.kind).step(row.step).shares_task:
            found.double.append(f"{row.task.kind} {row.pk} was accepted {count} times")
    accepted = Counter(call.operation for call in books.accepted)
    joined = Counter((call.operation, call.task_id) for call in books.accepted)
    left = Counter(operation_of(row) for row in books.rows if row.intent_at)
    found.double += [
        f"{operation}: {count} accepted, {left[operation]} left"
        for operation, count in accepted.items()
        if count > left[operation]
    ]
    sent = Counter((operation_of(row), row.task_id) for row in books.rows if row.intent_at)
    for (operation, remote_id), count in joined.items():
        tasks = {row.task_id for row in books.by_remote.get(remote_id, [])}
        if tasks and count > sum(sent[operation, task_id] for task_id in tasks):
            found.double.append(f"{operation} {remote_id}: accepted {count} times, more than left")


def _judge_outputs(books: Books, found: Judgement) -> None:
    """Every file that TopView has made for a call we follow is here, byte for byte."""
    saved: dict[str, set[tuple[str, int]]] = defaultdict(set)
    rows = Output.objects.filter(state=OutputState.SAVED, blob__isnull=False)
    for remote_id, digest, size in rows.values_list("submission__remote_id", "blob__sha256", "blob__size"):
        saved[remote_id].add((digest, size))
    finished = books.upstream.finished()
    files = 0
    for remote_id, calls in books.by_remote.items():
        made = books.upstream.files(remote_id)
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


def _judge_rest(found: Judgement) -> None:
    """Nothing is under way any more, and what is unknown says why."""
    for row in Submission.objects.filter(status__in=MOVING).select_related("task"):
        found.stuck.append(f"{row.task.kind} {row.step} {row.pk} is {row.status}: {row.reason}")
    unsaved = Output.objects.filter(state__in=(OutputState.WAITING, OutputState.SAVING))
    for output in unsaved.select_related("task"):
        found.stuck.append(f"output {output.pk} of {output.task.kind} is {output.state}: {output.error}")
    silent = Submission.objects.filter(status=Status.UNKNOWN, reason="")
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
