"""Every kind is held to examples written from the contract: what it sends, and what it understands."""

import json
from pathlib import Path
from typing import Any

import pytest

from tasks.kinds import KINDS
from tasks.kinds.base import FailedPart, KindForm, Output, Step, UnexpectedShape

from .contract import answer_problems, body_problems, component, operation
from .world import FILE_IDS, Library, SmallCatalog, posted, posted_again

EXAMPLES = Path(__file__).parent / "examples"


def examples(prefix: str) -> list[Any]:
    """(slug, example) for every file whose name starts so."""
    return [
        pytest.param(path.parent.name, json.loads(path.read_text()), id=f"{path.parent.name}/{path.stem}")
        for path in sorted(EXAMPLES.glob(f"*/{prefix}_*.json"))
    ]


def test_every_kind_has_examples_of_all_sorts():
    for slug in KINDS:
        names = [path.stem for path in (EXAMPLES / slug).glob("*.json")]
        for prefix in ("submit", "answer_running", "answer_success", "answer_fail", "wrong"):
            assert any(name.startswith(prefix) for name in names), f"{slug} has no example of {prefix}"


def step_of(slug: str, example: dict[str, Any]) -> Step:
    """The step an example is about: the one it names, else the first."""
    kind = KINDS[slug]
    return kind.step(example["step"]) if "step" in example else kind.steps[0]


def form_of(slug: str, example: dict[str, Any]) -> type[KindForm] | None:
    """What people fill in for it."""
    return step_of(slug, example).follow_up.inputs if "step" in example else KINDS[slug].inputs


@pytest.mark.parametrize(("slug", "example"), examples("submit"))
def test_the_answers_of_a_form_make_the_body_of_the_contract(slug, example):
    step, inputs = step_of(slug, example), form_of(slug, example)
    answers = {}
    if inputs is not None:
        form = inputs(posted(example["answers"]), files=Library(), catalog=SmallCatalog())
        assert form.errors == {}
        answers = form.brief()
    asked = json.loads(json.dumps({**example.get("asked", {}), **answers}))
    body = step.body(asked, FILE_IDS)
    assert body == example["body"]
    assert [type(body[key]) for key in sorted(body)] == [type(example["body"][key]) for key in sorted(body)]
    assert body_problems(step.wire.operation, body) == []


@pytest.mark.parametrize(("slug", "example"), examples("submit"))
def test_a_brief_made_again_makes_the_same_body(slug, example):
    if "step" in example:
        return
    kind = KINDS[slug]
    first = kind.inputs(posted(example["answers"]), files=Library(), catalog=SmallCatalog())
    assert first.is_valid()
    again = posted_again(first, kind.read_brief(first.brief()))
    second = kind.inputs(again, files=Library(), catalog=SmallCatalog())
    assert second.errors == {}
    assert second.brief() == first.brief()
    assert kind.is_current(second.brief())


@pytest.mark.parametrize(("slug", "example"), examples("answer"))
def test_a_documented_answer_is_understood(slug, example):
    step = step_of(slug, example)
    if example.get("by_contract", True):
        assert answer_problems(step.wire.query_operation, example["result"]) == []
    assert list(step.outputs(example["result"], example.get("asked", {}))) == [
        Output(**row) for row in example["outputs"]
    ]
    assert list(step.failed_parts(example["result"], example.get("asked", {}))) == [
        FailedPart(**row) for row in example["failed"]
    ]


@pytest.mark.parametrize(("slug", "example"), examples("wrong"))
def test_an_answer_of_another_shape_has_an_error_with_a_name(slug, example):
    step = step_of(slug, example)
    assert answer_problems(step.wire.query_operation, example["result"])
    with pytest.raises(UnexpectedShape):
        list(step.outputs(example["result"], example.get("asked", {})))


@pytest.mark.parametrize("slug", KINDS)
def test_the_paths_are_those_of_the_contract(slug):
    for step in KINDS[slug].steps:
        submit, query = operation(step.wire.operation), operation(step.wire.query_operation)
        assert (submit["method"], submit["path"]) == ("post", step.wire.submit_path)
        assert (query["method"], query["path"]) == ("get", step.wire.query_path)
        assert set(step.wire.biz_types) <= set(component("NoticeCallback")["properties"]["bizType"]["enum"])
        assert list(step.wire.biz_types) == submit.get("x-notice-biz-types", list(step.wire.biz_types))
        if step.pricing.credit_log_type:
            filters = {each["name"]: each for each in operation("listCreditLogs")["parameters"]}
            assert step.pricing.credit_log_type in filters["taskType"]["schema"]["enum"]
