"""Pytest plugin that lets the longest files start first, so that no core is idle while a long one ends.

A file stays on one process of xdist; what starts last should be short.
"""

from __future__ import annotations

import pytest

# The longest first, as `pytest --durations` tells; any other file of these folders comes after them.
_LONGEST = (
    "tests/end_to_end/test_kills.py",
    "tests/worker/test_cluster.py",
    "tests/end_to_end/test_states.py",
    "tests/end_to_end/test_make_run.py",
    "tests/end_to_end/test_main_job.py",
    "tests/end_to_end/test_looks.py",
)
_LONG = (
    "tests/end_to_end/",
    "tests/worker/",
    "tests/commands/",
    "tests/sandbox/",
    "tests/test_environment.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order files, and leave the order within each as it is."""
    items.sort(key=lambda item: _place(item.nodeid.partition("::")[0]))


def _place(path: str) -> int:
    if path in _LONGEST:
        return _LONGEST.index(path)
    folders = [place for place, start in enumerate(_LONG) if path.startswith(start)]
    return len(_LONGEST) + (folders[0] if folders else len(_LONG))
