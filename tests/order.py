"""Pytest plugin that lets the longest files start first, so that no core is idle while a long one ends.

A file stays on one process of xdist, and those that share a portal of minutes stay together.
"""

from __future__ import annotations

from typing import Any

import pytest

# The longest first, as `pytest --durations` tells; any other file of these folders comes after them.
_LONGEST = (
    "tests/end_to_end/test_kills.py",
    "tests/end_to_end/test_random_kills.py",
    "tests/worker/test_cluster.py",
    "tests/end_to_end/test_states.py",
    "tests/end_to_end/test_main_job.py",
    "tests/end_to_end/test_nodes.py",
    "tests/end_to_end/test_make_run.py",
    "tests/end_to_end/test_looks.py",
)
_LONG = (
    "tests/end_to_end/",
    "tests/worker/",
    "tests/commands/",
    "tests/sandbox/",
    "tests/test_environment.py",
)
# They use the session's `manage.py run`, which takes half a minute to start.
_NEWCOMERS = tuple(
    f"tests/end_to_end/test_{name}.py" for name in ("main_job", "keyboard", "weight", "without_script")
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out files as `--dist loadfile` does, those of one portal as if they were one."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

    class Files(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            path: str = super()._split_scope(nodeid)
            return _NEWCOMERS[0] if path in _NEWCOMERS else path

    return Files(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order files, and leave the order within each as it is."""
    items.sort(key=lambda item: _place(item.nodeid.partition("::")[0]))


def _place(path: str) -> int:
    path = _NEWCOMERS[0] if path in _NEWCOMERS else path
    if path in _LONGEST:
        return _LONGEST.index(path)
    folders = [place for place, start in enumerate(_LONG) if path.startswith(start)]
    return len(_LONGEST) + (folders[0] if folders else len(_LONG))
