"""What a forked child does for a process: its answer comes back, and its memory and modules do not."""

import os
import signal
import subprocess
import sys

import pytest
from django.core.management import CommandError

from topview_portal.forked import ChildDied, in_a_child
from topview_portal.processes import ROOT

# What a run imports for itself, before it prepares anything.
WATCHER = """
import sys, django
django.setup()
import tasks.management.commands.run
heavy = ("tasks.urls", "tasks.commands.operations.demo", "requests", "PIL")
print([name for name in heavy if name in sys.modules])
"""


def test_an_answer_comes_back_and_what_the_child_loaded_does_not() -> None:
    def load() -> int:
        sys.modules["loaded-in-a-child"] = sys
        return os.getpid()

    assert in_a_child(load) != os.getpid()
    assert "loaded-in-a-child" not in sys.modules


def test_an_error_is_raised_where_the_answer_is_awaited() -> None:
    def refuse() -> None:
        raise CommandError("The database cannot be used.")

    with pytest.raises(CommandError, match="cannot be used"):
        in_a_child(refuse)


def test_a_killed_child_is_said() -> None:
    with pytest.raises(ChildDied):
        in_a_child(lambda: os.kill(os.getpid(), signal.SIGKILL))


def test_a_run_holds_nothing_that_only_its_preparation_needs() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    found = subprocess.run([sys.executable, "-c", WATCHER], cwd=ROOT, env=environment, capture_output=True)
    assert found.stdout.decode().strip() == "[]", found.stderr.decode()
