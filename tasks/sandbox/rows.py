"""Tasks and their jobs, as they are read.

A *task* is what TopView's taskId names. Each accepted call adds one or more *jobs* to it (a marketing video
gets one per script); a job is one render with an ending. Nothing ticks: a job is due when its time is over
and its result is rendered, so a restart changes nothing.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Row = dict[str, Any]

INIT_SHARE = 0.15


@dataclass(frozen=True)
class Output:
    """One file of a finished render; `failed` when it was made to fail."""

    file_id: str
    role: str
    width: int | None
    height: int | None
    seconds: float | None
    failed: bool = False


@dataclass(frozen=True)
class Job:
    """One render of a task. `part` is main, preview or export; `item` the script's number, else 0.

    `ending` is the fault that decides how it ends. `price` is reserved until it has finished, `cost` is what
    was charged.
    """

    id: int
    task_id: str
    accepted_id: int
    part: str
    item: int
    plan: str
    price: Decimal
    at: float
    seconds: float
    ending: str | None
    ending_value: str | None
    outputs: tuple[Output, ...]
    error: str | None
    rendered: float | None
    finished: float | None
    status: str | None
    cost: Decimal | None

    def status_at(self, moment: float) -> str:
        """init, running, success, fail or failed."""
        if self.status:
            return self.status
        return "init" if moment - self.at < self.seconds * INIT_SHARE else "running"

    def is_due(self, moment: float) -> bool:
        """Whether it can be finished now."""
        if self.finished or self.ending == "stuck" or moment < self.at + self.seconds:
            return False
        return bool(self.rendered or self.error or self.ending in ("task-fail", "task-failed"))

    @property
    def succeeded(self) -> bool:
        """Whether it has finished with a result."""
        return self.status == "success"

    @property
    def first(self) -> Output | None:
        """Its first good output, once it has succeeded."""
        good = [output for output in self.outputs if not output.failed]
        return good[0] if self.succeeded and good else None


@dataclass(frozen=True)
class Task:
    """A task with its jobs, oldest first. `facts` is what its family noted at the submit."""

    id: str
    uid: str
    operation: str
    body: Row
    facts: Row
    base_url: str
    at: float
    jobs: tuple[Job, ...]

    def status_at(self, moment: float) -> str:
        """The state of the whole task."""
        words = [job.status_at(moment) for job in self.jobs if not job.finished]
        if words:
            return "running" if len(words) < len(self.jobs) or "running" in words else "init"
        if any(job.succeeded for job in self.jobs):
            return "success"
        return self.jobs[-1].status or "fail"

    @property
    def error(self) -> str | None:
        """Why it failed, of the last job that did."""
        return next((job.error for job in reversed(self.jobs) if job.finished and job.error), None)

    @property
    def main(self) -> Job:
        """The only job of a task that has one."""
        return self.jobs[-1]

    @property
    def cost(self) -> float | None:
        """What was charged, once everything has finished well."""
        costs = [job.cost for job in self.jobs if job.succeeded]
        if not costs or any(not job.finished for job in self.jobs):
            return None
        return float(sum(cost or Decimal(0) for cost in costs))

    def latest(self, part: str) -> list[Job]:
        """The newest job of each item of a part, by item."""
        newest = {job.item: job for job in self.jobs if job.part == part}
        return [newest[item] for item in sorted(newest)]


@dataclass(frozen=True)
class Accepted:
    """A call that was accepted, and the callback it asked for."""

    id: int
    uid: str
    operation: str
    task_id: str
    biz_type: str | None
    notice_uuid: str | None
    notice_url: str | None


@dataclass(frozen=True)
class Script:
    """A script of a marketing video: its segments are (segId, text)."""

    number: int
    title: str
    segments: tuple[tuple[int, str], ...]
