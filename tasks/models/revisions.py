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


def newest_revisions(
    workspace_id: UUID,
    user_id: int,
    *,
    statuses: Sequence[str] = (),
    needs_attention: bool = False,
    kind: str = "",
    limit: int,
) -> list[tuple[UUID | str, int]]:
    """Id and revision of the newest tasks of a workspace, in the order of the list."""
    wanted: list[Any] = [workspace_id.hex, user_id, workspace_id.hex]
    where, newest = f"workspace_id = %s AND {_MINE}", "created_at"
    if len(statuses) > 1:
        # Few tasks are of such a group: without an index in the order's way, SQLite looks them up by status.
        newest = "COALESCE(created_at, created_at)"
    if statuses:
        where += f" AND status IN ({', '.join(['%s'] * len(statuses))})"
        wanted += map(str, statuses)
    if needs_attention:
        where += " AND needs_attention"
    if kind:
        where += " AND kind = %s"
        wanted.append(kind)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, revision FROM tasks_task WHERE {where} ORDER BY {newest} DESC, id DESC LIMIT %s",
            [*wanted, limit],
        )
        return list(cursor.fetchall())


def revision_and_bytes_sent(task_id: UUID, *, workspace_id: UUID, user_id: int) -> tuple[int, int] | None:
    """A task's revision, and how much of its files is converted and sent, which grows without a new revision.

    None when the person may not see the task.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT revision, (
                SELECT COALESCE(SUM(remote.sent + remote.converted), 0)
                FROM tasks_task_uploads AS link
                LEFT JOIN tasks_remotefile AS remote
                  ON remote.upload_id = link.upload_id AND remote.credential_id = tasks_task.credential_id
                WHERE link.task_id = tasks_task.id
            )
            FROM tasks_task WHERE id = %s AND workspace_id = %s AND {_MINE}
            """,
            [task_id.hex, workspace_id.hex, user_id, workspace_id.hex],
        )
        found = cursor.fetchone()
    return found and (found[0], int(found[1]))


def review_revision(version_id: UUID, *, workspace_id: UUID, user_id: int) -> int | None:
    """A version's revision, which grows with all that its page shows. None when the person may not see it."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT revision FROM tasks_version WHERE id = %s AND workspace_id = %s AND {_MINE}",
            [version_id.hex, workspace_id.hex, user_id, workspace_id.hex],
        )
        found = cursor.fetchone()
    return int(found[0]) if found else None
