"""Many processes write at once, a backup among them: nobody is told that the database is locked."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command

from tasks.commands.operations.backup.make import verify_backup
from tests.parts import Parts
from tests.people import make_mark, make_workspace
from tests.views.rows import make_account

pytestmark = [pytest.mark.proof, pytest.mark.django_db(transaction=True)]

WRITERS = 5
SECONDS = 5


def test_no_writer_fails_beside_others_and_a_backup(parts: Parts, tmp_path: Path) -> None:
    workspace = make_workspace()
    make_mark(workspace)
    make_account(workspace)
    names = [f"writer-{number}" for number in range(WRITERS)]
    writers = [parts.start_program(name, "-m", "tests.end_to_end.writers", str(SECONDS)) for name in names]

    backups = 0
    while any(writer.poll() is None for writer in writers):
        call_command("backup", str(tmp_path / "backup"), verbosity=0)
        backups += 1

    logs = {name: parts.log(name) for name in names}
    assert [writer.returncode for writer in writers] == [0] * WRITERS, logs
    assert not any("locked" in log or "deadlock" in log for log in logs.values())
    assert backups
    verify_backup(folder=tmp_path / "backup", say=print)
