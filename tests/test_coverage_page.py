"""docs/topview-coverage.md says where each call of TopView's API is used, and is never stale."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from tasks.contract import load
from tasks.kinds import KINDS
from tasks.management import coverage

CORE = [one.id for one in load().operations.values() if one.core]


def test_the_page_is_up_to_date() -> None:
    call_command("topview_coverage", "--check")


def test_every_operation_of_the_core_has_a_home() -> None:
    assert len(CORE) == 28
    assert coverage.homeless() == []


@pytest.mark.parametrize("slug", KINDS)
def test_without_a_kind_its_own_operations_lose_their_home(slug: str) -> None:
    others = {key: kind for key, kind in KINDS.items() if key != slug}
    mine = {step.wire.operation for step in KINDS[slug].steps}
    theirs = {step.wire.operation for kind in others.values() for step in kind.steps}
    assert set(coverage.homeless(others)) >= (mine - theirs) & set(CORE)


def test_a_homeless_operation_and_a_stale_page_fail_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.management.commands.topview_coverage.page", lambda: "another page")
    with pytest.raises(CommandError, match="make docs"):
        call_command("topview_coverage", "--check")
    monkeypatch.setattr("tasks.management.commands.topview_coverage.homeless", lambda: ["submitThing"])
    with pytest.raises(CommandError, match="submitThing"):
        call_command("topview_coverage", "--check")


def test_every_call_of_the_client_is_documented_and_has_words() -> None:
    paths = {one.path for one in load().operations.values()}
    found = dict(coverage.client_paths())
    assert set(found) == set(coverage.PLACES)
    assert {name: path for name, path in found.items() if path not in paths} == {}


def test_each_product_and_operation_has_its_row() -> None:
    rows = [line for line in coverage.page().splitlines() if line.startswith("|")]
    for kind in KINDS.values():
        assert sum(f"`/tasks/new/{kind.slug}/`" in row for row in rows) == 1
    for operation in load().operations.values():
        assert sum(f"| {operation.id} |" in row for row in rows) == 1
