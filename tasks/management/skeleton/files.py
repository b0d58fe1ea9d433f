"""The files of a skeleton: the kind's module, five examples and a test."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tasks.contract import Contract, Operation
from tasks.contract.result_schema import ResultSchema, query_of
from tasks.management.skeleton.fields import FieldSketch, NoSkeleton, combinations, sketched

_ICONS = {"video": "film", "image": "image", "audio": "audio-lines"}
_DEMO_FILES = {
    "file:photo": 'DemoFile("product.png")',
    "file:mask": 'DemoFile("portrait.png")',
    "file:recording": 'DemoFile("voice.mp3")',
}
_URL = "https://files.example/{}/a"


@dataclass(frozen=True)
class Skeleton:
    """What to write: texts by path from the project's folder, and the keys that the form does not ask for."""

    files: dict[Path, str]
    left_out: list[str]


def skeleton(contract: Contract, operation_id: str, slug: str) -> Skeleton:
    """A kind of this slug for the operation. Raises NoSkeleton."""
    operation = contract.operations.get(operation_id)
    query = query_of(contract, operation) if operation else None
    if operation is None or query is None or not operation.creates_work:
        raise NoSkeleton(f"{operation_id} is no submit with a query of the same name")
    result = ResultSchema(contract, query, operation.board_media)
    if not result.places or result.places[0].is_inline:
        raise NoSkeleton(f"{query.id} tells no addresses of videos, images or sounds")
    fields, left_out = sketched(contract, operation)
    made = _Kind(contract, operation, query, result, fields, slug)
    module = slug.replace("-", "_")
    examples = Path("tests/kinds/examples") / slug
    files = {Path("tasks/kinds") / f"{module}.py": made.module()}
    files |= {examples / f"{name}.json": _json(text) for name, text in made.examples()}
    files[Path("tests/kinds") / f"test_{module}.py"] = made.test()
    return Skeleton(files, left_out)


@dataclass(frozen=True)
class _Kind:
    contract: Contract
    operation: Operation
    query: Operation
    result: ResultSchema
    fields: list[FieldSketch]
    slug: str

    @property
    def label(self) -> str:
        return self.slug.replace("-", " ").capitalize()

    def module(self) -> str:
        """The kind's file."""
        used = {field.kind for field in self.fields}
        names = {"KindForm", "Output", "Result", "Brief", "Step", "TaskKind", "Wire", "titled"} | used
        names |= {"Option"} if "Choice" in used else set()
        names |= {"when"} if any(field.shown_when for field in self.fields) else set()
        demo = self._demo()
        names |= {"DemoBrief"} if demo else set()
        names |= {"DemoFile"} if "DemoFile" in demo else set()
        names |= {"Pricing"} if self._pricing() else set()
        names |= {"FailedPart", "failed_rows"} if self._rows_may_fail() else set()
        return _MODULE.format(
            label=self.label,
            operation=self.operation.id,
            names="\n".join(f"    {name}," for name in sorted(names, key=lambda one: (one.islower(), one))),
            readers=", ".join(self._readers()),
            fields="\n".join(field.declaration for field in self.fields) or "    pass",
            outputs=self._outputs(),
            failed=_FAILED.format(rows=self.result.places[0].path[0]) if self._rows_may_fail() else "",
            counted=_COUNTED if self._counts() else "",
            title=self._title(),
            slug=self.slug,
            media=self.result.media,
            icon=_ICONS[str(self.result.media)],
            wire=_lines(self._wire(), 16),
            pricing=self._pricing(),
            demo=demo,
        )

    def _wire(self) -> Iterator[str]:
        for key, one in (("", self.operation), ("query_", self.query)):
            yield f'{key}operation="{one.id}"'
        yield f'submit_path="{self.operation.path}"'
        yield f'query_path="{self.query.path}"'
        yield "body=Inputs.body"
        yield "outputs=outputs"
        if self._rows_may_fail():
            yield "failed_parts=failed_parts"
        if self._counts():
            yield "expected_outputs=expected_outputs"
            yield 'count_field="count"'
        asked = self.result.plain(self.operation.request or {})["properties"]
        if "noticeUrl" not in asked:
            yield "takes_notice=False"
        if "boardId" in asked and self.operation.board_media == self.result.media:
            yield f'board_media="{self.result.media}"'
        callback = self.contract.document["components"]["schemas"]["NoticeCallback"]
        known = callback["properties"]["bizType"]["enum"]
        if words := tuple(one for one in self.operation.biz_types if one in known):
            yield f"biz_types={words!r}"

    def _pricing(self) -> str:
        word = self.operation.credit_log_type
        asked = {one.name: one.schema for one in self.contract.operations["listCreditLogs"].parameters}
        if word not in asked["taskType"].get("enum", ()):
            return ""
        return f'            pricing=Pricing(credit_log_type="{word}"),\n'

    def _counts(self) -> bool:
        return self.result.row is not None and any(one.name == "count" for one in self.fields)

    def _rows_may_fail(self) -> bool:
        return self.result.row is not None and "status" in self.result.properties(self.result.row)

    def _readers(self) -> list[str]:
        found = {"words"} | ({"rows", "has_failed"} if self.result.row is not None else set())
        return sorted(found | ({"part"} if any(self._within(p.path) for p in self.result.places) else set()))

    def _within(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """The objects between the result, or its row, and the address."""
        return path[path.index("[]") + 1 : -1] if "[]" in path else path[:-1]

    def _read(self, path: tuple[str, ...], whole: str) -> str:
        for name in self._within(path):
            whole = f'part({whole}, "{name}")'
        return f'words({whole}, "{path[-1]}")'

    def _outputs(self) -> str:
        media = self.result.media
        if self.result.row is not None:
            (place,) = self.result.places
            read = self._read(place.path, "row")
            return _FROM_ROWS.format(rows=place.path[0], read=read, media=media)
        reads = [self._read(place.path, "result") for place in self.result.places]
        return _FROM_RESULT.format(reads=_lines(reads, 8), media=media)

    def _demo(self) -> str:
        """The answers of the example; nothing where it needs a film, of which the demo has none."""
        answers = {name: value for name, value in self._body()[0].items() if value != ""}
        told = []
        for field in self.fields:
            if field.name in answers:
                files = [_DEMO_FILES.get(str(one), "") for one in _listed(answers[field.name])]
                if field.kind in ("Asset", "Assets") and not all(files):
                    return ""
                words = {"Asset": files[0], "Assets": f"[{', '.join(files)}]", "Pick": "0"}
                told.append(f'"{field.name}": {words.get(field.kind, _json(answers[field.name]).strip())}')
        return f"    demo=DemoBrief({{{', '.join(told)}}}),\n"

    def _title(self) -> str:
        texts = [one.name for one in self.fields if one.kind == "Text"]
        files = [one.name for one in self.fields if one.kind == "Asset"]
        found = (*(f', text="{name}"' for name in texts[:1]), *(f', file="{name}"' for name in files[:1]))
        return "".join(found)

    def examples(self) -> Iterator[tuple[str, Any]]:
        """Five: a body, and answers of a running, a good, a failed task and of another shape."""
        posted, body = self._body()
        yield "submit_plain", {"answers": posted, "body": body}
        yield "answer_running", {"result": self._answer("running"), "outputs": [], "failed": []}
        urls = [_URL.format(number) for number, _place in enumerate(self.result.places)]
        outputs = [
            {"role": self.result.media, "url": url, "position": number} for number, url in enumerate(urls)
        ]
        good = self._answer("success", *urls)
        yield "answer_success", {"result": good, "outputs": outputs, "failed": []}
        failed = {**self._answer("fail"), "errorMsg": "Nothing could be made."}
        yield "answer_fail", {"result": failed, "outputs": [], "failed": []}
        name = self.result.places[0].path[0]
        snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
        yield f"wrong_{snake}_is_a_number", {"result": {**self._answer("success"), name: 5}}

    def _body(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Answers that the form and the contract take, and the body they make. Raises NoSkeleton."""
        judge = Draft202012Validator(self.operation.request or {})
        for chosen in combinations(self.fields):
            choices = [one for one in chosen.values() if one.options]
            for picked in product(*(one.options for one in choices)):
                sent = {one.wire: value for one, value in zip(choices, picked, strict=True)}
                body = {one.wire: one.sent for one in chosen.values() if one.sent is not None} | sent
                if judge.is_valid(body):
                    posted = {name: one.posted for name, one in chosen.items() if one.posted is not None}
                    return posted | {one.name: str(sent[one.wire]) for one in choices}, body
        raise NoSkeleton(f"no body that the contract takes was found for {self.operation.id}")

    def _answer(self, status: str, *urls: str) -> dict[str, Any]:
        """The least that the schema wants, with addresses in their places."""
        needed = self.result.schema.get("required", ())
        found: dict[str, Any] = dict.fromkeys(needed, "9f4c2d")
        found["taskStatus" if "taskStatus" in needed else "status"] = status
        for place, url in zip(self.result.places, urls, strict=False):
            held: dict[str, Any] = {place.path[-1]: url}
            for name in reversed(self._within(place.path)):
                held = {name: held}
            if self.result.row is not None:
                held |= {"status": status} if self._rows_may_fail() else {}
                held = {place.path[0]: [held]}
            found |= held
        return found

    def test(self) -> str:
        """A test of the form, to be gone on from."""
        needed = sorted(one.name for one in self.fields if one.is_required and one.shown_when is None)
        names = ", ".join(f'"{name}"' for name in needed)
        return _TEST.format(label=self.label, slug=self.slug, needed=f"{{{names}}}" if names else "set()")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _lines(parts: Any, indent: int) -> str:
    return "\n".join(f"{' ' * indent}{part}," for part in parts)


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


_MODULE = '''"""{label}.

Contract: {operation}. Written by `manage.py new_kind` and not gone over yet: labels, sections, limits and the
usual time are guesses.
"""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from tasks.kinds.base import (
{names}
)
from tasks.kinds.base.json_readers import {readers}


class Inputs(KindForm):
    """What is asked for."""

{fields}


{outputs}{failed}{counted}

KIND = TaskKind(
    slug="{slug}",
    label=_("{label}"),
    summary=_("{label}."),
    icon="{icon}",
    docs_url="https://docs.topview.ai/reference",
    inputs=Inputs,
    titled=titled(_("{label}"){title}),
    action=_("Create {media}"),
    steps=(
        Step(
            slug="make",
            label=_("Make it"),
            wire=Wire(
{wire}
            ),
            usual_seconds=3 * 60,
            deadline_seconds=20 * 60,
{pricing}        ),
    ),
{demo})
'''

_FROM_ROWS = '''def outputs(result: Result, asked: Brief) -> Iterator[Output]:
    """Each file as it appears; its place in the list names it."""
    for position, row in rows(result, "{rows}"):
        url = {read}
        if url and not has_failed(row):
            yield Output("{media}", url, position=position)
'''

_FROM_RESULT = '''def outputs(result: Result, asked: Brief) -> Iterator[Output]:
    """The files whose addresses stand in the answer by now; the place of its key names each."""
    urls = [
{reads}
    ]
    for position, url in enumerate(urls):
        if url:
            yield Output("{media}", url, position=position)
'''

_FAILED = '''

def failed_parts(result: Result, asked: Brief) -> Iterator[FailedPart]:
    """Files that failed on their own."""
    yield from failed_rows(rows(result, "{rows}"))
'''

_COUNTED = '''

def expected_outputs(brief: Brief) -> int:
    """As many as were asked for."""
    return int(brief.get("count", 1))
'''

_TEST = '''"""{label}: what its form asks."""

from tasks.kinds import kind

from .world import Library, SmallCatalog


def test_a_form_without_answers_says_what_is_missing() -> None:
    form = kind("{slug}").inputs({{}}, files=Library(), catalog=SmallCatalog())
    assert set(form.errors) >= {needed}
'''
