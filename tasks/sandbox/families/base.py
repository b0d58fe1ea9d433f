"""What a product family is: how its calls are planned, how its tasks are told, and what they cost."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tasks.sandbox.catalog import Catalog, Person
from tasks.sandbox.files import Files
from tasks.sandbox.prices import by_second
from tasks.sandbox.render.samples import accent_of
from tasks.sandbox.render_spec import RenderSpec
from tasks.sandbox.rows import Job, Output, Row, Script, Task
from tasks.sandbox.task_store import ScriptStore, TaskStore


@dataclass(frozen=True)
class NewJob:
    """A job that a call asks for. `share` is the part of the usual time that it takes."""

    spec: RenderSpec
    price: Decimal
    part: str = "main"
    item: int = 0
    share: float = 1.0


@dataclass(frozen=True)
class Plan:
    """What an accepted call will do. With `task` it adds to that task instead of making a new one."""

    jobs: tuple[NewJob, ...]
    facts: Row = field(default_factory=dict)
    task: Task | None = None
    biz_type: str | None = None
    scripts: tuple[Script, ...] = ()


@dataclass(frozen=True)
class SubmitRequest:
    """A judged submit, with the catalogs to look its ids up in."""

    uid: str
    body: Row
    files: Files
    catalog: Catalog
    task_store: TaskStore
    scripts: ScriptStore

    def file(self, key: str, *roles: str) -> str | None:
        """The reference of the file that the body names under this key; None when it names none."""
        number = self.body.get(key)
        if number is None:
            return None
        return f"file:{self.files.used(self.uid, number, key=key, roles=roles or ('image',)).id}"

    def files_under(self, key: str, *roles: str) -> tuple[str, ...]:
        """The references of a list of files."""
        numbers = self.body.get(key) or []
        return tuple(f"file:{self.files.used(self.uid, n, key=key, roles=roles).id}" for n in numbers)

    def seconds_of(self, reference: str | None) -> float | None:
        """The length of a file, when the sandbox made it and so knows it."""
        return self.files.get(reference.removeprefix("file:")).seconds if reference else None

    def voice(self, key: str, *, default: str | None = None) -> Row | None:
        """The voice that the body names, or the default one."""
        number = self.body.get(key) or default
        return self.catalog.voice(self.uid, number, key=key) if number else None

    def person(self, key: str) -> Person:
        """The avatar that the body names."""
        return self.catalog.person(self.uid, self.body[key], key=key)

    def captions(self) -> dict[str, Any]:
        """The captions asked for, as arguments of a RenderSpec: without a style there are none."""
        number: str = self.body.get("captionId") or ""
        if number:
            self.catalog.entry("captions", "captionId", number, key="captionId")
        return {"captions": bool(number), "caption_style": number}


@dataclass(frozen=True)
class TaskView:
    """A task as a query sees it, with fresh links."""

    task: Task
    moment: float
    link: Callable[[str], str]
    read: Callable[[str], bytes]
    scripts: ScriptStore

    @property
    def status(self) -> str:
        """The state of the whole task."""
        return self.task.status_at(self.moment)

    def url(self, output: Output | None) -> str | None:
        """A fresh address of an output, or None."""
        return self.link(output.file_id) if output and not output.failed else None

    def content(self, output: Output) -> str:
        """An output's bytes in base64, where a result holds the file itself."""
        return base64.b64encode(self.read(output.file_id)).decode()

    def head(self, *, state: str = "status") -> Row:
        """The fields that every family's answer begins with."""
        return {"taskId": self.task.id, state: self.status, "errorMsg": self.task.error}

    def board(self) -> Row:
        """Where the task is filed, in the answers that say so."""
        number = self.task.body.get("boardId")
        return {"boardId": number, "boardTaskId": self.task.id if number else None}


@dataclass(frozen=True)
class FinishedJob:
    """A job that has just ended well, for what follows from it."""

    task: Task
    job: Job
    outputs: tuple[Output, ...]
    files: Files
    catalog: Catalog


def charged(task: Task, job: Job, outputs: tuple[Output, ...]) -> Decimal:
    """The usual cost: the price, less the share of outputs that failed."""
    good = sum(not output.failed for output in outputs)
    return job.price * good / len(outputs) if outputs else job.price


def charged_by_length(task: Task, job: Job, outputs: tuple[Output, ...]) -> Decimal:
    """By the real length of the result; the rate is what the submit noted as `rate` and `factor`."""
    seconds = max((output.seconds or 0 for output in outputs), default=0)
    if not seconds:
        return job.price
    return by_second(task.facts["rate"], seconds) * Decimal(task.facts.get("factor", "1"))


@dataclass(frozen=True)
class Family:
    """A product: its submits with their planners, its query, and how it is charged.

    `log_type` is the credit log's word; those the contract doesn't list are the sandbox's own.
    `noted_faults` are taken at the submit and stand in the task's facts with their values, for `answer`.
    """

    submits: Mapping[str, Callable[[SubmitRequest], Plan]]
    query: str
    answer: Callable[[TaskView], Row]
    log_type: str
    biz_type: str | None = None
    cost: Callable[[Task, Job, tuple[Output, ...]], Decimal] = charged
    ended: Callable[[FinishedJob], Mapping[str, Any]] | None = None
    noted_faults: tuple[str, ...] = ()


def label(*words: str) -> str:
    """What stands beside the Sandbox mark: what was asked for in words, of which a renderer sees nothing."""
    return " · ".join(word.strip() for word in words if word.strip())[:120]


def voice_facts(voice: Row | None) -> dict[str, Any]:
    """How a voice sounds, as the arguments of a RenderSpec."""
    if voice is None:
        return {}
    language = accent_of(voice["language"] or "en", voice.get("accent") or "")
    return {"language": language, "voice": voice["voiceId"], "voice_gender": voice["gender"] or ""}
