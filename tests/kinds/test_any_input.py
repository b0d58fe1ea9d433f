"""Whatever is posted gives a body the contract accepts, or messages on fields; never an exception."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.kinds import KINDS
from tasks.kinds.base import Option, TaskKind, UnexpectedShape, Wired

from .contract import answer_problems, body_problems
from .world import ENTRIES, FILE_IDS, Library, SmallCatalog, posted

EXAMPLES = Path(__file__).parent / "examples"
# How many posts, values or answers are made up for a kind.
many = pytest.mark.parametrize("count", [25, pytest.param(300, marks=[pytest.mark.proof, pytest.mark.long])])

ODD = [
    "NaN",
    "sNaN",
    "-Infinity",
    "1e999999999",
    "1E-400",
    "0x1",
    "١",
    "1_0",
    "\x00",
    "null",
    "true",
    "on",
    "{}",
]


def values() -> st.SearchStrategy[str]:
    """Values that are right somewhere, values that look like numbers or nothing, and text."""
    known = [
        option.value for kind in KINDS.values() for field in fields_of(kind) for option in options_of(field)
    ]
    known += [*FILE_IDS, *(entry.id for entry in ENTRIES), "0.85", "1.00", "1.10", "2", "4"]
    return st.one_of(st.sampled_from(known), st.sampled_from(ODD), st.text(max_size=40), st.just("x" * 6000))


def fields_of(kind: TaskKind) -> list[Wired]:
    return [field for _name, field in kind.inputs.own_fields()]


def options_of(field: Wired) -> tuple[Option, ...]:
    return getattr(field, "options", ())


@st.composite
def posts(draw: st.DrawFn, slug: str) -> QueryDict:
    """The answers of an example, with up to three fields left out, posted twice or given another value."""
    data = QueryDict(mutable=True)
    paths = sorted((EXAMPLES / slug).glob("submit_*.json"))
    for name, value in posted(json.loads(draw(st.sampled_from(paths)).read_text())["answers"]).items():
        data.setlist(name, value if isinstance(value, list) else [value])
    names = st.sampled_from(list(KINDS[slug].inputs.base_fields))
    for name in draw(st.lists(names, max_size=3)):
        data.setlist(name, draw(st.lists(values(), max_size=2)))
    return data


@many
@pytest.mark.parametrize("slug", KINDS)
def test_any_post_gives_a_valid_body_or_messages(slug: str, count: int) -> None:
    kind = KINDS[slug]
    bodies: list[dict[str, Any]] = []

    @settings(max_examples=count, deadline=None)
    @given(data=posts(slug))
    def judge(data: Any) -> None:
        form = kind.inputs(data, files=Library(), catalog=SmallCatalog())
        if not form.is_valid():
            assert set(form.errors) <= set(form.fields)
            assert [bound.value() for section in form.sections() for bound in section.fields]
            return
        brief = json.loads(json.dumps(form.brief()))
        body = kind.steps[0].body(brief, FILE_IDS)
        assert body_problems(kind.steps[0].wire.operation, body) == []
        assert kind.title(brief)
        assert kind.steps[0].expected_outputs(brief) >= 0
        bodies.append(body)

    judge()
    assert bodies, "no post was valid: the strategy says nothing about bodies"


@many
@pytest.mark.parametrize("slug", KINDS)
def test_any_json_values_are_judged_too(slug: str, count: int) -> None:
    kind = KINDS[slug]
    anything = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.text()))
    names = list(kind.inputs.base_fields)

    @settings(max_examples=count, deadline=None)
    @given(data=st.dictionaries(st.sampled_from(names), anything))
    def judge(data: Any) -> None:
        form = kind.inputs(data, files=Library(), catalog=SmallCatalog())
        assert form.is_valid() or set(form.errors) <= set(form.fields)

    judge()


ANY_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@many
@pytest.mark.parametrize("slug", KINDS)
def test_any_answer_is_read_or_refused_by_name(slug: str, count: int) -> None:
    step = KINDS[slug].steps[0]
    keys = st.sampled_from(
        ["videos", "originVideo", "filePath", "outputVideoUrl", "status", "errorMsg", "width", "voice"]
        + ["finishedVideoUrl", "aiAvatar", "aiavatarId", "voiceName", "voiceId", "demoAudioUrl"]
        + ["bgRemovedImagePath", "bgRemovedImageFileId", "maskImagePath"]
    )
    near = st.recursive(
        ANY_JSON,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=4)),
        max_leaves=12,
    )

    @settings(max_examples=count, deadline=None)
    @given(result=st.dictionaries(keys, near, max_size=5))
    def read(result: dict[str, Any]) -> None:
        try:
            positions = [output.position for output in step.outputs(result, {})]
            positions += [failed.position for failed in step.failed_parts(result, {})]
        except UnexpectedShape:
            whole = {"taskId": "x", "status": "success", **result}
            assert answer_problems(step.wire.query_operation, whole)
            return
        assert all(position >= 0 for position in positions)

    read()
