"""One workspace, its people, a sandbox, and a worker that is driven by hand."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tasks import jobs
from tasks.commands.accounts import clients
from tasks.commands.refresh.leasing import Nudges
from tasks.commands.refresh.loop import Asker, refresh_once
from tasks.kinds import image_to_video
from tasks.media import child_process
from tasks.models import WATCHED, Circuit, Credential, Membership, Output, Status, Submission, Task, Workspace
from tasks.topview.endpoint import Endpoint
from tests import people
from tests.commands.reel import Reel
from tests.examining import Remembering
from tests.sandbox_fixture import SandboxDriver, sandbox
from tests.topview.conftest import certificate

__all__ = ["certificate", "sandbox"]


@pytest.fixture(scope="session")
def sandbox_renderer(tmp_path_factory: pytest.TempPathFactory) -> Reel:
    """Real films, made once."""
    return Reel(tmp_path_factory.mktemp("reel"))


@pytest.fixture(scope="session")
def remembering() -> Remembering:
    """What examiners have told."""
    return Remembering()


@pytest.fixture(autouse=True)
def remembered_examinations(remembering: Remembering, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nearly all films here are the same few."""
    monkeypatch.setattr(child_process, "ask", remembering)


@pytest.fixture
def portal(db: None, settings, sandbox: SandboxDriver, tmp_path: Path) -> SandboxDriver:
    """A portal whose TopView is the sandbox, in a hurry; what it keeps goes away with the test."""
    settings.SANDBOX_URL = sandbox.base_url
    settings.MEDIA_ROOT = str(tmp_path / "media")
    # Not the run's own: processes that other tests have killed leave their files there.
    (tmp_path / "temporary").mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "temporary")
    settings.REFRESH_SECONDS = 0.01
    settings.REFRESH_RATE = 1000
    settings.TOPVIEW_SUBMIT_SECONDS = 10
    settings.TOPVIEW_READ_SECONDS = 10
    return sandbox


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reads are repeated at once, and a time that TopView names is not waited for by the client."""
    endpoint = partial(Endpoint, retry_pause=0.001, longest_pause=0.01)
    monkeypatch.setattr(clients, "Endpoint", endpoint)


@pytest.fixture
def studio(portal: SandboxDriver) -> Workspace:
    """The workspace of everyone but the stranger."""
    return people.make_workspace()


@pytest.fixture
def alice(studio: Workspace) -> Membership:
    """The admin."""
    return people.make_alice(studio)


@pytest.fixture
def mark(studio: Workspace) -> Membership:
    """The marketer."""
    return people.make_mark(studio)


@pytest.fixture
def credential(studio: Workspace) -> Credential:
    """The sandbox's account with 1000 credits."""
    return people.make_credential(studio)


class Orders:
    """Makes tasks of the workspace's marketer."""

    def __init__(self, member: Membership, credential: Credential, folder: Path) -> None:
        self.member, self.credential, self.folder = member, credential, folder

    def task(self, credential: Credential | None = None, **values: object) -> Task:
        """A moving picture; it needs one upload and makes `count` films."""
        return people.order(
            image_to_video.KIND, self.member, credential or self.credential, self.folder, values
        )

    def submission(self, credential: Credential | None = None, **values: object) -> Submission:
        """The queued call of such a task."""
        return people.only_submission(self.task(credential, **values))


@pytest.fixture
def orders(mark: Membership, credential: Credential, tmp_path: Path) -> Orders:
    """A way to order films."""
    return Orders(mark, credential, tmp_path)


def let_trouble_pass() -> None:
    """As it is some minutes later: no account is slowed down, and no host is left alone."""
    Credential.objects.update(slow_until=None)
    Circuit.objects.all().delete()


class Worker:
    """Does what the worker's processes do, one step at a time, in the test's own thread."""

    def __init__(self, portal: SandboxDriver) -> None:
        self.portal = portal

    def submit(self, submission: Submission) -> Submission:
        """Run the job as often as the queue might name it: once. The row as it is afterwards."""
        jobs.submit(str(submission.pk))
        submission.refresh_from_db()
        return submission

    def submit_now(self, submission: Submission) -> Submission:
        """The same, though its time may not have come yet."""
        let_trouble_pass()
        Submission.objects.filter(pk=submission.pk).update(next_at=submission.created_at)
        return self.submit(submission)

    def refresh(self, *, nudges: Nudges | None = None) -> None:
        """One turn of the loop, with everything that is watched due."""
        let_trouble_pass()
        for submission in Submission.objects.filter(status__in=WATCHED):
            Submission.objects.filter(pk=submission.pk).update(next_at=submission.created_at)
        with Asker() as asker:
            refresh_once(asker, nudges or Nudges())

    def finish(self, submission: Submission, *, seconds: float = 60) -> Submission:
        """Let TopView come to an end with it, and refresh until the row has seen that."""
        self.portal.finish(submission.remote_id)
        deadline = time.monotonic() + seconds
        while submission.status in WATCHED:
            assert time.monotonic() < deadline, "TopView never came to an end"
            self.refresh()
            submission.refresh_from_db()
            time.sleep(0.02)
        return submission

    def save(self, output: Output) -> Output:
        """Run the job that saves an output."""
        jobs.save_output(str(output.pk))
        output.refresh_from_db()
        return output


@pytest.fixture
def worker(portal: SandboxDriver) -> Worker:
    """The worker, by hand."""
    return Worker(portal)


def running(orders: Orders, worker: Worker, **values: Any) -> Submission:
    """A submission that TopView works on until it is told to finish."""
    worker.portal.speed(3600)
    submission = worker.submit(orders.submission(**values))
    assert submission.status == Status.RUNNING
    return submission
