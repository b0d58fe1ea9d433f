"""Tasks and their jobs, as rows.

A *task* is what TopView's taskId names. Each accepted call adds one or more *jobs* to it (a marketing video
gets one per script); a job is one render with an ending. Nothing ticks: a job is due when its time is over
and its result is rendered, so a restart changes nothing.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tasks.sandbox.database import Database
from tasks.sandbox.messages import refuse

Row = dict[str, Any]

INIT_SHARE = 0.15


@dataclass(frozen=True)
class Output:
    """One file of a finished render; `failed` when it was made to fail."""

    file_id: str
    role: str
    width: int | None
    height: int | None
    seconds: float | None
    failed: bool = False


@dataclass(frozen=True)
class Job:
    """One render of a task. `part` is main, preview or export; `item` the script's number, else 0.

    `ending` is the fault that decides how it ends. `price` is reserved until it has finished, `cost` is what
    was charged.
    """

    id: int
    task_id: str
    accepted_id: int
    part: str
    item: int
    plan: str
    price: Decimal
    at: float
    seconds: float
    ending: str | None
    ending_value: str | None
    outputs: tuple[Output, ...]
    error: str | None
    rendered: float | None
    finished: float | None
    status: str | None
    cost: Decimal | None

    def word(self, moment: float) -> str:
        """init, running, success, fail or failed."""
        if self.status:
            return self.status
        return "init" if moment - self.at < self.seconds * INIT_SHARE else "running"

    def is_due(self, moment: float) -> bool:
        """Whether it can be finished now."""
        if self.finished or self.ending == "stuck" or moment < self.at + self.seconds:
            return False
        return bool(self.rendered or self.error or self.ending in ("task-fail", "task-failed"))

    @property
    def succeeded(self) -> bool:
        """Whether it has finished with a result."""
        return self.status == "success"

    @property
    def first(self) -> Output | None:
        """Its first good output, once it has succeeded."""
        good = [output for output in self.outputs if not output.failed]
        return good[0] if self.succeeded and good else None


@dataclass(frozen=True)
class Task:
    """A task with its jobs, oldest first. `facts` is what its family noted at the submit."""

    id: str
    uid: str
    operation: str
    body: Row
    facts: Row
    base_url: str
    at: float
    jobs: tuple[Job, ...]

    def word(self, moment: float) -> str:
        """The state of the whole task."""
        words = [job.word(moment) for job in self.jobs if not job.finished]
        if words:
            return "running" if len(words) < len(self.jobs) or "running" in words else "init"
        if any(job.succeeded for job in self.jobs):
            return "success"
        return self.jobs[-1].status or "fail"

    @property
    def error(self) -> str | None:
        """Why it failed, of the last job that did."""
        return next((job.error for job in reversed(self.jobs) if job.finished and job.error), None)

    @property
    def main(self) -> Job:
        """The only job of a task that has one."""
        return self.jobs[-1]

    @property
    def cost(self) -> float | None:
        """What was charged, once everything has finished well."""
        costs = [job.cost for job in self.jobs if job.succeeded]
        if not costs or any(not job.finished for job in self.jobs):
            return None
        return float(sum(cost or Decimal(0) for cost in costs))

    def latest(self, part: str) -> list[Job]:
        """The newest job of each item of a part, by item."""
        newest = {job.item: job for job in self.jobs if job.part == part}
        return [newest[item] for item in sorted(newest)]


@dataclass(frozen=True)
class Accepted:
    """A call that was accepted, and the callback it asked for."""

    id: int
    uid: str
    operation: str
    task_id: str
    biz_type: str | None
    notice_uuid: str | None
    notice_url: str | None


class Work:
    """Reads tasks and jobs, and writes their single steps."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def task(self, number: str, *, uid: str | None = None) -> Task | None:
        """The task of this id, if it belongs to the account and wasn't deleted."""
        row = self._database.row(
            "SELECT * FROM task WHERE id = ? AND (? IS NULL OR uid = ?) AND deleted IS NULL", number, uid, uid
        )
        return self._task(row) if row else None

    def required(self, number: str, *, uid: str, operations: Iterable[str]) -> Task:
        """The account's task, made by one of these operations; refuses with 4004."""
        task = self.task(number, uid=uid)
        if task is None or task.operation not in operations:
            refuse("4004", "task not found")
        return task

    def tasks(
        self, *, uid: str | None = None, operation: str | None = None, limit: int = 10_000
    ) -> list[Task]:
        """Tasks, newest first."""
        rows = self._database.rows(
            "SELECT * FROM task WHERE (? IS NULL OR uid = ?) AND (? IS NULL OR operation = ?)"
            " AND deleted IS NULL ORDER BY at DESC LIMIT ?",
            *(uid, uid, operation, operation, limit),
        )
        return [self._task(row) for row in rows]

    def add_task(
        self, number: str, *, uid: str, operation: str, body: Row, facts: Row, base_url: str, at: float
    ) -> None:
        """Write a new task."""
        self._database.insert(
            "task",
            id=number,
            uid=uid,
            operation=operation,
            body=json.dumps(body),
            facts=json.dumps(facts),
            base_url=base_url,
            at=at,
        )

    def add_facts(self, task: Task, facts: Mapping[str, Any]) -> None:
        """Note more about a task."""
        self._database.change(
            "UPDATE task SET facts = ? WHERE id = ?", json.dumps({**task.facts, **facts}), task.id
        )

    def delete(self, number: str, *, at: float) -> None:
        """Hide a task; its jobs are finished quietly."""
        self._database.change("UPDATE task SET deleted = ? WHERE id = ?", at, number)

    def reserved(self, uid: str) -> Decimal:
        """Credits that unfinished jobs of an account may still cost."""
        rows = self._database.rows(
            "SELECT price FROM job JOIN task ON task.id = job.task_id WHERE finished IS NULL AND uid = ?", uid
        )
        return sum((Decimal(row["price"]) for row in rows), Decimal(0))

    def is_busy(self, uid: str, operation: str) -> bool:
        """Whether the account has an unfinished job of this operation."""
        return bool(
            self._database.value(
                "SELECT 1 FROM job JOIN accepted ON accepted.id = job.accepted_id"
                " WHERE finished IS NULL AND uid = ? AND operation = ?",
                *(uid, operation),
            )
        )

    def accepted(self, number: int) -> Accepted:
        """An accepted call."""
        row = self._database.row("SELECT * FROM accepted WHERE id = ?", number)
        if row is None:
            raise LookupError(f"no accepted call {number}")
        return Accepted(
            *(row[name] for name in ("id", "uid", "operation", "task_id")),
            *(row[name] for name in ("biz_type", "notice_uuid", "notice_url")),
        )

    def job(self, number: int) -> Job:
        """A job."""
        row = self._database.row("SELECT * FROM job WHERE id = ?", number)
        if row is None:
            raise LookupError(f"no job {number}")
        return _job(row)

    def unfinished(self) -> list[Job]:
        """Every unfinished job, oldest first."""
        return [
            _job(row) for row in self._database.rows("SELECT * FROM job WHERE finished IS NULL ORDER BY at")
        ]

    def open_jobs(self, accepted_id: int) -> int:
        """How many jobs of a call are unfinished."""
        sql = "SELECT count(*) FROM job WHERE accepted_id = ? AND finished IS NULL"
        return int(self._database.value(sql, accepted_id))

    def note(self, job_id: int, **facts: Any) -> None:
        """Write columns of an unfinished job."""
        columns = ", ".join(f"{name} = ?" for name in facts)
        self._database.change(
            f"UPDATE job SET {columns} WHERE id = ? AND finished IS NULL", *facts.values(), job_id
        )

    def end_jobs(self, task_id: str, ending: str | None, value: str | None) -> None:
        """Give the unfinished jobs of a task another ending."""
        self._database.change(
            "UPDATE job SET ending = ?, ending_value = ? WHERE task_id = ? AND finished IS NULL",
            *(ending, value, task_id),
        )

    def release(self, ending: str) -> None:
        """Let jobs that wait under this ending end as usual."""
        self._database.change("UPDATE job SET ending = NULL WHERE ending = ? AND finished IS NULL", ending)

    def _task(self, row: Any) -> Task:
        jobs = self._database.rows("SELECT * FROM job WHERE task_id = ? ORDER BY id", row["id"])
        return Task(
            id=row["id"],
            uid=row["uid"],
            operation=row["operation"],
            body=json.loads(row["body"]),
            facts=json.loads(row["facts"]),
            base_url=row["base_url"],
            at=row["at"],
            jobs=tuple(_job(job) for job in jobs),
        )


def _job(row: Any) -> Job:
    facts = dict(row)
    outputs = tuple(Output(**output) for output in json.loads(facts.pop("outputs") or "[]"))
    price, cost = Decimal(facts.pop("price")), facts.pop("cost")
    return Job(**facts, outputs=outputs, price=price, cost=None if cost is None else Decimal(cost))
