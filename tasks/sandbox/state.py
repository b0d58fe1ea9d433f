"""Everything behind the API: the parts of one store, and the calls that create work."""

import hashlib
import json
import logging
import shutil
from decimal import Decimal
from typing import Any

from tasks.contract import Contract, Operation, load
from tasks.sandbox.accounts import Account, Accounts
from tasks.sandbox.boards import Boards
from tasks.sandbox.callbacks import Callbacks
from tasks.sandbox.catalog import Catalog
from tasks.sandbox.clock import new_id, now
from tasks.sandbox.counters import Counters
from tasks.sandbox.database import Database
from tasks.sandbox.families import BY_QUERY, BY_SUBMIT
from tasks.sandbox.families.base import Plan, SubmitRequest
from tasks.sandbox.faults import SUBMITS, Fault, Faults
from tasks.sandbox.files import Files
from tasks.sandbox.media import Media
from tasks.sandbox.messages import refuse
from tasks.sandbox.options import Options
from tasks.sandbox.render_worker import RenderWorker
from tasks.sandbox.rendering import Renderer
from tasks.sandbox.rows import Row, Task
from tasks.sandbox.scheduler import Scheduler
from tasks.sandbox.settings import Settings
from tasks.sandbox.signing import Signer
from tasks.sandbox.task_store import ScriptStore, TaskStore

logger = logging.getLogger(__name__)

ENDINGS = ("stuck", "task-fail", "task-failed", "partial")


class State:
    """One store with all its parts. Threads may use it freely."""

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
        self.callbacks = Callbacks(self.contract, self.database, self.faults, options)
        self.task_store = TaskStore(self.database)
        self.scripts = ScriptStore(self.database)
        self.boards = Boards(self.database)
        self.media = Media(self.contract, renderer, options.store / "media")
        self._render_worker = RenderWorker(
            self.database,
            task_store=self.task_store,
            files=self.files,
            media=self.media,
            renderer=renderer,
            seed=options.seed,
        )
        self._scheduler = Scheduler(
            self.database,
            task_store=self.task_store,
            accounts=self.accounts,
            files=self.files,
            catalog=self.catalog,
            scripts=self.scripts,
            callbacks=self.callbacks,
        )
        self._add_accounts()

    def start(self) -> None:
        """Begin to work, first at what was left unfinished."""
        self._render_worker.start(self._scheduler.wake)
        self.callbacks.start()
        self._scheduler.start()

    def stop(self) -> None:
        """Stop all threads and close the store."""
        self._render_worker.stop()
        self._scheduler.stop()
        self.callbacks.stop()
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
        request = SubmitRequest(account.uid, body, self.files, self.catalog, self.task_store, self.scripts)
        planned = BY_SUBMIT[operation.id].submits[operation.id](request)
        board = self.boards.get(account.uid, body["boardId"]).id if "boardId" in body else None
        task_id = planned.task.id if planned.task else new_id()
        with self.database.transaction():
            self._check_admission(operation, account, planned)
            if planned.task is None:
                self.task_store.add_task(
                    task_id,
                    uid=account.uid,
                    operation=operation.id,
                    body=body,
                    facts={**planned.facts, **self._noted_faults(operation)},
                    base_url=base_url,
                    at=now(),
                )
            self.scripts.write(task_id, planned.scripts)
            accepted_id = self._accept(operation, account, body, task_id, planned)
            numbers = self._add_jobs(operation, task_id, accepted_id, planned)
        for number in numbers:
            self._render_worker.add(number)
        call = self.task_store.accepted(accepted_id)
        self.callbacks.forge(call)
        self._scheduler.wake()
        logger.info("sandbox.accepted", extra={"operation": operation.id, "task": task_id})
        result = {"taskId": task_id, "status": "success", "errorMsg": None, "noticeUuid": call.notice_uuid}
        return {**result, "boardId": board, "boardTaskIds": [task_id]} if board else result

    def query(self, operation: Operation, account: Account, query: Row, base_url: str) -> Row:
        """The answer of a query call. Refuses with 4004."""
        family = BY_QUERY[operation.id]
        task = self.task_store.required(query["taskId"], uid=account.uid, operations=family.submits)
        if self._scheduler.finish_due(task):
            task = self.task_store.required(task.id, uid=account.uid, operations=family.submits)
        dead = self.faults.take("expired-link", operation.id, task.id) is not None
        return self._scheduler.describe(task, base_url, cdn=bool(query.get("needCloudFrontUrl")), dead=dead)

    def describe(self, task: Task, base_url: str) -> Row:
        """A task in its family's form, for lists."""
        return self._scheduler.describe(task, base_url)

    def apply_fault(self, fault: Fault) -> None:
        """Let a fault that names an existing task reach its unfinished jobs."""
        if fault.name in ENDINGS:
            self.task_store.end_jobs(fault.scope, fault.name, fault.value)
        if fault.name == "slow":
            self.task_store.set_seconds(fault.scope, fault.number)
        self._scheduler.wake()

    def release(self, fault: Fault) -> None:
        """Let what was stuck under a cleared fault go on."""
        if fault.name == "stuck":
            self.task_store.release("stuck")
            self._scheduler.wake()

    def finish_now(self, task_id: str) -> bool:
        """Let a task's time be over, though not its render; False when nothing of it is unfinished."""
        changed = self.task_store.set_seconds(task_id, 0)
        self._scheduler.wake()
        return changed

    def _add_accounts(self) -> None:
        for account in self.options.accounts:
            self.accounts.add(account)

    def _check_admission(self, operation: Operation, account: Account, planned: Plan) -> None:
        if self.faults.look("one-at-a-time", operation.id) and self.task_store.is_busy(
            account.uid, operation.id
        ):
            refuse("4007", "an unfinished task exists")
        fresh = self.accounts.find(account.uid)
        price = sum((job.price for job in planned.jobs), Decimal(0))
        if fresh and price and price > fresh.credit - self.task_store.reserved(account.uid):
            refuse("4100", "not enough credit")

    def _noted_faults(self, operation: Operation) -> Row:
        names = BY_SUBMIT[operation.id].noted_faults
        taken = {name: self.faults.take(name, operation.id, SUBMITS) for name in names}
        return {name: fault.value for name, fault in taken.items() if fault}

    def _accept(self, operation: Operation, account: Account, body: Row, task_id: str, planned: Plan) -> int:
        family = BY_SUBMIT[operation.id]
        biz_type = planned.biz_type or family.biz_type or next(iter(operation.biz_types), None)
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

    def _add_jobs(self, operation: Operation, task_id: str, accepted_id: int, planned: Plan) -> list[int]:
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
                plan=job.spec.to_text(),
                price=str(job.price),
                at=now(),
                seconds=usual * job.share,
                ending=ending.name if ending else None,
                ending_value=ending.value if ending else None,
            )
            for job in planned.jobs
        ]


def digest_of(body: Any) -> str:
    """SHA-256 of a body without its noticeUrl, as JSON with sorted keys and no spaces."""
    kept = {key: value for key, value in body.items() if key != "noticeUrl"}
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
