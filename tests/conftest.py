"""Fixtures that many folders use, and how Hypothesis looks for examples."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

pytest_plugins = [
    "tests.databases",
    "tests.garbage",
    "tests.order",
    "tests.parts",
    "tests.programming_errors",
]

# That a machine is busy is no finding. The same examples each time: a failure belongs to what was changed.
settings.register_profile(
    "suite", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
if os.environ.get("HYPOTHESIS_PROFILE") != "long":
    settings.load_profile("suite")
