"""Everything behind the API: accepts calls, renders their jobs, finishes them when they are due."""

import hashlib
import json
import logging
import random
import shutil
import threading
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from tasks.contract import Contract, Operation, load
from tasks.sandbox.accounts import Account, Accounts
from tasks.sandbox.catalog import Catalog
from tasks.sandbox.clock import new_id, now
from tasks.sandbox.counters import Counters
from tasks.sandbox.database import Database
from tasks.sandbox.faults import SUBMITS, Fault, Faults
from tasks.sandbox.files import Files
from tasks.sandbox.media import Media
from tasks.sandbox.messages import refuse
from tasks.sandbox.notices import Notices
from tasks.sandbox.options import Options
from tasks.sandbox.products import BY_QUERY, BY_SUBMIT
from tasks.sandbox.products.base import Ended, Order, Planned, Told
from tasks.sandbox.render import Rendered, RenderError
from tasks.sandbox.rendering import Renderer, RenderQueue
from tasks.sandbox.scenes import from_text, to_job
from tasks.sandbox.scripts import ScriptShelf
from tasks.sandbox.settings import Settings
from tasks.sandbox.signing import Signer
from tasks.sandbox.work import Job, Output, Row, Task, Work

logger = logging.getLogger(__name__)

ENDINGS = ("stuck", "task-fail", "task-failed", "partial")


class Studio:
    """One store with all its rooms. Threads may use it freely."""

    def __init__(self, options: Options, renderer: Renderer) -> None:
        options.store.mkdir(parents=True, exist_ok=True)
        self.options = options
        self.contract: Contract = load()
        self.database = Database(options.store / "sandbox.sqlite3")
        self.settings = Settings(self.database, options.seconds)
        self.accounts = Accounts(self.database)
        self.files = Files(self.database, options, Signer(self.settings.secret))
        self.catalog = Catalog(self.contract, self.database, self.files)
        self.faults = Faults(self.database)
        self.counters = Counters(self.database)
        self.notices = Notices(self.contract, self.database, self.faults, options)
        self.work = Work(self.database)
        self.scripts = ScriptShelf(self.database)
        self.renderer = renderer
        self.media = Media(self.contract, renderer, options.store / "media")
        self._renders = RenderQueue(self._render)
        self._wake = threading.Event()
        self._stopping = False
        self._ticker = threading.Thread(target=self._tick, name="sandbox-clock", daemon=True)
        self._add_accounts()

    def start(self) -> None:
        """Begin to work, first at what was left unfinished."""
        for job in self.work.unfinished():
            if not job.rendered:
                self._renders.add(job.id)
        self._renders.start()
        self.notices.start()
        self._ticker.start()

    def stop(self) -> None:
        """Stop all threads and close the store."""
        self._stopping = True
        self._wake.set()
        self.renderer.close()
        self._renders.stop()
        self.notices.stop()
        if self._ticker.is_alive():
            self._ticker.join(5)
        self.database.close()

    def reset(self) -> None:
        """Forget everything: tasks, files, logs, counters, faults; accounts are as at first."""
        self.database.empty()
        self.faults.load()
        self.counters.forget()
        self._add_accounts()
        shutil.rmtree(self.files.folder, ignore_errors=True)
        self.files.folder.mkdir(parents=True, exist_ok=True)

    def submit(self, operation: Operation, account: Account, body: Row, base_url: str) -> Row:
        """Accept a judged call that creates work; its `SubmitResult`. Refuses with 4004, 4007, 4100..."""
        order = Order(account.uid, body, self.files, self.catalog, self.work, self.scripts)
        planned = BY_SUBMIT[operation.id].submits[operation.id](order)
        if self.faults.look("one-at-a-time", operation.id) and self.work.is_busy(account.uid, operation.id):
            refuse("4007", "an unfinished task exists")
        task_id = planned.task.id if planned.task else new_id()
        with self.database.transaction():
            self._check_credit(account.uid, planned)
            if planned.task is None:
                self.work.add_task(
                    task_id,
                    uid=account.uid,
                    operation=operation.id,
                    body=body,
                    facts=planned.facts,
                    base_url=base_url,
                    at=now(),
                )
            self.scripts.write(task_id, planned.scripts)
            accepted_id = self._accept(operation, account, body, task_id, planned)
            jobs = self._add_jobs(operation, task_id, accepted_id, planned)
        for number in jobs:
            self._renders.add(number)
        self.notices.forge(self.work.accepted(accepted_id))
        self._wake.set()
        logger.info("sandbox.accepted", extra={"operation": operation.id, "task": task_id})
        uuid = self.work.accepted(accepted_id).notice_uuid
        return {"taskId": task_id, "status": "success", "errorMsg": None, "noticeUuid": uuid}

    def tell(self, operation: Operation, account: Account, query: Row, base_url: str) -> Row:
        """The answer of a query call. Refuses with 4004."""
        family = BY_QUERY[operation.id]
        task = self.work.required(query["taskId"], uid=account.uid, operations=family.submits)
        if self._settle_due(list(task.jobs)):
            task = self.work.required(task.id, uid=account.uid, operations=family.submits)
        dead = self.faults.take("expired-link", operation.id, task.id) is not None
        cdn = bool(query.get("needCloudFrontUrl"))
        return self._told(task, base_url, cdn=cdn, dead=dead)

    def apply_fault(self, fault: Fault) -> None:
        """Let a fault that names an existing task reach its unfinished jobs."""
        if fault.name in ENDINGS:
            self.work.end_jobs(fault.scope, fault.name, fault.value)
        if fault.name == "slow":
            self.database.change(
                "UPDATE job SET seconds = ? WHERE task_id = ? AND finished IS NULL", fault.number, fault.scope
            )
        self._wake.set()

    def release(self, fault: Fault) -> None:
        """Let what was stuck under a cleared fault go on."""
        if fault.name == "stuck":
            self.work.release("stuck")
            self._wake.set()

    def finish_now(self, task_id: str) -> bool:
        """Let a task's time be over; False when there is none. It still waits for its render."""
        changed = self.database.change(
            "UPDATE job SET seconds = 0 WHERE task_id = ? AND finished IS NULL", task_id
        )
        self._wake.set()
        return bool(changed)

    def _add_accounts(self) -> None:
        for account in self.options.accounts:
            self.accounts.add(account)

    def _check_credit(self, uid: str, planned: Planned) -> None:
        account = self.accounts.find(uid)
        price = sum((job.price for job in planned.jobs), Decimal(0))
        if account and price and price > account.credit - self.work.reserved(uid):
            refuse("4100", "not enough credit")

    def _accept(
        self, operation: Operation, account: Account, body: Row, task_id: str, planned: Planned
    ) -> int:
        biz_type = (
            planned.biz_type or BY_SUBMIT[operation.id].biz_type or next(iter(operation.biz_types), None)
        )
        url = body.get("noticeUrl") if biz_type else None
        return self.database.insert(
            "accepted",
            uid=account.uid,
            operation=operation.id,
            digest=digest_of(body),
            task_id=task_id,
            at=now(),
            biz_type=biz_type,
            notice_uuid=new_id() if url else None,
            notice_url=url,
        )

    def _add_jobs(self, operation: Operation, task_id: str, accepted_id: int, planned: Planned) -> list[int]:
        scopes = (operation.id, SUBMITS, task_id)
        ending = next((f for name in ENDINGS if (f := self.faults.take(name, *scopes))), None)
        slow = self.faults.take("slow", *scopes)
        usual = slow.number if slow else self.settings.seconds(operation.id)
        return [
            self.database.insert(
                "job",
                task_id=task_id,
                accepted_id=accepted_id,
                part=job.part,
                item=job.item,
                plan=job.scene.to_text(),
                price=str(job.price),
                at=now(),
                seconds=usual * job.share,
                ending=ending.name if ending else None,
                ending_value=ending.value if ending else None,
            )
            for job in planned.jobs
        ]

    def _render(self, number: int) -> None:
        job = self.work.job(number)
        task = self.work.task(job.task_id)
        if task is None or job.finished or job.ending in ("task-fail", "task-failed"):
            return
        into = self.files.folder / "results" / f"{job.id}"
        into.mkdir(parents=True, exist_ok=True)
        try:
            scene = to_job(from_text(job.plan), self._path_of, into=into, seed=random.randrange(2**31))
            rendered = self.renderer.render(scene)
        except (RenderError, OSError, ValueError, RuntimeError) as error:
            if not self._stopping:
                logger.warning("sandbox.render_failed", extra={"task": task.id}, exc_info=True)
                message = str(error) if isinstance(error, RenderError) else "the result could not be made"
                self.work.note(job.id, error=message)
        else:
            self._keep(task, job, rendered)
        self._wake.set()

    def _path_of(self, reference: str) -> Path:
        if reference.startswith("file:"):
            return self.files.get(reference.removeprefix("file:")).path
        return self.media.path(reference)

    def _keep(self, task: Task, job: Job, rendered: list[Rendered]) -> None:
        with self.database.transaction():
            outputs = [asdict(self._kept(task, one)) for one in rendered]
            self.work.note(job.id, outputs=json.dumps(outputs), rendered=now())

    def _kept(self, task: Task, one: Rendered) -> Output:
        facts = {"width": one.width, "height": one.height, "seconds": one.seconds}
        file = self.files.keep(task.uid, one.path, task_id=task.id, facts=facts)
        return Output(file.id, one.role, one.width, one.height, one.seconds)

    def _tick(self) -> None:
        while not self._stopping:
            self._wake.clear()
            jobs = self.work.unfinished()
            self._settle_due(jobs)
            self._wake.wait(_until_next(jobs))

    def _settle_due(self, jobs: list[Job]) -> bool:
        due = [job.id for job in jobs if job.is_due(now())]
        for number in due:
            self._settle(number)
        return bool(due)

    def _settle(self, number: int) -> None:
        with self.database.transaction():
            job = self.work.job(number)
            task = self.work.task(job.task_id)
            if not job.is_due(now()):
                return
            if task is None:
                self.work.note(job.id, finished=now(), status="fail", cost="0")
                return
            status, outputs = _ending(job)
            family = BY_SUBMIT[task.operation]
            cost = family.cost(task, job, outputs) if status == "success" else Decimal(0)
            error = job.error or (None if status == "success" else "generation failed")
            written = json.dumps([asdict(output) for output in outputs])
            self.work.note(
                job.id, status=status, outputs=written, error=error, cost=str(cost), finished=now()
            )
            self.accounts.charge(task.uid, cost=cost, task_id=task.id, task_type=family.log_type)
            if status == "success" and family.ended:
                done = Ended(task, job, outputs, self.files, self.catalog)
                self.work.add_facts(task, family.ended(done))
            if not self.work.open_jobs(job.accepted_id):
                self._announce(job)

    def _announce(self, job: Job) -> None:
        call = self.work.accepted(job.accepted_id)
        task = self.work.task(job.task_id)
        if task is None or call.notice_url is None:
            return
        mine = [one for one in task.jobs if one.accepted_id == job.accepted_id]
        good = any(one.succeeded for one in mine)
        result = self._told(task, task.base_url)
        self.notices.announce(
            call, status="success" if good else "fail", error=None if good else task.error, result=result
        )

    def _told(self, task: Task, base_url: str, *, cdn: bool = False, dead: bool = False) -> Row:
        def link(number: str) -> str:
            return self.files.url(self.files.get(number), base_url, cdn=cdn, dead=dead)

        return BY_SUBMIT[task.operation].answer(Told(task, now(), link, self.scripts))


def digest_of(body: Any) -> str:
    """SHA-256 of a body without its noticeUrl, as JSON with sorted keys and no spaces."""
    kept = {key: value for key, value in body.items() if key != "noticeUrl"}
    return hashlib.sha256(json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _ending(job: Job) -> tuple[str, tuple[Output, ...]]:
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


def _until_next(jobs: list[Job]) -> float:
    waits = [
        job.at + job.seconds - now() for job in jobs if job.ending != "stuck" and (job.rendered or job.error)
    ]
    return max(0.01, min([*waits, 1.0]))
