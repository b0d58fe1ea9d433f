"""Following what TopView works on: every answer, every failure to get one, and who may ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from tasks.causes import Cause, Code
from tasks.commands.refresh.results import LISTING_GRACE, write_answer
from tasks.commands.submissions.next_steps import open_steps
from tasks.kinds import KINDS
from tasks.models import Credential, CredentialState, Membership, Status, Submission, UnexpectedAnswer
from tasks.topview.results import JsonObject, RemoteState, RemoteTask
from tasks.wording import cause_words
from tests import people
from tests.causes import code_of
from tests.commands.conftest import Orders, Worker, running
from tests.kinds.test_errors import fault, with_fault
from tests.programming_errors import ProgrammingErrors
from tests.sandbox_fixture import SandboxDriver
from tests.topview.server import ScriptedServer, Step, http, says

pytestmark = pytest.mark.sqlite

SUBMIT, QUERY = "submitCommonImage2Video", "queryCommonImage2Video"


def queries(portal: SandboxDriver) -> int:
    """How often the sandbox was asked about a task."""
    return int(portal.state()["calls"].get(QUERY, 0))


class TestAnswers:
    """TopView says how far it is."""

    @pytest.mark.postgres
    def test_an_answer_of_an_unknown_shape_is_kept_without_its_secrets_until_one_is_understood(
        self, orders: Orders, worker: Worker
    ):
        submission = running(orders, worker)
        odd: JsonObject = {
            "taskId": submission.remote_id,
            "videos": [{"originVideo": "https://files.example/a.mp4?X-Amz-Signature=abc"}],
            "apiKey": "sk-live-1234",
            "hint": "use sk-live-1234",
        }
        write_answer(submission, RemoteTask(RemoteState.SUCCEEDED, "success", None, odd, None))
        submission.refresh_from_db()
        assert submission.status == Status.RUNNING
        assert code_of(submission.attention) == Code.UNEXPECTED_ANSWER_KEPT
        assert submission.unexpected_answer.body == {
            "taskId": submission.remote_id,
            "videos": [{"originVideo": "https://files.example/a.mp4?…"}],
            "apiKey": "…",
            "hint": "use sk-…",
        }
        worker.finish(submission)
        assert submission.status == Status.SUCCEEDED
        assert not UnexpectedAnswer.objects.exists()

    @pytest.mark.postgres
    def test_a_fault_in_a_kind_loses_no_paid_answer(
        self,
        portal: SandboxDriver,
        orders: Orders,
        worker: Worker,
        programming_errors: ProgrammingErrors,
        monkeypatch: pytest.MonkeyPatch,
    ):
        submission = running(orders, worker)
        kind = KINDS[submission.task.kind]
        portal.finish(submission.remote_id)
        with monkeypatch.context() as patch:
            patch.setitem(KINDS, kind.slug, replace(kind, steps=(with_fault(kind.steps[0]),)))
            worker.refresh()
        submission.refresh_from_db()
        assert submission.status == Status.RUNNING
        assert code_of(submission.attention) == Code.UNEXPECTED_ANSWER_KEPT
        assert submission.unexpected_answer.body["taskId"] == submission.remote_id
        assert {type(error) for error in programming_errors.take()} == {AttributeError}
        worker.finish(submission)
        assert (submission.status, submission.attention) == (Status.SUCCEEDED, None)
        assert submission.outputs.count() == 1

    @pytest.mark.postgres
    @pytest.mark.parametrize("broken", ["expected_outputs", "applies"])
    def test_a_fault_in_a_step_that_follows_by_itself_keeps_what_was_paid_before_it(
        self,
        broken: str,
        mark: Membership,
        credential: Credential,
        worker: Worker,
        tmp_path: Path,
        programming_errors: ProgrammingErrors,
        monkeypatch: pytest.MonkeyPatch,
    ):
        kind = KINDS["product-avatar"]
        task = people.order(kind, mark, people.ready_catalogs(credential), tmp_path)
        submission = worker.submit(people.only_submission(task))
        first, second, *others = kind.steps
        faulty = {
            "expected_outputs": replace(second, wire=replace(second.wire, expected_outputs=fault)),
            "applies": replace(second, follow_up=replace(second.follow_up, applies=fault)),
        }
        with monkeypatch.context() as patch:
            patch.setitem(KINDS, kind.slug, replace(kind, steps=(first, faulty[broken], *others)))
            worker.finish(submission, seconds=10)
            assert submission.status == Status.SUCCEEDED
            assert submission.outputs.count() == 1
            browser, address = people.browser_of(mark), reverse("task-next", args=[task.pk, "pictures"])
            assert browser.get(reverse("task-page", args=[task.pk])).status_code == 200
            sent = {"order_id": str(uuid4()), "output": str(submission.outputs.get().pk)}
            assert (
                browser.post(address, sent).status_code == {"expected_outputs": 422, "applies": 404}[broken]
            )
        assert {type(error) for error in programming_errors.take()} == {AttributeError}
        assert task.submissions.count() == 1
        assert [step.slug for step in open_steps(task, kind)] == ["pictures"]

    @pytest.mark.postgres
    def test_a_finished_task_has_its_outputs_and_its_cost(
        self, portal: SandboxDriver, orders: Orders, worker: Worker
    ):
        submission = running(orders, worker, count="2")
        worker.finish(submission)
        submission.task.refresh_from_db()
        assert (submission.status, submission.task.status) == (Status.SUCCEEDED, "succeeded")
        assert submission.cost is not None and submission.cost > 0
        assert (submission.failed_parts, submission.reason, submission.attention) == (0, None, None)
        assert submission.finished_at is not None and submission.task.finished_at is not None
        outputs = list(submission.outputs.all())
        assert [(one.role, one.identity, one.position) for one in outputs] == [
            ("video", "0", 0),
            ("video", "1", 1),
        ]
        assert all(one.source_url.startswith(portal.base_url) for one in outputs)
        names = [message.func() for message in OrmQ.objects.all()]
        assert names.count("tasks.jobs.save_output") == 2

    @pytest.mark.parametrize("word", ["task-fail", "task-failed"])
    def test_both_words_for_failure_are_understood(
        self, word: str, portal: SandboxDriver, orders: Orders, worker: Worker
    ):
        portal.fault(word, next=1)
        submission = worker.finish(running(orders, worker))
        failed = Cause.of(Code.GENERATION_FAILED, said="generation failed")
        assert (submission.status, submission.reason) == (Status.FAILED, failed)
        assert not submission.outputs.exists()
        submission.task.refresh_from_db()
        assert submission.task.status == "failed"

    def test_what_was_made_is_kept_when_some_of_it_failed(
        self, portal: SandboxDriver, orders: Orders, worker: Worker
    ):
        portal.fault("partial", next=1, value=1)
        submission = worker.finish(running(orders, worker, count="3"))
        assert (submission.status, submission.failed_parts) == (Status.SUCCEEDED, 1)
        assert code_of(submission.reason) == Code.PARTS_FAILED
        assert "could not be generated" in cause_words(submission.reason)
        assert [one.position for one in submission.outputs.all()] == [0, 1]
        submission.task.refresh_from_db()
        assert submission.task.status == "partly_failed"

    def test_nothing_made_at_all_is_a_failure(self, portal: SandboxDriver, orders: Orders, worker: Worker):
        portal.fault("partial", next=1, value=2)
        submission = worker.finish(running(orders, worker, count="2"))
        assert submission.status == Status.FAILED
        assert submission.reason

    @pytest.mark.postgres
    def test_asking_often_about_the_same_answer_writes_nothing_twice(
        self, portal: SandboxDriver, orders: Orders, worker: Worker
    ):
        portal.fault("stuck", next=1)
        submission = running(orders, worker)
        worker.refresh()
        submission.task.refresh_from_db()
        revision = submission.task.revision
        for _turn in range(3):
            worker.refresh()
        submission.refresh_from_db()
        submission.task.refresh_from_db()
        assert (submission.status, submission.task.revision) == (Status.RUNNING, revision)
        assert submission.polls == 4
        assert submission.transitions.count() == 4


class TestFinishedWithoutFiles:
    """TopView says success, but does not list what it made."""

    nothing = RemoteTask(RemoteState.SUCCEEDED, "success", None, {"videos": None}, None)

    def test_it_is_asked_again_for_some_minutes(self, orders: Orders, worker: Worker):
        submission = running(orders, worker)
        write_answer(submission, self.nothing)
        submission.refresh_from_db()
        assert submission.status == Status.RUNNING
        assert (submission.files_awaited_since is None, submission.finished_at) == (False, None)
        assert code_of(submission.attention) == Code.OUTPUTS_NOT_LISTED

    def test_files_that_come_late_are_taken(self, orders: Orders, worker: Worker):
        submission = running(orders, worker)
        write_answer(submission, self.nothing)
        done = worker.finish(submission)
        assert (done.status, done.attention, done.files_awaited_since) == (Status.SUCCEEDED, None, None)

    def test_after_that_it_has_failed_in_words(self, orders: Orders, worker: Worker):
        submission = running(orders, worker)
        write_answer(submission, self.nothing)
        submission.files_awaited_since = timezone.now() - LISTING_GRACE
        write_answer(submission, self.nothing)
        assert submission.status == Status.FAILED
        assert submission.reason


@pytest.fixture
def scripted(settings) -> Iterator[ScriptedServer]:
    """A TopView that answers as it is told, in the place of the sandbox from now on."""
    with ScriptedServer() as server:
        yield server


def asked(
    submission: Submission, server: ScriptedServer, settings, worker: Worker, *steps: Step
) -> Submission:
    """The row after one poll with this answer."""
    settings.SANDBOX_URL = server.origin
    server.script[:] = list(steps)
    worker.refresh()
    submission.refresh_from_db()
    return submission


def told(submission: Submission, status: str, **facts: Any) -> Step:
    """An answer of the query call."""
    return says({"taskId": submission.remote_id, "status": status, **facts})


class TestFailedLooks:
    """A query that fails says nothing about the task."""

    @pytest.mark.parametrize(
        ("fault", "value"),
        [
            ("http-before", 500),
            ("http-before", 429),
            ("http-before", 400),
            ("code", 5000),
            ("code", 5003),
            ("code", 4007),
            ("code", 4000),
            ("code", 12345),
            ("unreadable", None),
            ("wrong-shape", None),
        ],
    )
    def test_it_changes_nothing_but_the_words(
        self, fault: str, value: Any, portal: SandboxDriver, orders: Orders, worker: Worker
    ):
        submission = running(orders, worker)
        portal.fault("stuck", scope=submission.remote_id)
        portal.fault(fault, scope=QUERY, value=value)
        worker.refresh()
        submission.refresh_from_db()
        assert submission.status == Status.RUNNING
        assert submission.reason
        assert submission.next_at > timezone.now() - timedelta(seconds=5)
        portal.clear()
        worker.refresh()
        submission.refresh_from_db()
        assert submission.reason is None
        worker.finish(submission)
        assert submission.status == Status.SUCCEEDED

    def test_a_server_that_is_gone_changes_nothing(
        self, portal: SandboxDriver, orders: Orders, worker: Worker
    ):
        submission = running(orders, worker)
        assert portal.sandbox is not None
        portal.sandbox.stop()
        worker.refresh()
        submission.refresh_from_db()
        assert (submission.status, bool(submission.reason)) == (Status.RUNNING, True)

    def test_a_task_that_topview_does_not_know_needs_attention_and_recovers(
        self, portal: SandboxDriver, orders: Orders, worker: Worker
    ):
        submission = running(orders, worker)
        portal.fault("code", scope=QUERY, next=2, value=4004)
        for _turn in range(2):
            worker.refresh()
        submission.refresh_from_db()
        assert submission.status == Status.RUNNING
        assert code_of(submission.attention) == Code.TASK_NOT_KNOWN
        worker.finish(submission)
        assert (submission.status, submission.attention) == (Status.SUCCEEDED, None)

    def test_a_refused_key_takes_the_account_out_and_nobody_asks_any_more(
        self, portal: SandboxDriver, orders: Orders, worker: Worker, credential: Credential
    ):
        submission = running(orders, worker)
        portal.fault("http-before", scope=QUERY, value=401)
        worker.refresh()
        credential.refresh_from_db()
        assert credential.state == CredentialState.DISABLED
        count = queries(portal)
        for _turn in range(3):
            worker.refresh()
        assert queries(portal) == count
        portal.clear()
        Credential.objects.update(state=CredentialState.ACTIVE)
        assert worker.finish(submission).status == Status.SUCCEEDED

    @pytest.mark.parametrize(
        "result",
        [
            {"videos": "none"},
            {"videos": [7]},
            {"videos": [{"originVideo": "here"}]},
            {"videos": [{"originVideo": {"filePath": 5}}]},
        ],
    )
    def test_an_answer_of_another_form_needs_attention_and_ends_nothing(
        self,
        result: dict[str, Any],
        orders: Orders,
        worker: Worker,
        scripted: ScriptedServer,
        settings,
    ):
        submission = running(orders, worker)
        asked(submission, scripted, settings, worker, told(submission, "success", **result))
        assert submission.status == Status.RUNNING
        assert code_of(submission.attention) == Code.UNEXPECTED_ANSWER_KEPT
        assert not submission.outputs.exists()

    @pytest.mark.parametrize("word", ["init", "running", "queued", "PAUSED", "succeeded?"])
    def test_an_unknown_word_means_that_it_still_runs(
        self, word: str, orders: Orders, worker: Worker, scripted: ScriptedServer, settings
    ):
        submission = running(orders, worker)
        asked(submission, scripted, settings, worker, told(submission, word, videos=None))
        assert (submission.status, submission.attention) == (Status.RUNNING, None)

    def test_the_answer_about_another_task_is_not_taken(
        self, orders: Orders, worker: Worker, scripted: ScriptedServer, settings
    ):
        submission = running(orders, worker)
        video = {"originVideo": {"filePath": "https://example.com/a.mp4"}}
        strange = says({"taskId": "someone-elses", "status": "success", "videos": [video]})
        asked(submission, scripted, settings, worker, strange)
        assert submission.status == Status.RUNNING
        assert not submission.outputs.exists()

    @pytest.mark.postgres
    @pytest.mark.parametrize("cost", ["1e30", "-1e30", '"many"', "null", "true", "1e400"])
    def test_an_odd_cost_does_not_keep_a_task_from_ending(
        self, cost: str, orders: Orders, worker: Worker, scripted: ScriptedServer, settings
    ):
        submission = running(orders, worker)
        result = f'{{"taskId": "{submission.remote_id}", "status": "fail", "costCredit": {cost}}}'
        text = f'{{"code": "200", "message": "Success", "result": {result}}}'
        asked(submission, scripted, settings, worker, http(200, text.encode()))
        assert (submission.status, submission.cost) == (Status.FAILED, None)

    @pytest.mark.postgres
    @pytest.mark.parametrize("width", [2**31, 2**70, -1, 0, True, "wide", 1.5])
    def test_an_odd_size_does_not_keep_a_film_from_its_owner(
        self, width: Any, orders: Orders, worker: Worker, scripted: ScriptedServer, settings
    ):
        submission = running(orders, worker)
        video = {"originVideo": {"filePath": "https://media.example/a", "width": width, "height": 5}}
        asked(submission, scripted, settings, worker, told(submission, "success", videos=[video]))
        assert submission.status == Status.SUCCEEDED
        output = submission.outputs.get()
        assert (output.width, output.height) == (None, 5)

    @pytest.mark.postgres
    def test_rows_appear_one_by_one_and_keep_their_places(
        self, orders: Orders, worker: Worker, scripted: ScriptedServer, settings
    ):
        submission = running(orders, worker, count="3")

        def video(name: str) -> dict[str, Any]:
            return {"originVideo": {"filePath": f"https://media.example/{name}"}, "status": "success"}

        asked(
            submission,
            scripted,
            settings,
            worker,
            told(submission, "running", videos=[None, video("b"), None]),
        )
        assert [one.identity for one in submission.outputs.all()] == ["1"]
        whole = told(submission, "success", videos=[video("a"), video("b2"), video("c")])
        asked(submission, scripted, settings, worker, whole)
        assert submission.status == Status.SUCCEEDED
        addresses = dict(submission.outputs.values_list("identity", "source_url"))
        assert addresses == {
            str(place): f"https://media.example/{name}" for place, name in enumerate(("a", "b2", "c"))
        }

    @pytest.mark.postgres
    def test_words_of_any_length_fit(
        self, orders: Orders, worker: Worker, scripted: ScriptedServer, settings
    ):
        submission = running(orders, worker)
        failed = told(submission, "fail", errorMsg="long " * 1000)
        asked(submission, scripted, settings, worker, failed)
        assert submission.status == Status.FAILED
        assert submission.reason == Cause.of(Code.GENERATION_FAILED, said="long " * 100)
