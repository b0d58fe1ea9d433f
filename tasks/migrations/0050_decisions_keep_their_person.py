"""A decision passes to nobody else: its person goes with the account, and no other takes the place.

As 0037 says, a migration that changes the columns of `tasks_decision` on SQLite must come after `forget` and
before `hold` of this file, too.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SQLITE = """
    CREATE TRIGGER decision_keeps_its_person BEFORE UPDATE OF person_id ON tasks_decision
    WHEN NEW.person_id IS NOT NULL AND NEW.person_id IS NOT OLD.person_id
    BEGIN SELECT RAISE(ABORT, 'a decision is never edited'); END"""
POSTGRES = """
    CREATE TRIGGER decision_keeps_its_person BEFORE UPDATE OF person_id ON tasks_decision FOR EACH ROW
    WHEN (NEW.person_id IS NOT NULL AND NEW.person_id IS DISTINCT FROM OLD.person_id)
    EXECUTE FUNCTION refuse_to_edit_a_decision()"""


def hold(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Have the database refuse."""
    editor.execute(SQLITE if editor.connection.vendor == "sqlite" else POSTGRES, params=None)


def forget(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Let it be changed again."""
    on = "" if editor.connection.vendor == "sqlite" else " ON tasks_decision"
    editor.execute(f"DROP TRIGGER IF EXISTS decision_keeps_its_person{on}")


class Migration(migrations.Migration):
    dependencies = [("tasks", "0049_small_copies")]

    operations = [migrations.RunPython(hold, forget)]
