"""Reads and writes the rows of tasks, jobs and scripts; what they are stands in `rows.py`."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from tasks.sandbox.database import Database
from tasks.sandbox.messages import refuse
from tasks.sandbox.rows import Accepted, Job, Output, Row, Script, Task

# Whether an unfinished job can be finished now; the same rule as `Job.is_due`.
READY = """finished IS NULL AND coalesce(ending, '') != 'stuck'
    AND (rendered IS NOT NULL OR error IS NOT NULL OR ending IN ('task-fail', 'task-failed'))"""


class TaskStore:
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
        self._database.change(
            "UPDATE task SET facts = ? WHERE id = ?", json.dumps({**task.facts, **facts}), task.id
        )

    def delete(self, number: str, *, at: float) -> None:
        """Hide a task; its jobs are finished quietly."""
        self._database.change("UPDATE task SET deleted = ? WHERE id = ?", at, number)

    def reserved(self, uid: str) -> Decimal:
        """Credits that unfinished jobs of an account may still cost."""
        # Whole ten-thousandths add up exactly, and the adding stays in the database.
        parts = self._database.value(
            "SELECT sum(cast(round(price * 10000) AS INTEGER)) FROM job"
            " JOIN task ON task.id = job.task_id WHERE finished IS NULL AND uid = ?",
            uid,
        )
        return Decimal(parts or 0) / 10000

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
        row = self._database.row("SELECT * FROM accepted WHERE id = ?", number)
        if row is None:
            raise LookupError(f"no accepted call {number}")
        return Accepted(
            *(row[name] for name in ("id", "uid", "operation", "task_id")),
            *(row[name] for name in ("biz_type", "notice_uuid", "notice_url")),
        )

    def job(self, number: int) -> Job:
        row = self._database.row("SELECT * FROM job WHERE id = ?", number)
        if row is None:
            raise LookupError(f"no job {number}")
        return _job(row)

    def unrendered(self) -> list[int]:
        """Every unfinished job that has no result yet, oldest first."""
        rows = self._database.rows(
            "SELECT id FROM job WHERE finished IS NULL AND rendered IS NULL AND error IS NULL ORDER BY at"
        )
        return [row["id"] for row in rows]

    def due(self, moment: float) -> list[int]:
        """The jobs that can be finished now, oldest first."""
        rows = self._database.rows(
            f"SELECT id FROM job WHERE {READY} AND at + seconds <= ? ORDER BY at", moment
        )
        return [row["id"] for row in rows]

    def next_due(self) -> float | None:
        """When the next rendered job is due, or None."""
        found: float | None = self._database.value(f"SELECT min(at + seconds) FROM job WHERE {READY}")
        return found

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

    def set_seconds(self, task_id: str, seconds: float) -> bool:
        """Change how long the unfinished jobs of a task take; whether there are any."""
        sql = "UPDATE job SET seconds = ? WHERE task_id = ? AND finished IS NULL"
        return bool(self._database.change(sql, seconds, task_id))

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


class ScriptStore:
    """The scripts of marketing videos."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, task_id: str) -> list[Script]:
        rows = self._database.rows("SELECT * FROM script WHERE task_id = ? ORDER BY number", task_id)
        return [
            Script(row["number"], row["title"], tuple((n, text) for n, text in json.loads(row["segments"])))
            for row in rows
        ]

    def write(self, task_id: str, scripts: Iterable[Script]) -> None:
        """Add scripts, or put them in the place of those with the same number."""
        for script in scripts:
            self._database.change(
                "INSERT OR REPLACE INTO script (task_id, number, title, segments) VALUES (?, ?, ?, ?)",
                *(task_id, script.number, script.title, json.dumps(script.segments)),
            )
