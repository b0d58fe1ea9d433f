"""Faults in our own code that were logged and survived: a test in which one is logged fails with it."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

FAULTS = (AssertionError, AttributeError, ImportError, NameError, TypeError)


class ProgrammingErrors(logging.Handler):
    """Collects them from the log."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[BaseException] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what the record tells of, if it is one."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, FAULTS):
            self.found.append(error)

    def take(self) -> list[BaseException]:
        """Those found so far; a test that takes them has expected them."""
        found, self.found = self.found, []
        return found


@pytest.fixture(autouse=True)
def programming_errors() -> Iterator[ProgrammingErrors]:
    """Watches the log of the app during each test."""
    handler, logger = ProgrammingErrors(), logging.getLogger("tasks")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)
    if handler.found:
        raise handler.found[0]
