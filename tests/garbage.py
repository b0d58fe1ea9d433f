"""Pytest plugin that looks for garbage more rarely: what a run imports and collects stays until its end."""

from __future__ import annotations

import gc

import pytest

# Objects made before the youngest are looked through; Python's 700 suit programs that hold less.
_YOUNG = 10_000


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    """Nothing becomes garbage while tests are found."""
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Leave the modules and thousands of tests out of every later look."""
    gc.freeze()
    gc.set_threshold(_YOUNG, 10, 10)
    gc.enable()
