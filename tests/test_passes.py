"""`make test` and `make proof` run both passes whatever either says, and between them forget no test."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import order
from tests.parts import ROOT, wait_until

# Stands in for Python with pytest: each pass has a plan of its own, a code and what the pass counted.
PYTEST = """#!/bin/sh
case "$*" in *--portal-db=postgres*) pass=PostgreSQL;; *) pass=SQLite;; esac
printf '%s\\n' "$@" > "$pass.call"
echo "$pass speaks"
cut -d: -f2 "$pass.plan" > "$PORTAL_TEST_SUMMARY"
exit "$(cut -d: -f1 "$pass.plan")"
"""
# The same, but it works until it is told to end.
LONG_PYTEST = """#!/bin/sh
trap 'echo told >> told; kill $!; exit 2' TERM
echo begun >> begun
sleep 60 & wait
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the script, where nothing is missing on the machine."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "passes.py", tmp_path / "scripts")
    stand_in(tmp_path / ".venv" / "bin" / "python", PYTEST)
    stand_in(tmp_path / "scripts" / "chromium", "#!/bin/sh\necho /usr/bin/chromium\n")
    stand_in(tmp_path / "scripts" / "nginx", "#!/bin/sh\necho /usr/sbin/nginx\n")
    stand_in(tmp_path / "scripts" / "download-tools", "#!/bin/sh\n")
    return tmp_path


def stand_in(path: Path, script: str) -> None:
    path.write_text(script)
    path.chmod(0o755)


def start(project: Path, form: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "scripts/passes.py", form, "tests/x"],
        cwd=project,
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        text=True,
    )


def run(project: Path, on_sqlite: str, on_postgres: str, *, form: str = "test") -> tuple[int, list[str]]:
    """The code of a run with these plans, and the lines that it prints."""
    (project / "SQLite.plan").write_text(on_sqlite)
    (project / "PostgreSQL.plan").write_text(on_postgres)
    process = start(project, form)
    said, _errors = process.communicate(timeout=60)
    return process.returncode, said.splitlines()


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
    left_with, said = run(project, *plan)
    first, second = (end.split(":")[1] for end in plan)
    assert said.index("SQLite speaks") < said.index("PostgreSQL speaks")
    assert said[-3:-1] == [f"SQLite: {first}", f"PostgreSQL: {second}"]
    assert re.fullmatch(r"Processor time: \d+\.\d minutes", said[-1])
    assert left_with == code


def test_a_pass_that_broke_off_is_told(project: Path) -> None:
    code, said = run(project, "3:", "0:30 passed")
    assert said[-3:-1] == ["SQLite: did not come to an end (code 3)", "PostgreSQL: 30 passed"]
    assert code == 1


def test_a_pass_with_nothing_to_run_is_no_failure(project: Path) -> None:
    code, said = run(project, "0:40 passed", "5:")
    assert said[-2] == "PostgreSQL: nothing to run"
    assert code == 0


def test_a_run_that_is_told_to_end_tells_both_passes(project: Path) -> None:
    stand_in(project / ".venv" / "bin" / "python", LONG_PYTEST)
    process = start(project, "test")
    begun, told = project / "begun", project / "told"
    wait_until(lambda: begun.exists() and len(begun.read_text().splitlines()) == 2)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert told.read_text().splitlines() == ["told", "told"]
    assert process.returncode == 1


def test_what_could_not_be_tested_here_is_told(project: Path) -> None:
    stand_in(project / "scripts" / "nginx", "#!/bin/sh\n")
    stand_in(project / "scripts" / "chromium", "#!/bin/sh\n")
    stand_in(project / "scripts" / "download-tools", "#!/bin/sh\necho wget\n")
    _code, said = run(project, "0:40 passed", "0:30 passed")
    assert any("no Chromium found" in line for line in said)
    assert any("install wget" in line for line in said)
    _code, said = run(project, "0:40 passed", "0:30 passed", form="proof")
    assert any("The production documents were not run" in line for line in said)


def marks_of(project: Path, form: str) -> tuple[str, ...]:
    """What each pass of a form asks pytest for."""
    run(project, "0:1 passed", "0:1 passed", form=form)
    calls = [(project / f"{name}.call").read_text().splitlines() for name in ("SQLite", "PostgreSQL")]
    whole = ["--whole " if "--whole" in call else "" for call in calls]
    return tuple(
        is_whole + call[call.index("-m", 1) + 1] for is_whole, call in zip(whole, calls, strict=True)
    )


def test_every_test_is_run_by_one_of_both_and_in_ci(project: Path) -> None:
    asked = {form: marks_of(project, form) for form in ("test", "proof", "short")}
    assert asked == {
        "test": ("not proof", "not proof and not browser"),
        # With every test of behaviour, since `make test` runs on PostgreSQL only what may differ there.
        "proof": ("proof", "--whole not browser"),
        "short": ("proof and not long", "proof and not long and not browser"),
    }
    ran = (ROOT / ".ci" / "run").read_text().splitlines()
    assert ran[-3:] == ["make check", "make test", "make proof SHORT=1"]


def test_every_file_with_a_proof_is_in_the_table_of_what_is_proved() -> None:
    table = (ROOT / "docs" / "reliability.md").read_text()
    proofs = [path for path in (ROOT / "tests").rglob("test_*.py") if "mark.proof" in path.read_text()]
    names = [str(path.relative_to(ROOT)) for path in proofs if path != Path(__file__)]
    assert names
    assert [name for name in names if f"`{name}`" not in table] == []


def pytest_run(folder: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A pass of its own over a folder, which knows nothing of the one that this test may be a worker of."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [ROOT / ".venv/bin/python", "-m", "pytest", "-q", "-c", ROOT / "pyproject.toml", *options, folder],
        cwd=ROOT,
        env={**own, **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("marks", "contradiction"),
    [
        # `make proof` would not run it, and `make test` would all the same.
        (["long"], "long but not proof"),
        # PostgreSQL's pass would leave these out, whatever they say.
        (["postgres", "sqlite", "django_db"], "postgres, and sqlite or browser"),
        (["postgres", "browser", "django_db"], "postgres, and sqlite or browser"),
        (["postgres"], "postgres but uses no database"),
    ],
)
def test_a_test_whose_marks_contradict_each_other_is_refused(
    tmp_path: Path, marks: list[str], contradiction: str
) -> None:
    decorators = "".join(f"@pytest.mark.{mark}\n" for mark in marks)
    (tmp_path / "test_one.py").write_text(f"import pytest\n{decorators}def test_a(): pass\n")
    done = pytest_run(tmp_path)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"test_one.py::test_a is marked {contradiction}" in done.stderr


@pytest.mark.parametrize(
    ("options", "ran"),
    [((), {"test_differs", "test_nearest"}), (("--whole",), {"test_differs", "test_nearest", "test_same"})],
)
def test_on_postgresql_the_nearest_mark_tells_what_runs_and_a_whole_pass_runs_all(
    tmp_path: Path, options: tuple[str, ...], ran: set[str]
) -> None:
    (tmp_path / "test_marked.py").write_text(
        "import pytest\npytestmark = pytest.mark.sqlite\n"
        "@pytest.mark.postgres\ndef test_nearest(db): pass\ndef test_same(db): pass\ndef test_none(): pass\n"
    )
    (tmp_path / "test_differs.py").write_text(
        "import pytest\npytestmark = pytest.mark.postgres\ndef test_differs(db): pass\n"
    )
    said = pytest_run(tmp_path, "--portal-db=postgres", "--collect-only", *options).stdout
    assert set(re.findall(r"::(test_\w+)", said)) == ran


def test_the_order_of_files_names_files_that_exist() -> None:
    assert [path for path in order.LONGEST if not (ROOT / path).exists()] == []


def test_a_pass_writes_down_what_it_counted(tmp_path: Path) -> None:
    file = tmp_path / "summary"
    (tmp_path / "test_two.py").write_text(
        "import pytest\ndef test_a(): pass\ndef test_b(): assert False\n"
        "@pytest.mark.skip\ndef test_c(): pass\n"
    )
    pytest_run(tmp_path, PORTAL_TEST_SUMMARY=str(file))
    assert file.read_text() == "1 passed, 1 failed, 1 skipped\n"


def test_a_pass_writes_down_what_each_file_cost_with_its_children(tmp_path: Path) -> None:
    (tmp_path / "test_dear.py").write_text(
        "import subprocess, sys\n"
        # Clearly more than is asked for below: the system counts in ticks of a hundredth of a second.
        "BURN = 'import time\\nwhile time.process_time() < 0.5: pass'\n"
        "def test_a(): subprocess.run([sys.executable, '-c', BURN])\n"
    )
    (tmp_path / "test_cheap.py").write_text("def test_b(): pass\n")
    pytest_run(tmp_path, PORTAL_TEST_CPU=str(tmp_path / "cpu"))
    lines = [line.split("\t") for line in (tmp_path / "cpu").read_text().splitlines()]
    seconds = {Path(what).name: float(used) for used, what in lines}
    assert set(seconds) == {"start", "test_dear.py", "test_cheap.py", "end"}
    assert seconds["test_dear.py"] >= 0.3 > seconds["test_cheap.py"]
