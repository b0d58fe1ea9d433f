"""A product of several steps, for tests: pictures, then a film of one of them, or prints of several."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from tasks.kinds.base import (
    Asset,
    Brief,
    FollowUp,
    KindForm,
    Output,
    Pricing,
    Rate,
    Result,
    Step,
    TaskKind,
    Text,
    Wire,
    cost_of,
)


class Inputs(KindForm):
    """What the task starts with."""

    image = Asset(wire="imageFileId", role="image", label="Picture")


class FilmInputs(KindForm):
    """What is asked before a film."""

    words = Text(wire="words", max_length=40, label="Words", required_message="Say something.")
    music = Asset(wire="musicFileId", role="audio", label="Music", required=False)


def outputs(result: Result, asked: Brief) -> Iterator[Output]:
    """The rows of a made-up answer."""
    for position, row in enumerate(result.get("rows", [])):
        yield Output("image", row["url"], key=row["key"], position=position, facts={"face": row["face"]})


def _step(slug: str, label: str, *, inputs: type[KindForm] = FilmInputs, **more: Any) -> Step:
    wire = Wire(
        operation="a",
        query_operation="b",
        submit_path=f"/v1/{slug}",
        query_path=f"/v1/{slug}/query",
        body=inputs.body,
        outputs=outputs,
    )
    return Step(slug=slug, label=label, wire=wire, usual_seconds=5, deadline_seconds=50, **more)


def _refusal(facts: Any) -> str:
    return "" if facts.get("face", True) else "No face was found in it."


STEPPING = TaskKind(
    slug="sample-steps",
    label="Sample of steps",
    summary="A sample.",
    icon="image",
    docs_url="https://docs.example/",
    inputs=Inputs,
    titled=lambda brief, names: "Steps",
    steps=(
        _step("pictures", "Make pictures", inputs=Inputs),
        _step(
            "film",
            "Make a film",
            follow_up=FollowUp(works_on=("pictures",), inputs=FilmInputs, refusal=_refusal),
        ),
        _step(
            "print",
            "Print",
            follow_up=FollowUp(works_on=("pictures",), takes_several=True, is_optional=True),
            pricing=Pricing(
                cost=lambda asked, prices: cost_of([Rate(Decimal(5), "digest", date(2026, 7, 27))])
            ),
        ),
    ),
)
