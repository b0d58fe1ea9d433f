"""What a page that is open asks again and again: whether anything it shows has changed.

Each is one statement, written by hand: putting it together with the ORM costs more than running it. Ids go in
and come back as each database writes them, so callers compare them without dashes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

# Nothing is shown to a person who has left the workspace since the page was opened.
_MINE = "EXISTS (SELECT 1 FROM tasks_membership WHERE user_id = %s AND workspace_id = %s)"


def newest_versions(
    workspace_id: UUID, user_id: int, *, statuses: Sequence[str] = (), kind: str = "", limit: int
) -> list[tuple[UUID | str, int]]:
    """Id and version of the newest tasks of a workspace, in the order of the list."""
    wanted: list[Any] = [workspace_id.hex, user_id, workspace_id.hex]
    where = f"workspace_id = %s AND {_MINE}"
    if statuses:
        where += f" AND status IN ({', '.join(['%s'] * len(statuses))})"
        wanted += map(str, statuses)
    if kind:
        where += " AND kind = %s"
        wanted.append(kind)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, version FROM tasks_task WHERE {where} ORDER BY created_at DESC, id DESC LIMIT %s",
            [*wanted, limit],
        )
        return list(cursor.fetchall())
