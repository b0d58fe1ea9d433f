"""Counts what was accepted and what was wrong, so that a test can compare."""

import threading
from collections import Counter
from collections.abc import Iterable
from typing import Any

from tasks.sandbox.clock import iso, now
from tasks.sandbox.database import Database


class Counters:
    """Accepted submits and violations are on disk; plain calls are counted since the start only."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()

    def called(self, operation: str) -> None:
        """Count a call, however it ends."""
        with self._lock:
            self._calls[operation] += 1

    def violated(self, operation: str, what: Iterable[str]) -> None:
        """Count what TopView would take in silence and the contract doesn't know."""
        for one in what:
            self._database.change(
                "INSERT INTO violation (operation, what, count, last) VALUES (?, ?, 1, ?)"
                " ON CONFLICT DO UPDATE SET count = count + 1, last = excluded.last",
                *(operation, one[:200], now()),
            )

    def forget(self) -> None:
        """Start the calls from nothing."""
        with self._lock:
            self._calls.clear()

    def accepted(self) -> dict[str, Any]:
        """Accepted submits: the total, by operation, and by operation and body digest."""
        total = self._database.value("SELECT count(*) FROM accepted")
        by_operation = self._database.rows("SELECT operation, count(*) AS n FROM accepted GROUP BY operation")
        by_body = self._database.rows(
            "SELECT operation, digest, count(*) AS n FROM accepted GROUP BY operation, digest"
        )
        return {
            "total": total,
            "operations": {row["operation"]: row["n"] for row in by_operation},
            "bodies": [
                {"operation": r["operation"], "digest": r["digest"], "count": r["n"]} for r in by_body
            ],
        }

    def calls(self) -> dict[str, int]:
        """Calls since the start, by operation."""
        with self._lock:
            return dict(sorted(self._calls.items()))

    def violations(self) -> list[dict[str, Any]]:
        """Violations by operation and name."""
        rows = self._database.rows("SELECT * FROM violation ORDER BY operation, what")
        return [
            {"operation": r["operation"], "what": r["what"], "count": r["count"], "last": iso(r["last"])}
            for r in rows
        ]
