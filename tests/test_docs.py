"""The pages under docs/ say what the code does."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tasks.models.transitions import ALLOWED, Status

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
# The changelog tells of what was, too.
TRUE_NOW = [page for page in [*PAGES, ROOT / "tests" / "README.md"] if page.name != "CHANGELOG.md"]
CODE = ("tasks", "topview_portal", "tests", "scripts", "templates", "static")
# Where a path on a page may begin; `…` stands for the last in architecture.md.
BEGINNINGS = [ROOT, DOCS, *(ROOT / folder for folder in ("tasks", "tests", "tasks/commands"))]
# Values of settings, and folders of a running portal.
NO_PATHS = {"1/0", "true/false", "yes/no", "on/off", "keys/", "tmp/", "var/"}


def quoted(page: Path) -> set[str]:
    """What stands in backticks, without blocks of code."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    return set(re.findall(r"`([^`\n]+)`", text))


def is_there(path: str) -> bool:
    name = path.removeprefix("…").rstrip("/")
    if "/" not in path:
        return any(True for folder in CODE for _ in (ROOT / folder).rglob(name)) or (ROOT / name).exists()
    return any((start / end).exists() for start in BEGINNINGS for end in (name, f"{name}.py"))


def is_module_or_in_one(dotted: str) -> bool:
    """Whether it is a module, a package, or a name that stands in one."""
    path = ROOT / dotted.replace(".", "/")
    if path.is_dir() or path.with_suffix(".py").is_file():
        return True
    module = next(
        (path for path in (path.parent.with_suffix(".py"), path.parent / "__init__.py") if path.is_file()),
        None,
    )
    return module is not None and re.search(rf"\b{path.name}\b", module.read_text()) is not None


@cache
def words_of_the_code() -> set[str]:
    files = [
        path
        for folder in CODE
        for path in (ROOT / folder).rglob("*.*")
        if path.suffix in {".py", ".html", ".js"}
    ]
    return {word for path in files for word in re.findall(r"\w+", path.read_text())}


def variables_read(source: str) -> Iterator[str]:
    """Names that the code reads through `env.<reader>("NAME", ...)`."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="env")), args=[ast.Constant(value=str(name)), *_]
            ):
                yield name


def all_variables() -> set[str]:
    sources = [path for folder in ("topview_portal", "tasks") for path in (ROOT / folder).rglob("*.py")]
    return {name for path in sources for name in variables_read(path.read_text())}


def documented_variables() -> set[str]:
    return set(re.findall(r"^\| `(\w+)`", (DOCS / "configuration.md").read_text(), re.MULTILINE))


def test_every_setting_is_documented() -> None:
    assert all_variables() - documented_variables() == set()


def test_no_setting_is_documented_that_does_not_exist() -> None:
    assert documented_variables() - all_variables() == set()


def test_every_setting_has_a_default_and_a_meaning() -> None:
    rows = re.findall(r"^\| `\w+`.*$", (DOCS / "configuration.md").read_text(), re.MULTILINE)
    short = [row for row in rows if len([cell for cell in row.strip("|").split("|") if cell.strip()]) != 3]
    assert short == []


def test_the_money_path_on_the_page_is_the_one_in_the_code() -> None:
    states = set(Status.values)
    documented = {
        (source, target)
        for line in (DOCS / "architecture.md").read_text().splitlines()
        if len(cells := [cell.strip() for cell in line.strip("|").split("|")]) == 3
        for source in cells[0].split(", ")
        for target in cells[1].split(", ")
        if source in states and target in states
    }
    assert documented == {
        (source.value, target.value) for source, targets in ALLOWED.items() for target in targets
    }


def test_the_glossary_has_every_state_with_the_words_people_read() -> None:
    rows = re.findall(r"^\| (\w+) \| \*(.+)\* \|", (DOCS / "glossary.md").read_text(), re.MULTILINE)
    assert dict(rows) == {status.value: str(status.label) for status in Status}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_other_pages_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", TRUE_NOW, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    in_backticks = {
        name
        for name in quoted(page) - NO_PATHS
        if re.fullmatch(r"…?\w[\w./-]*/[\w./-]*|\w[\w-]*\.(py|md|css|js|html|yaml|toml)", name)
    }
    anywhere = set(
        re.findall(
            r"(?<![\w/.-])(?:tasks|tests|docs|scripts|topview_portal)/[\w/-]+(?:\.\w+)?", page.read_text()
        )
    )
    assert [path for path in sorted(in_backticks | anywhere) if not is_there(path)] == []


@pytest.mark.parametrize("page", TRUE_NOW, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_module_that_a_page_names_exists(page: Path) -> None:
    modules = re.findall(r"(?<![\w/.-])(?:tasks|tests|topview_portal)(?:\.[a-zA-Z_]\w*)+", page.read_text())
    assert [module for module in sorted(set(modules)) if not is_module_or_in_one(module)] == []


@pytest.mark.parametrize("page", TRUE_NOW, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_dotted_name_that_a_page_quotes_stands_in_the_code(page: Path) -> None:
    names = {name for name in quoted(page) if re.fullmatch(r"[A-Za-z_]\w*(\.[a-z_]\w*)+", name)}
    assert [name for name in sorted(names) if not set(name.split(".")) <= words_of_the_code()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", page.read_text())) <= targets


def test_the_production_example_passes_the_deployment_check(tmp_path: Path) -> None:
    example = dict(
        line.split("=", 1)
        for line in (DOCS / "production.env").read_text().splitlines()
        if line and not line.startswith("#")
    )
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **example, "TOPVIEW_PORTAL_VAR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
