"""A real sandbox process with any number of tasks at work, and the portal's rows that follow them."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import transaction

from tasks.kinds import image_to_video
from tasks.models import Credential, Membership, Status, Submission, Task, TaskStatus
from tests.benchmarks.rooms import gradient
from tests.parts import answers, wait_until
from tests.people import make_credential, make_member, make_workspace
from tests.ports import free_port
from tests.sandbox_fixture import SandboxDriver
from topview_portal.parent_death import bound_to_parent
from topview_portal.processes import ROOT

KIND = image_to_video.KIND
_BODY = {"mode": "lite", "duration": 5, "generatingCount": 1}
_SUBMIT = "/v1/common_task/image2video/submit"
# So long do the copies' originals take: longer than any run.
_FOR_EVER = 30 * 24 * 3600.0


@dataclass(frozen=True)
class Work:
    """One task at TopView: when it was taken, and for how long it is worked on. Times since the epoch."""

    accepted_at: float
    seconds: float

    @property
    def ends_at(self) -> float:
        """When it is finished there."""
        return self.accepted_at + self.seconds


@dataclass(frozen=True)
class Upstream:
    """A running sandbox and its store."""

    driver: SandboxDriver
    store: Path


@contextmanager
def upstream(folder: Path) -> Iterator[Upstream]:
    """A sandbox process; stopped afterwards, and with this process."""
    port, store = free_port(), folder / "sandbox"
    # For this process, and for those that it starts.
    settings.SANDBOX_URL = os.environ["SANDBOX_URL"] = f"http://127.0.0.1:{port}"
    where = ("--port", str(port), "--store", str(store))
    command = [sys.executable, str(ROOT / "manage.py"), "sandbox", *where, "--render", "off"]
    with (folder / "sandbox.log").open("ab") as log:
        process = subprocess.Popen(bound_to_parent(command), cwd=ROOT, stdout=log, stderr=log)
    try:
        wait_until(lambda: process.poll() is not None or answers(settings.SANDBOX_URL), what="the sandbox")
        assert process.poll() is None, (folder / "sandbox.log").read_text()
        yield Upstream(SandboxDriver(settings.SANDBOX_URL), store)
    finally:
        process.terminate()
        process.wait(30)


def at_work(there: Upstream, credential: Credential, works: Sequence[Work]) -> list[str]:
    """Tasks of the account, as if each had been submitted then, written into the store; their ids."""
    ids = [uuid4().hex for _work in works]
    with sqlite3.connect(there.store / "sandbox.sqlite3", timeout=30) as store:
        store.row_factory = sqlite3.Row
        original = _original(there, store)
        for table in ("task", "accepted", "job"):
            row = dict(
                store.execute(f"SELECT * FROM {table} WHERE {_named(table)} = ?", [original]).fetchone()
            )
            rows = [
                _copy(table, row, number, credential.uid, work)
                for number, work in zip(ids, works, strict=True)
            ]
            marks = ", ".join("?" for _ in rows[0])
            names = ", ".join(rows[0])
            store.executemany(
                f"INSERT INTO {table} ({names}) VALUES ({marks})", [list(one.values()) for one in rows]
            )
        store.execute(
            "UPDATE job SET accepted_id = (SELECT id FROM accepted WHERE accepted.task_id = job.task_id)"
        )
    store.close()
    return ids


def _original(there: Upstream, store: sqlite3.Connection) -> str:
    """A task that is rendered and not finished for a long time."""
    there.driver.speed(_FOR_EVER)
    file_id = there.driver.upload(gradient(), "webp")
    task_id = str(there.driver.result("POST", _SUBMIT, {**_BODY, "imageFileId": file_id})["taskId"])
    is_rendered = "SELECT 1 FROM job WHERE task_id = ? AND rendered IS NOT NULL"
    wait_until(lambda: store.execute(is_rendered, [task_id]).fetchone(), what="the first render")
    return task_id


def _named(table: str) -> str:
    return "id" if table == "task" else "task_id"


def _copy(table: str, row: dict[str, object], task_id: str, uid: str, work: Work) -> dict[str, object]:
    own: dict[str, object] = {"at": work.accepted_at}
    if table == "task":
        own |= {"id": task_id, "uid": uid}
    else:
        own["task_id"] = task_id
        row = {name: value for name, value in row.items() if name != "id"}
    if table == "accepted":
        own["uid"] = uid
    if table == "job":
        own["seconds"] = work.seconds
    return {**row, **own}


def followed(
    member: Membership,
    credential: Credential,
    works: Sequence[Work],
    remote_ids: Sequence[str],
    *,
    usual: float,
) -> list[Task]:
    """The portal's rows for them, each with its end expected after so many seconds."""
    made = [_task(member, credential, work) for work in works]
    calls = [
        _call(task, work, remote_id, usual)
        for task, work, remote_id in zip(made, works, remote_ids, strict=True)
    ]
    with transaction.atomic():
        Task.objects.bulk_create(made, batch_size=500)
        Submission.objects.bulk_create(calls, batch_size=200)
    return made


def _task(member: Membership, credential: Credential, work: Work) -> Task:
    return Task(
        workspace=member.workspace,
        owner=member.user,
        credential=credential,
        kind=KIND.slug,
        title="A turning cup",
        brief={"schema": 1, "prompt": "It turns.", "mode": "lite", "duration": "5", "count": "1"},
        brief_digest=uuid4().hex,
        status=TaskStatus.RUNNING,
        created_at=_moment(work.accepted_at),
    )


def _call(task: Task, work: Work, remote_id: str, usual: float) -> Submission:
    return Submission(
        workspace=task.workspace,
        task=task,
        step=KIND.steps[0].slug,
        status=Status.RUNNING,
        remote_id=remote_id,
        created_at=_moment(work.accepted_at),
        intent_at=_moment(work.accepted_at),
        accepted_at=_moment(work.accepted_at),
        usual_at=_moment(work.accepted_at + usual),
        slow_at=_moment(work.accepted_at + 10 * usual),
        deadline_at=_moment(work.accepted_at + 20 * usual),
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def studio() -> tuple[Membership, Credential]:
    """A workspace with one marketer and an account that may have any number of tasks at work."""
    workspace = make_workspace()
    member, credential = make_member(workspace, name="Person"), make_credential(workspace)
    Credential.objects.update(max_in_flight=100_000)
    return member, credential


def spread(count: int, seconds: float) -> list[Work]:
    """Tasks that were taken one after the other until now."""
    now = time.time()
    return [Work(now - seconds * place / count, _FOR_EVER) for place in range(count)]
