"""The yardsticks of the house: lengths, and what must not stand in a file."""

import ast
import re
import statistics
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.lock import LOCKS, stale_locks

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(
    path
    for folder in ("topview_portal", "tasks", "scripts")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def share(values: list[int], part: float) -> int:
    """The value that `part` of the sorted values do not exceed."""
    return sorted(values)[round(part * (len(values) - 1))]


def functions() -> Iterator[tuple[str, int]]:
    """Name and length in lines of every function of the sources, nested ones included."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                yield f"{path.relative_to(ROOT)}:{node.name}", node.end_lineno - node.lineno + 1


def committed_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_no_python_file_is_longer_than_500_lines() -> None:
    assert [str(path) for path in [*SOURCES, *TESTS] if lines(path) > 500] == []


def test_nine_files_in_ten_have_at_most_250_lines() -> None:
    assert share([lines(path) for path in SOURCES], 0.9) <= 250


def test_half_of_the_functions_have_at_most_10_lines() -> None:
    assert statistics.median(length for _, length in functions()) <= 10


def test_hardly_any_function_has_more_than_50_lines() -> None:
    found = list(functions())
    long = [name for name, length in found if length > 50]
    assert len(long) < 0.03 * len(found), long


def test_half_of_the_templates_have_at_most_35_lines() -> None:
    assert statistics.median(lines(path) for path in TEMPLATES) <= 35


def test_nine_templates_in_ten_have_at_most_130_lines() -> None:
    assert share([lines(path) for path in TEMPLATES], 0.9) <= 130


@pytest.mark.parametrize("name", sorted(LOCKS))
def test_a_lock_file_holds_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / name).read_text()
    pinned = re.findall(r"^[a-z][\w.-]*==", text, re.MULTILINE)
    assert "://" not in text
    assert len(pinned) > 20
    assert len(re.findall(r"^[^ #\n].*\\\n    --hash=sha256:", text, re.MULTILINE)) == len(pinned)


def test_the_lock_files_are_in_step_with_pyproject() -> None:
    assert stale_locks(ROOT) == []


def test_a_changed_dependency_makes_the_locks_stale(tmp_path: Path) -> None:
    for name in LOCKS:
        (tmp_path / name).write_text((ROOT / name).read_text())
    text = (ROOT / "pyproject.toml").read_text()
    (tmp_path / "pyproject.toml").write_text(text.replace("requests~=2.34", "requests~=2.35"))
    assert sorted(stale_locks(tmp_path)) == sorted(LOCKS)


def test_both_locks_pin_the_same_versions() -> None:
    pins = [set(re.findall(r"^[a-z][\w.-]*==\S+", (ROOT / name).read_text(), re.MULTILINE)) for name in LOCKS]
    small, large = sorted(pins, key=len)
    assert small <= large


def test_every_direct_dependency_has_its_reason_beside_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    text = (ROOT / "pyproject.toml").read_text()
    bare = [
        name for name in project["dependencies"] if not re.search(re.escape(f'"{name}",') + r" +# \w", text)
    ]
    assert bare == []


# Places on a developer's machine, spelled in two parts so that this file does not hold them.
@pytest.mark.parametrize("place", ["/wo" + "rk/", "../sha" + "red", "/tmp/te" + "am", "/ro" + "ot/"])
def test_no_file_names_a_place_outside_the_project(place: str) -> None:
    holding = [str(path) for path in committed_files() if place.encode() in path.read_bytes()]
    assert holding == []


def test_no_compiled_or_generated_file_is_committed() -> None:
    wrong = {".pyc", ".sqlite3", ".log", ".pem", ".key"}
    assert [str(path) for path in committed_files() if path.suffix in wrong] == []
