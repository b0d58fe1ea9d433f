"""Finishes jobs when they are due: the ending, the charge, what follows, the callback."""

import json
import threading
from dataclasses import asdict
from decimal import Decimal

from tasks.sandbox.accounts import Accounts
from tasks.sandbox.callbacks import Callbacks
from tasks.sandbox.catalog import Catalog
from tasks.sandbox.clock import now
from tasks.sandbox.database import Database
from tasks.sandbox.families import BY_SUBMIT
from tasks.sandbox.families.base import FinishedJob, TaskView
from tasks.sandbox.files import Files
from tasks.sandbox.rows import Job, Output, Row, Task
from tasks.sandbox.task_store import ScriptStore, TaskStore

LONGEST_PAUSE = 1.0
SHORTEST_PAUSE = 0.01


class Scheduler:
    """A thread that finishes what is due; a query does so too, so that its answer is never late."""

    def __init__(
        self,
        database: Database,
        *,
        task_store: TaskStore,
        accounts: Accounts,
        files: Files,
        catalog: Catalog,
        scripts: ScriptStore,
        callbacks: Callbacks,
    ) -> None:
        self._database = database
        self._task_store = task_store
        self._accounts = accounts
        self._files = files
        self._catalog = catalog
        self._scripts = scripts
        self._callbacks = callbacks
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="sandbox-scheduler", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self.wake()
        if self._thread.is_alive():
            self._thread.join(5)

    def wake(self) -> None:
        """Look now: something has changed."""
        self._wake.set()

    def finish_due(self, task: Task) -> bool:
        """Finish what is due of a task; whether anything was."""
        due = [job.id for job in task.jobs if job.is_due(now())]
        for number in due:
            self._finish(number)
        return bool(due)

    def describe(self, task: Task, base_url: str, *, cdn: bool = False, dead: bool = False) -> Row:
        """A task in its family's documented form, with fresh links; `dead` ones have expired."""

        def link(number: str) -> str:
            return self._files.url(self._files.get(number), base_url, cdn=cdn, dead=dead)

        def read(number: str) -> bytes:
            return self._files.get(number).path.read_bytes()

        return BY_SUBMIT[task.operation].answer(TaskView(task, now(), link, read, self._scripts))

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            for number in self._task_store.due(now()):
                self._finish(number)
            due = self._task_store.next_due()
            pause = LONGEST_PAUSE if due is None else max(SHORTEST_PAUSE, min(due - now(), LONGEST_PAUSE))
            self._wake.wait(pause)

    def _finish(self, number: int) -> None:
        with self._database.transaction():
            job = self._task_store.job(number)
            task = self._task_store.task(job.task_id)
            if not job.is_due(now()):
                return
            if task is None:
                self._task_store.note(job.id, finished=now(), status="fail", cost="0")
                return
            self._write_ending(task, job)
            if not self._task_store.open_jobs(job.accepted_id):
                self._announce(job)

    def _write_ending(self, task: Task, job: Job) -> None:
        status, outputs = ending_of(job)
        family, good = BY_SUBMIT[task.operation], status == "success"
        cost = family.cost(task, job, outputs) if good else Decimal(0)
        self._task_store.note(
            job.id,
            status=status,
            outputs=json.dumps([asdict(output) for output in outputs]),
            error=job.error or (None if good else "generation failed"),
            cost=str(cost),
            finished=now(),
        )
        self._accounts.charge(task.uid, cost=cost, task_id=task.id, task_type=family.log_type)
        if good and family.ended:
            done = FinishedJob(task, job, outputs, self._files, self._catalog)
            self._task_store.add_facts(task, family.ended(done))

    def _announce(self, job: Job) -> None:
        call = self._task_store.accepted(job.accepted_id)
        task = self._task_store.task(job.task_id)
        if task is None or call.notice_url is None:
            return
        good = any(one.succeeded for one in task.jobs if one.accepted_id == job.accepted_id)
        self._callbacks.announce(
            call,
            status="success" if good else "fail",
            error=None if good else task.error,
            result=self.describe(task, task.base_url),
        )


def ending_of(job: Job) -> tuple[str, tuple[Output, ...]]:
    """The last word of a job that is due, and its outputs with those marked that were made to fail."""
    if job.ending in ("task-fail", "task-failed"):
        return ("fail" if job.ending == "task-fail" else "failed"), ()
    if job.error:
        return "fail", ()
    if job.ending != "partial" or len(job.outputs) < 2:
        return "success", job.outputs
    count = int(float(job.ending_value)) if job.ending_value else len(job.outputs) // 2
    good = len(job.outputs) - count
    outputs = tuple(
        Output(**{**asdict(output), "failed": number >= good}) for number, output in enumerate(job.outputs)
    )
    return ("success" if good > 0 else "fail"), outputs
