"""Jobs for the worker tests, found by their dotted name."""

import time
from pathlib import Path


def write_down(path: str) -> None:
    """Show that the job ran."""
    Path(path).touch()


def take_long(seconds: float, path: str) -> None:
    """A long job; shows that it began and that it finished."""
    Path(f"{path}.begun").touch()
    time.sleep(seconds)
    Path(path).touch()
