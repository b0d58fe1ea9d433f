"""Every operation of the contract's core: the portal calls it rightly and understands its answers.

What is tried comes from the examples of the kinds and the calls of the client; an operation that lacks some
is named together with what it lacks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tasks.contract import load
from tasks.kinds import KINDS
from tasks.kinds.base import FailedPart, Output, Step, TaskKind
from tasks.topview.client import TopViewClient
from tasks.topview.results import RemoteState
from tests.topview.conftest import client, client_of, server
from tests.topview.server import ScriptedServer, says
from tests.topview.test_contract import CALLS

from .contract import answer_problems, body_problems

__all__ = ["client", "client_of", "server"]

EXAMPLES = Path(__file__).parent / "examples"
CONTRACT = load()
CORE = [one.id for one in CONTRACT.operations.values() if one.core]
STEPS = [(kind, step) for kind in KINDS.values() for step in kind.steps]
QUERIES = {step.wire.query_operation: step for _kind, step in STEPS}
# The words of failure that TopView uses, one by one and for the whole task.
FAILURES = ("fail", "failed")


def examples(kind: TaskKind, step: Step, prefix: str) -> list[dict[str, Any]]:
    """Those of one step whose file names start so."""
    paths = sorted((EXAMPLES / kind.slug).glob(f"{prefix}*.json"))
    found = [json.loads(path.read_text()) for path in paths]
    return [one for one in found if one.get("step", kind.steps[0].slug) == step.slug]


def lacks(operation_id: str) -> list[str]:
    """What is not tried of an operation, in words; nothing when all of it is."""
    found: list[str] = []
    uses = 0
    for kind, step in STEPS:
        name = f"{kind.slug}/{step.slug}"
        if operation_id == step.wire.operation:
            uses += 1
            found += [] if examples(kind, step, "submit") else [f"{name}: no example of a body"]
        if operation_id == step.wire.query_operation:
            uses += 1
            sorts = ("answer_[ri]", "answer_success", "answer_fail")  # running, init
            found += [f"{name}: no example of {sort}" for sort in sorts if not examples(kind, step, sort)]
        if operation_id in step.wire.also_read_operations:
            uses += 1
            key = also_read_key(step, operation_id)
            told = [one for one in examples(kind, step, "answer_success") if key in one["result"]]
            found += [] if told else [f"{name}: no answer with what {operation_id} tells"]
    if not uses and operation_id not in CALLS:
        found.append("neither a step nor a call of the client uses it")
    return found


def also_read_key(step: Step, operation_id: str) -> str:
    """The key under which a step finds the answer of another operation."""
    path = CONTRACT.operations[operation_id].path
    return next(key for key, read in step.wire.also_read.items() if read == path)


@pytest.mark.parametrize("operation_id", CORE)
def test_an_operation_lacks_no_example(operation_id: str) -> None:
    assert lacks(operation_id) == []


def test_an_operation_without_a_home_is_told() -> None:
    assert lacks("submitStoryboard") == ["neither a step nor a call of the client uses it"]


def of_steps(prefix: str) -> list[Any]:
    return [
        pytest.param(step, example, id=f"{kind.slug}-{step.slug}-{number}")
        for kind, step in STEPS
        for number, example in enumerate(examples(kind, step, prefix))
    ]


@pytest.mark.parametrize(("step", "example"), of_steps("submit"))
def test_an_example_of_a_body_is_valid_by_the_contract(step: Step, example: dict[str, Any]) -> None:
    assert body_problems(step.wire.operation, example["body"]) == []


@pytest.mark.parametrize(("step", "example"), of_steps("answer"))
def test_what_is_read_beside_the_query_is_valid_by_its_own_operation(
    step: Step, example: dict[str, Any]
) -> None:
    for operation_id in step.wire.also_read_operations:
        told = example["result"].get(also_read_key(step, operation_id))
        if told is not None and example.get("by_contract", True):
            assert answer_problems(operation_id, told) == []


def with_nulls(value: Any, root: Any) -> Iterator[Any]:
    """The whole answer once for each of its values, that value null."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in list(parts):
        if part is None:
            continue
        value[key] = None
        yield deepcopy(root)
        value[key] = part
        yield from with_nulls(part, root)


def is_documented(step: Step, answer: dict[str, Any]) -> bool:
    """Whether the contract allows an answer, with what was read beside it."""
    beside = ((one, answer.get(also_read_key(step, one))) for one in step.wire.also_read_operations)
    problems = [problem for one, told in beside if told is not None for problem in answer_problems(one, told)]
    return not problems + answer_problems(step.wire.query_operation, answer)


@pytest.mark.parametrize(("kind", "step"), STEPS, ids=lambda one: one.slug)
def test_any_part_of_an_answer_may_be_null_where_the_contract_allows_it(kind: TaskKind, step: Step) -> None:
    tried = 0
    for example in examples(kind, step, "answer_success"):
        result, asked = example["result"], example.get("asked", {})
        for answer in with_nulls(result, result):
            if is_documented(step, answer):
                tried += 1
                assert all(isinstance(one, Output) for one in step.outputs(answer, asked))
                assert all(isinstance(one, FailedPart) for one in step.failed_parts(answer, asked))
    assert tried > 2


@pytest.mark.parametrize("operation_id", QUERIES)
@pytest.mark.parametrize("key", ["status", "taskStatus"])
def test_both_spellings_of_failure_are_one(
    server: ScriptedServer, client: TopViewClient, operation_id: str, key: str
) -> None:
    path = QUERIES[operation_id].wire.query_path
    server.script = [says({"taskId": "t1", key: word, "errorMsg": "no face"}) for word in FAILURES]
    for _word in FAILURES:
        found = client.query(path, "t1")
        assert (found.state, found.error) == (RemoteState.FAILED, "no face")


@pytest.mark.parametrize("operation_id", QUERIES)
def test_every_word_that_the_contract_has_for_a_state_is_known(operation_id: str) -> None:
    words = set(state_words(CONTRACT.operations[operation_id].answer))
    assert words >= {"success"}
    known = {word for word in words if RemoteState.of(word) is not RemoteState.RUNNING}
    assert words - known <= {"init", "running", "processing", "queueing", "pending"}


def state_words(schema: Any) -> Iterator[str]:
    """The words of the schema behind `status` or `taskStatus`, wherever it stands."""
    if isinstance(schema, dict):
        for key, part in schema.items():
            if key == "$ref":
                yield from state_words(component(part))
            elif key in ("status", "taskStatus") and isinstance(part, dict):
                yield from enumerated(part)
            elif key != "components":
                yield from state_words(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from state_words(part)


def enumerated(schema: dict[str, Any]) -> Iterator[str]:
    if "$ref" in schema:
        yield from enumerated(component(schema["$ref"]))
    for key in ("oneOf", "anyOf", "allOf"):
        for part in schema.get(key, ()):
            yield from enumerated(part)
    yield from (word for word in schema.get("enum", ()) if isinstance(word, str))


def component(reference: str) -> dict[str, Any]:
    found: dict[str, Any] = CONTRACT.document["components"]["schemas"][reference.rsplit("/", 1)[1]]
    return found
