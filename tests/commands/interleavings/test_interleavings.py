"""Nothing is paid twice, lost, or told wrongly, in whatever order things happen.

`HYPOTHESIS_PROFILE=long` looks for longer, and elsewhere each time; see docs/reliability.md.
"""

from __future__ import annotations

import os

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.commands.interleavings.machine import Interleavings
from tests.commands.interleavings.world import World

IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
# Hypothesis goes on from histories that it has tried: several beginnings lead to more different ones.
BEGINNINGS = 5


def how_long() -> settings:
    """In the suite the same histories each time, fewer on PostgreSQL; by hand more, longer and new ones."""
    few = 6 if connection.vendor == "sqlite" else 3
    many = int(os.environ.get("HYPOTHESIS_EXAMPLES", "100"))
    return settings(
        max_examples=many if IS_LONG else few,
        stateful_step_count=50 if IS_LONG else 30,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink) if IS_LONG else (Phase.generate,),
    )


@pytest.mark.proof
@pytest.mark.parametrize(
    "beginning", [0, 1, *(pytest.param(number, marks=pytest.mark.long) for number in range(2, BEGINNINGS))]
)
def test_no_order_of_events_breaks_a_promise(beginning: int, world: World, caplog: pytest.LogCaptureFixture):
    caplog.set_level("CRITICAL")

    class InThisWorld(Interleavings):
        def __init__(self) -> None:
            super().__init__(world)

    if not IS_LONG:
        seed(beginning)(InThisWorld)
    run_state_machine_as_test(InThisWorld, settings=how_long())
