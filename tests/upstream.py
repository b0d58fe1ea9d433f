"""What the sandbox truly did, read from its store behind its back: its answers may be lost on the way."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Call:
    """A call that the sandbox accepted. `digest` is that of the body as the portal writes it down.

    It is empty for a call that joined an earlier one's task, whose body the sandbox does not keep. `notice`
    is the address it was told to call back, if any.
    """

    operation: str
    task_id: str
    body: str
    digest: str
    notice: str


class Upstream:
    """The books of a sandbox, whether or not it runs."""

    def __init__(self, store: Path) -> None:
        self._file = store / "sandbox.sqlite3"

    def calls(self) -> list[Call]:
        """Every accepted call, oldest first."""
        rows = self._rows(
            "SELECT accepted.operation, accepted.task_id, accepted.digest, accepted.notice_url, task.body,"
            " task.operation = accepted.operation AS is_own FROM accepted"
            " JOIN task ON task.id = accepted.task_id ORDER BY accepted.id"
        )
        return [_call(row) for row in rows]

    def finished(self) -> set[str]:
        """The ids of tasks of which every job has ended well."""
        rows = self._rows("SELECT task_id FROM job GROUP BY task_id HAVING min(status = 'success') = 1")
        return {row["task_id"] for row in rows}

    def ended(self) -> set[str]:
        """The ids of tasks of which every job has ended, well or not."""
        rows = self._rows("SELECT task_id FROM job GROUP BY task_id HAVING min(finished IS NOT NULL) = 1")
        return {row["task_id"] for row in rows}

    def files(self, task_id: str) -> set[tuple[str, int]]:
        """SHA-256 and size of each file that a task has made."""
        rows = self._rows("SELECT digest, size FROM file WHERE task_id = ?", task_id)
        return {(row["digest"], row["size"]) for row in rows}

    def charges(self) -> dict[str, Decimal]:
        """What each task has been charged in all, by the credit log."""
        sums: dict[str, Decimal] = {}
        for row in self._rows("SELECT task_id, cost FROM credit_log"):
            sums[row["task_id"]] = sums.get(row["task_id"], Decimal(0)) + Decimal(row["cost"])
        return sums

    def _rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        with closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True, timeout=30)) as database:
            database.row_factory = sqlite3.Row
            return database.execute(sql, values).fetchall()


def _call(row: sqlite3.Row) -> Call:
    own = json.dumps(json.loads(row["body"]), sort_keys=True) if row["is_own"] else ""
    digest = hashlib.sha256(own.encode()).hexdigest() if own else ""
    return Call(row["operation"], row["task_id"], row["digest"], digest, row["notice_url"] or "")
