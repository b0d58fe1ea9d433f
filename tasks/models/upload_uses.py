"""How often files of the library are used."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from tasks.models.files import Upload

# More than this nobody tells apart, and counting on would cost a page the more, the longer a file is in use.
MOST_USES = 100
_COUNTED = """
    SELECT upload.id, (
        SELECT COUNT(*) FROM (
            SELECT 1 FROM tasks_task_uploads AS link WHERE link.upload_id = upload.id LIMIT %s
        ) AS counted
    )
    FROM tasks_upload AS upload WHERE upload.id IN ({places})"""


def use_counts(upload_ids: Sequence[UUID]) -> dict[UUID, int]:
    """By how many tasks each is used, counted to MOST_USES. One query."""
    if not upload_ids:
        return {}
    to_database, to_python = Upload._meta.pk.get_db_prep_value, Upload._meta.pk.to_python
    wanted = [to_database(one, connection) for one in upload_ids]
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED.format(places=", ".join(["%s"] * len(wanted))), [MOST_USES, *wanted])
        return {to_python(upload_id): count for upload_id, count in cursor.fetchall()}
