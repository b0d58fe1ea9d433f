"""Decisions cannot be edited, whoever writes to the database.

On SQLite a migration that changes the columns of `tasks_decision` rebuilds the table, and must come after
`forget` and before `hold` of this file; a test asks whether the rule holds.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

FINAL = (
    *("workspace_id", "version_id", "sha256", "brief_digest", "verdict", "reason", "person_name"),
    *("stage", "rule", "revision", "is_own_work", "at"),
)
SAID = "a decision is never edited"

SQLITE = f"""
    CREATE TRIGGER decision_is_final BEFORE UPDATE OF {", ".join(FINAL)} ON tasks_decision
    BEGIN SELECT RAISE(ABORT, '{SAID}'); END"""
POSTGRES = f"""
    CREATE OR REPLACE FUNCTION refuse_to_edit_a_decision() RETURNS trigger AS $$
    BEGIN RAISE EXCEPTION '{SAID}' USING ERRCODE = 'integrity_constraint_violation'; END
    $$ LANGUAGE plpgsql;
    CREATE TRIGGER decision_is_final BEFORE UPDATE OF {", ".join(FINAL)} ON tasks_decision
    FOR EACH ROW EXECUTE FUNCTION refuse_to_edit_a_decision()"""


def hold(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Have the database refuse."""
    editor.execute(SQLITE if editor.connection.vendor == "sqlite" else POSTGRES, params=None)


def forget(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Let it be changed again."""
    if editor.connection.vendor == "sqlite":
        editor.execute("DROP TRIGGER IF EXISTS decision_is_final")
    else:
        editor.execute("DROP TRIGGER IF EXISTS decision_is_final ON tasks_decision")
        editor.execute("DROP FUNCTION IF EXISTS refuse_to_edit_a_decision")


class Migration(migrations.Migration):
    dependencies = [("tasks", "0036_review")]

    operations = [migrations.RunPython(hold, forget)]
