"""Causes in tests: their codes, and sentences where it matters only that something is said."""

from __future__ import annotations

from typing import Any

from tasks.causes import Cause

# The columns of rows that hold causes.
COLUMNS = ("reason", "attention", "state_reason", "callback_problem", "error")


def code_of(cause: Cause | None) -> str:
    """The code; empty for no cause."""
    return cause.code if cause else ""


def with_causes(facts: dict[str, Any]) -> dict[str, Any]:
    """Columns for a row, in which any sentence stands for a cause that is worded like that."""
    return {
        name: (Cause.earlier(value) if value else None)
        if name in COLUMNS and isinstance(value, str)
        else value
        for name, value in facts.items()
    }
