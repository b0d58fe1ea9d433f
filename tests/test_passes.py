"""`scripts/test` runs both passes whatever the first says, and ends with a line for each."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.parts import ROOT

# Stands in for Python with pytest: each call takes the next line of `plan`, a code and what the pass counted.
PYTEST = """#!/bin/sh
echo "$@" >> calls
code=$(sed -n 1p plan | cut -d: -f1)
sed -n 1p plan | cut -d: -f2 > "$PORTAL_TEST_SUMMARY"
sed -i 1d plan
exit "$code"
"""
BOTH = ["-m pytest tests/x", "-m pytest --portal-db=postgres -m not browser tests/x"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the script, where nothing is missing on the machine."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "test", tmp_path / "scripts")
    stand_in(tmp_path / ".venv" / "bin" / "python", PYTEST)
    stand_in(tmp_path / "scripts" / "chromium", "#!/bin/sh\necho /usr/bin/chromium\n")
    stand_in(tmp_path / "scripts" / "nginx", "#!/bin/sh\necho /usr/sbin/nginx\n")
    stand_in(tmp_path / "scripts" / "download-tools", "#!/bin/sh\n")
    return tmp_path


def stand_in(path: Path, script: str) -> None:
    path.write_text(script)
    path.chmod(0o755)


def run(project: Path, *plan: str) -> subprocess.CompletedProcess[str]:
    (project / "plan").write_text("\n".join(plan) + "\n")
    environment = {"PATH": os.environ["PATH"]}
    return subprocess.run(
        ["scripts/test", "tests/x"], cwd=project, env=environment, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        (("0:40 passed, 2 skipped", "0:30 passed"), 0),
        (("1:39 passed, 1 failed", "0:30 passed"), 1),
        (("0:40 passed", "1:29 passed, 1 error"), 1),
        (("1:1 failed", "1:1 failed"), 1),
    ],
)
def test_both_passes_run_and_their_ends_are_the_last_lines(
    project: Path, plan: tuple[str, str], code: int
) -> None:
    done = run(project, *plan)
    first, second = (end.split(":")[1] for end in plan)
    assert (project / "calls").read_text().splitlines() == BOTH
    assert done.stdout.splitlines()[-2:] == [f"SQLite: {first}", f"PostgreSQL: {second}"]
    assert done.returncode == code


def test_a_pass_that_broke_off_is_told(project: Path) -> None:
    done = run(project, "3:", "0:30 passed")
    assert done.stdout.splitlines()[-2:] == [
        "SQLite: did not come to an end (code 3)",
        "PostgreSQL: 30 passed",
    ]
    assert done.returncode == 1


def test_a_pass_with_nothing_to_run_is_no_failure(project: Path) -> None:
    done = run(project, "0:40 passed", "5:")
    assert done.stdout.splitlines()[-1] == "PostgreSQL: nothing to run"
    assert done.returncode == 0


def test_what_could_not_be_tested_here_is_told(project: Path) -> None:
    stand_in(project / "scripts" / "nginx", "#!/bin/sh\n")
    stand_in(project / "scripts" / "chromium", "#!/bin/sh\n")
    said = run(project, "0:40 passed", "0:30 passed").stdout
    assert "no Chromium found" in said
    assert "The production documents were not run" in said


def test_a_pass_writes_down_what_it_counted(tmp_path: Path) -> None:
    file = tmp_path / "summary"
    (tmp_path / "test_two.py").write_text(
        "import pytest\ndef test_a(): pass\ndef test_b(): assert False\n"
        "@pytest.mark.skip\ndef test_c(): pass\n"
    )
    # A pass of its own, which knows nothing of the one that this test may be a worker of.
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    subprocess.run(
        [ROOT / ".venv/bin/python", "-m", "pytest", "-q", "-c", ROOT / "pyproject.toml", tmp_path],
        cwd=ROOT,
        env={**own, "PORTAL_TEST_SUMMARY": str(file)},
        capture_output=True,
        timeout=120,
    )
    assert file.read_text() == "1 passed, 1 failed, 1 skipped\n"
