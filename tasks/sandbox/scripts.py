"""The scripts of marketing videos."""

import json
from collections.abc import Iterable

from tasks.sandbox.database import Database
from tasks.sandbox.rows import Script


class ScriptStore:
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
