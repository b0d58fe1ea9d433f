"""Pytest plugin that lets the longest files start first, so that no core is idle while a long one ends.

A file stays on one process of xdist, and so does a folder whose files share a running portal.
"""

from __future__ import annotations

from typing import Any

import pytest

# Each starts parts of the portal once for all its files.
_SHARING = tuple(f"tests/end_to_end/{name}/" for name in ("flows", "pages", "newcomer"))
# The longest first, as `pytest --durations` tells; any other file of these folders comes after them.
LONGEST = (
    "tests/soak/",
    "tests/end_to_end/test_kills.py",
    "tests/end_to_end/test_random_kills.py",
    *_SHARING,
    "tests/worker/test_cluster.py",
    "tests/end_to_end/test_nodes.py",
    "tests/end_to_end/test_make_run.py",
    "tests/end_to_end/",
    "tests/worker/",
    "tests/commands/",
    "tests/sandbox/",
    "tests/test_environment.py",
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
            return next((folder for folder in _SHARING if path.startswith(folder)), path)

    return Files(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order files, and leave the order within each as it is."""
    items.sort(key=lambda item: _place(item.nodeid.partition("::")[0]))


def _place(path: str) -> int:
    return next((place for place, start in enumerate(LONGEST) if path.startswith(start)), len(LONGEST))
