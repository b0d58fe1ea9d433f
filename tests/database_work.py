"""How much a database does for the queries of a block: what growth tests compare, instead of seconds.

SQLite counts the instructions of its virtual machine, in hundreds; PostgreSQL the rows that the steps of its
plans visit, those thrown away included. Either is the same each time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

_INSTRUCTIONS = 100


class Work:
    """What has been counted so far."""

    def __init__(self) -> None:
        self.units = 0

    def instruction_block(self) -> int:
        """One more hundred of SQLite's instructions. It wants 0 for an answer, and goes on."""
        self.units += 1
        return 0


@contextmanager
def database_work() -> Iterator[Work]:
    """Count the work of every query inside the block."""
    work = Work()
    counted = _on_sqlite if connection.vendor == "sqlite" else _on_postgres
    with counted(work):
        yield work


def learn_sizes() -> None:
    """Let PostgreSQL plan by what the tables hold now, and as if they were too large to be read as a whole.

    Ends with the transaction. SQLite plans without.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL work_mem = '64kB'")


@contextmanager
def _on_sqlite(work: Work) -> Iterator[None]:
    connection.ensure_connection()
    connection.connection.set_progress_handler(work.instruction_block, _INSTRUCTIONS)
    try:
        yield
    finally:
        connection.connection.set_progress_handler(None, 0)


@contextmanager
def _on_postgres(work: Work) -> Iterator[None]:
    def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith("SELECT"):
            with connection.cursor() as cursor:
                cursor.cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
                told = cursor.cursor.fetchone()[0]
            work.units += _visited((json.loads(told) if isinstance(told, str) else told)[0]["Plan"])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield


def _visited(plan: dict[str, Any]) -> int:
    """Rows that a step and all below it gave or threw away."""
    thrown = sum(value for key, value in plan.items() if key.startswith("Rows Removed by"))
    own = int((plan["Actual Rows"] + thrown) * plan["Actual Loops"])
    return own + sum(_visited(step) for step in plan.get("Plans", ()))
