"""Everything breaks while orders come, for two minutes: nothing is lost or paid twice. See `make soak`."""

import subprocess
import sys

import pytest

from tests.parts import ROOT


@pytest.mark.proof
@pytest.mark.long
def test_every_promise_is_kept_while_everything_breaks() -> None:
    command = [sys.executable, "-m", "tests.soak", "--minutes", "2", "--tasks", "200"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
