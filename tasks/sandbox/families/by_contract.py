"""The family of every operation that no module here knows: planned, priced and answered by its schemas.

An operation that creates work, and the query of the same name, are served when nothing else serves them.
What is made (films, pictures or sounds, and how many) stands in the query's result; what of, how long and how
large in the names of the request. Prices and log words that the contract leaves out are the sandbox's own.
"""

import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from typing import Any

from tasks.contract import Contract, Operation
from tasks.contract.loader import Schema
from tasks.contract.models import image_models, video_models
from tasks.contract.result_schema import Media, media_in, query_of
from tasks.sandbox.families.base import (
    Family,
    NewJob,
    Plan,
    SubmitRequest,
    TaskView,
    charged,
    label,
    voice_facts,
)
from tasks.sandbox.families.filling import Answer, Facts, facts_of
from tasks.sandbox.limits import check_model
from tasks.sandbox.messages import refuse
from tasks.sandbox.prices import by_model, by_picture, guessed_seconds, price, price_of
from tasks.sandbox.render.jobs import MOST_SECONDS
from tasks.sandbox.render_spec import RenderSpec
from tasks.sandbox.rows import Job, Output, Row, Task

MOST_FILES = 8
USUAL_SECONDS: Mapping[Media, float] = {"video": 5.0, "audio": 8.0, "image": 0.0}
COUNTS = ("generatingCount", "generateCount")
SPOKEN = ("ttsText", "voiceText", "text", "script")
# Callbacks without a documented word carry the contract's word for such a file: it lists all that there are.
CALLBACK_WORDS: Mapping[Media, str] = {
    "video": "COMMON_TASK_TEXT2VIDEO",
    "image": "COMMON_TASK_TEXT2IMAGE",
    "audio": "VOICE_TEXT2VOICE",
}
LABELS = ("model", "mode", "prompt", "story", "lyrics", "styles")
# The shorter side of pictures whose resolution is a word.
PICTURE_SIDES = {"512p": 512, "1K": 1024, "2K": 2048, "4K": 4096}
_FILE_KEY = re.compile(r"(file|image|video|audio)ids?$", re.IGNORECASE)
_TASK_KEY = re.compile(r"taskid$", re.IGNORECASE)


def families(contract: Contract, served: Collection[str]) -> Iterator[Family]:
    """A family for each query with its submits, of those that are not served yet."""
    submits: dict[str, list[Operation]] = {}
    for operation in contract.operations.values():
        query = query_of(contract, operation)
        if operation.creates_work and operation.id not in served and query is not None:
            submits.setdefault(query.id, []).append(operation)
    for name, operations in submits.items():
        result = Answer(contract, contract.operations[name], operations[0].board_media)
        name_in_path = re.sub(r"^/v\d+/|/(task/)?submit$", "", operations[0].path)
        yield Family(
            submits={one.id: Planner(contract, one, result).plan for one in operations},
            query=name,
            answer=Answerer(result).answer,
            cost=charged_as_made,
            log_type=operations[0].credit_log_type or re.sub(r"\W", "_", name_in_path).lower(),
            biz_type=next(iter(operations[0].biz_types), CALLBACK_WORDS[result.media or "image"]),
        )


@dataclass(frozen=True)
class Inputs:
    """What a body names: references of files by role, and the words of tasks that it goes on from."""

    images: tuple[str, ...] = ()
    videos: tuple[str, ...] = ()
    audios: tuple[str, ...] = ()

    def __add__(self, other: "Inputs") -> "Inputs":
        return Inputs(self.images + other.images, self.videos + other.videos, self.audios + other.audios)


@dataclass(frozen=True)
class Planner:
    """Plans and prices the calls of one operation."""

    contract: Contract
    operation: Operation
    result: Answer

    def plan(self, request: SubmitRequest) -> Plan:
        """One job with as many files as were asked for; for lists of inputs and languages one for each."""
        request = replace(request, body=self._described(self.operation, request.body))
        task = self._earlier(request)
        earlier = self._described(self.contract.operations[task.operation], task.body) if task else {}
        body = {**earlier, **request.body}
        self._check_model(body)
        inputs = _inputs(request, request.body)
        if task is not None:
            inputs += _outputs(request, task) if task.main.outputs else _inputs(request, earlier)
        rows = _combinations(body, inputs) if self.result.row else []
        if not rows:
            spec = self._spec(request, body, inputs, self._count(body))
            cost = self._price(body, spec)
            facts: Row = {"body": body}
            if self.result.media == "video" and spec.seconds is None and not spec.text:
                facts["rate"] = str(cost / spec.count / Decimal(USUAL_SECONDS["video"]))
            return Plan(jobs=(NewJob(spec, cost),), facts=facts)
        specs = [self._spec(request, body | row, each, 1) for row, each in rows]
        jobs = [NewJob(spec, self._price(body, spec), item=number) for number, spec in enumerate(specs)]
        return Plan(jobs=tuple(jobs), facts={"body": body, "rows": [row for row, _inputs in rows]})

    def _earlier(self, request: SubmitRequest) -> Task | None:
        """The task that this one goes on from. Refuses with 4004, and with 4007 while it is unfinished."""
        for key, number in request.body.items():
            if _TASK_KEY.search(key):
                kin = [o.id for o in self.contract.operations.values() if o.tags == self.operation.tags]
                task = request.task_store.required(str(number), uid=request.uid, operations=kin)
                if not task.main.succeeded:
                    refuse("4007", f"the task must end well first: {key}")
                return task
        return None

    def _properties(self, operation: Operation) -> Mapping[str, Schema]:
        return self.result.properties(self.result.plain(operation.request or {}))

    def _described(self, operation: Operation, body: Row) -> Row:
        """What the contract knows of a body: any other key is let pass, with a value of any form."""
        known = self._properties(operation)
        return {key: value for key, value in body.items() if key in known}

    def _check_model(self, body: Row) -> None:
        if "x-options-from" in self._properties(self.operation).get("model", {}):
            kind = self.operation.path.split("/")[-3]
            check_model(body, kind, image_models() if self.result.media == "image" else video_models())

    def _count(self, body: Row) -> int:
        if self.result.row is None:
            return max(1, len(self.result.places))
        text = str(next((value for key, value in body.items() if key in COUNTS), 1))
        if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= MOST_FILES:
            refuse("4000", f"between 1 and {MOST_FILES} files can be asked for, not {text[:20]}")
        return int(text)

    def _spec(self, request: SubmitRequest, body: Row, inputs: Inputs, count: int) -> RenderSpec:
        """What is rendered: someone speaks where words and a face are named, else what the result holds."""
        ratio, text = str(body.get("aspectRatio", "")), next((body[k] for k in SPOKEN if k in body), "")
        words = [str(body[key]) for key in (*LABELS, "language") if key in body]
        facts: dict[str, Any] = {
            "label": label(*words),
            "aspect": ratio if re.fullmatch(r"[1-9]\d?:[1-9]\d?", ratio) else "",
            "count": count,
        }
        if self.result.media == "audio":
            if text:
                return RenderSpec("speech", text=text, **voice_facts(request.voice("voiceId")))
            return RenderSpec("music", seconds=_seconds(request, body, inputs, "audio"), **facts)
        if self.result.media != "video":
            height = PICTURE_SIDES.get(str(body.get("resolution")))
            return RenderSpec("still", pictures=inputs.images, height=height, **facts)
        facts["video"] = inputs.videos[0] if inputs.videos else None
        if (text or inputs.audios) and (inputs.images or inputs.videos):
            said: dict[str, Any] = {"audio": inputs.audios[0]} if inputs.audios else {}
            if text:
                said = {"text": text, **voice_facts(request.voice("voiceId")), **request.captions()}
            return RenderSpec("talking", pictures=inputs.images, **facts, **said)
        return RenderSpec(
            "clip" if inputs.videos else "animation",
            pictures=inputs.images,
            seconds=_seconds(request, body, inputs, "video"),
            height=body["resolution"] if isinstance(body.get("resolution"), int) else None,
            sounds=body.get("sound") == "on",
            **facts,
        )

    def _price(self, body: Row, spec: RenderSpec) -> Decimal:
        """By the contract's table where a model is named, else what is documented, else the sandbox's own."""
        media, name = self.result.media or "image", body.get("model", "")
        seconds = spec.seconds or (guessed_seconds(spec.text) if spec.text else USUAL_SECONDS[media])
        if media == "video" and name in video_models():
            return by_model(name, body.get("resolution"), seconds, sound=spec.sounds) * spec.count
        if media == "image" and name in image_models():
            return by_picture(name, body.get("resolution")) * spec.count
        each = price_of(self.operation.id, self.result.query.replace("query", "submit", 1)) or price(
            f"by_contract_{media}"
        )
        return each * (math.ceil(seconds) if media == "video" else 1) * spec.count


@dataclass(frozen=True)
class Answerer:
    """Answers the queries of one result schema."""

    result: Answer

    def answer(self, view: TaskView) -> Row:
        """The result, with all its files once every job has ended."""
        done = view.status == "success"
        outputs = [o for job in view.task.latest("main") for o in job.outputs] if done else []
        known = {
            **(facts_of(outputs[0]) if outputs else {}),
            "taskid": view.task.id,
            "status": view.status,
            "errormsg": view.task.error,
            "costcredit": view.task.cost,
            "boardid": view.board()["boardId"],
            "boardtaskid": view.board()["boardTaskId"],
            "rows": view.task.facts.get("rows", []),
        }
        texts = view.task.facts.get("body", {}) if done else {}
        return self.result.filled(Facts(known, outputs, view.url, view.content, texts))


def charged_as_made(task: Task, job: Job, outputs: tuple[Output, ...]) -> Decimal:
    """The price, or by the second of what was made when its length was not known before."""
    if "rate" not in task.facts:
        return charged(task, job, outputs)
    seconds = sum(math.ceil(one.seconds or 0) for one in outputs if not one.failed)
    return Decimal(task.facts["rate"]) * seconds


def _inputs(request: SubmitRequest, body: Row) -> Inputs:
    """The files that a body names: by a key that ends in FileId or FileIds, or in rows with a fileId."""
    found = Inputs()
    for key, value in body.items():
        for one in value if isinstance(value, list) else [value]:
            number = one.get("fileId") if isinstance(one, dict) else one if _FILE_KEY.search(key) else None
            if number is not None:
                media = media_in(re.sub(r"fileids?$", "", key, flags=re.IGNORECASE))
                file = request.files.used(
                    request.uid, number, key=key, roles=(media,) if media else ("image", "video", "audio")
                )
                found += _as_input(file.role, file.id)
    return found


def _outputs(request: SubmitRequest, task: Task) -> Inputs:
    found = Inputs()
    for output in task.main.outputs:
        found += _as_input(output.role, output.file_id)
    return found


def _as_input(role: str, number: str) -> Inputs:
    return Inputs(**{f"{role}s": (f"file:{number}",)})


def _combinations(body: Row, inputs: Inputs) -> list[tuple[Row, Inputs]]:
    """A row and its picture for each picture in each language; empty where no languages are asked for."""
    languages = body.get("languages") or []
    pairs = product(inputs.images, languages)
    return [({"language": language}, Inputs(images=(image,))) for image, language in pairs]


def _seconds(request: SubmitRequest, body: Row, inputs: Inputs, media: Media) -> float | None:
    """How long it is to be: as asked, else as what it is made of, else as usual; None: as that turns out."""
    asked = body.get("duration")
    if isinstance(asked, (int, float)) and asked > 0:
        return min(MOST_SECONDS, float(asked))
    sources = inputs.videos if media == "video" else inputs.audios
    if not sources:
        return USUAL_SECONDS[media]
    known = request.seconds_of(sources[0])
    return min(MOST_SECONDS, known) if known else None
