"""Which call of TopView is used where in the portal, read off the kinds, the client and the contract."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from django.conf import settings
from django.utils import translation

from tasks.contract import Operation, load
from tasks.kinds import KINDS
from tasks.kinds.base import Step, TaskKind
from tasks.topview import client

PAGE = Path(settings.BASE_DIR) / "docs" / "topview-coverage.md"

# Where people meet what a method of the client does.
PLACES = {
    "upload_ticket": "Every form that takes a file: the progress bars of a task that is preparing",
    "uploaded": "The same, after the bytes",
    "voices": "The picker and the page of voices",
    "avatars": "The picker and the page of avatars, own ones included",
    "ethnicities": "The filter of avatars",
    "captions": "The picker and the page of caption styles",
    "anyshoot_categories": "The filter of AnyShoot templates",
    "anyshoot_templates": "The picker and the page of AnyShoot templates",
    "product_avatar_categories": "The filter of product avatars",
    "product_avatars": "The picker and the page of product avatars",
    "photo_avatar_categories": "The filter of photo avatars",
    "photo_avatars": "The picker and the page of photo avatars, own ones included",
    "keep_photo_avatar": "The page of photo avatars: keep a portrait",
    "delete_photo_avatar": "The page of photo avatars: delete an own one",
    "delete_voice": "The page of voices: delete an own one",
    "check_notice": "Settings, callbacks: check my address",
    "credit": "Settings, credentials and account: the balance",
    "space": "Settings, account: disk space",
    "credit_logs": "Settings, account: charges; the page of a task whose outcome is unknown",
    "board_named": "Nowhere by itself: the board of an account on which lost calls are found",
    "add_board": "The same, where the account has no such board yet",
    "board_tasks": "The page of a task whose outcome is unknown: what may be it",
}


@dataclass(frozen=True)
class Home:
    """One use of an operation: in words for people, and the name in the code."""

    where: str
    code: str


def homes(kinds: Mapping[str, TaskKind] = KINDS) -> dict[str, list[Home]]:
    """Every use by operationId. Operations that nothing uses are not in it."""
    found: dict[str, list[Home]] = {}
    for operation, home in [*_of_kinds(kinds), *_of_the_client()]:
        if home not in found.setdefault(operation, []):
            found[operation].append(home)
    return found


def _of_kinds(kinds: Mapping[str, TaskKind]) -> Iterator[tuple[str, Home]]:
    for kind in kinds.values():
        for step in kind.steps:
            wire = step.wire
            uses = [(wire.operation, "starts it"), (wire.query_operation, "follows it")]
            uses += [(operation, "reads more of it") for operation in wire.also_read_operations]
            for operation, what in uses:
                where = f"{kind.label}: {step.label} ({what})"
                yield operation, Home(where, f"{kind.slug}, step {step.slug}")


def _of_the_client() -> Iterator[tuple[str, Home]]:
    """Each method of the client names the path of its operation in its body."""
    by_path: dict[str, list[Operation]] = {}
    for operation in load().operations.values():
        by_path.setdefault(operation.path, []).append(operation)
    for method, path in client_paths():
        for operation in by_path.get(path, []):
            yield operation.id, Home(PLACES.get(method, "In the code"), f"TopViewClient.{method}")


def client_paths() -> Iterator[tuple[str, str]]:
    """Name and path of every method of the client that is about one path."""
    tree = ast.parse(inspect.getsource(client))
    methods = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for method in methods:
        for node in ast.walk(method):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("/"):
                yield method.name, node.value


def homeless(kinds: Mapping[str, TaskKind] = KINDS) -> list[str]:
    """The operations of the core that nothing in the portal uses."""
    used = homes(kinds)
    return [one.id for one in load().operations.values() if one.core and one.id not in used]


def page(kinds: Mapping[str, TaskKind] = KINDS) -> str:
    with translation.override("en"):
        return "\n".join([*_head(), *_products(kinds), *_operations(homes(kinds)), ""])


def _head() -> Iterator[str]:
    yield "# What of TopView is where"
    yield ""
    yield "Written by `make docs` from the kinds, the client and the contract; a test fails when it is stale."
    yield "Operations are named as in `tasks/contract/openapi.yaml`. Those marked ● are the core that the"
    yield "portal promises to cover: one of them without a place in the portal is a failing test."


def _products(kinds: Mapping[str, TaskKind]) -> Iterator[str]:
    yield from ("", "## Formats", "", "| Format | Form | Steps |", "|---|---|---|")
    for kind in kinds.values():
        steps = " → ".join(f"{step.label}{_manner(step)}" for step in kind.steps)
        yield f"| [{kind.label}]({kind.docs_url}) | `/tasks/new/{kind.slug}/` | {steps} |"


def _manner(step: Step) -> str:
    if step.follow_up.is_automatic:
        return " (by itself)"
    return " (if wanted)" if step.follow_up.is_optional else ""


def _operations(used: Mapping[str, list[Home]]) -> Iterator[str]:
    ordered = sorted(load().operations.values(), key=_group)
    for group, operations in groupby(ordered, key=_group):
        yield from ("", f"## {group}", "", "| | Operation | Call | In the portal |", "|---|---|---|---|")
        for one in operations:
            mark = "●" if one.core else ""
            found = "<br>".join(f"{home.where}, `{home.code}`" for home in used.get(one.id, []))
            yield f"| {mark} | {one.id} | `{one.method} {one.path}` | {found or 'not used'} |"


def _group(operation: Operation) -> str:
    return operation.tags[0] if operation.tags else "Other"
