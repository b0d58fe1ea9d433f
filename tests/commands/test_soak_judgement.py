"""The soak's judgement finds each kind of breach; a judge that always agrees would prove nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from tasks.commands.charges import read_account
from tasks.models import Charge, Credential, Output, OutputState, Status, Submission, Task
from tests.commands.conftest import Orders, Worker, running
from tests.soak.diary import Diary
from tests.soak.judging import Judgement, judge


@pytest.fixture
def judged(orders: Orders, worker: Worker, credential: Credential, tmp_path: Path) -> Callable[[], Judgement]:
    """One order that has come to its end, to be judged again and again."""
    submission = worker.finish(running(orders, worker))
    for output in submission.outputs.all():
        worker.save(output)
    read_account(credential=credential)
    diary = Diary()
    diary.note_order(submission.task.kind, submission.task_id, answered=True, twice=False)
    return lambda: judge(diary, tmp_path / "sandbox", credential)


def test_an_order_that_went_well_breaks_no_promise(judged: Callable[[], Judgement]) -> None:
    assert judged().holds, judged().verdicts


def test_a_task_that_is_gone_is_lost_with_its_call(judged: Callable[[], Judgement]) -> None:
    Task.objects.all().delete()
    assert len(judged().lost) == 2


def test_a_call_that_was_accepted_and_counts_as_refused_is_lost(judged: Callable[[], Judgement]) -> None:
    Submission.objects.update(status=Status.REFUSED, remote_id="")
    assert judged().lost


def test_an_output_of_other_bytes_is_lost(judged: Callable[[], Judgement]) -> None:
    output = Output.objects.select_related("blob").get()
    assert output.blob is not None
    type(output.blob).objects.update(size=output.blob.size + 1)
    assert judged().lost


def test_a_call_accepted_though_none_left_is_paid_twice(judged: Callable[[], Judgement]) -> None:
    Submission.objects.update(intent_at=None)
    assert judged().double


def test_a_task_that_nobody_ordered_is_paid_twice(judged: Callable[[], Judgement]) -> None:
    task = Task.objects.get()
    Task.objects.create(
        pk=uuid4(),
        workspace=task.workspace,
        owner=task.owner,
        credential=task.credential,
        kind=task.kind,
        title="Again",
        brief=task.brief,
        brief_schema=task.brief_schema,
        brief_digest=task.brief_digest,
    )
    assert judged().double


@pytest.mark.parametrize("state", [OutputState.WAITING, OutputState.SAVING])
def test_an_output_that_is_never_saved_is_stuck(judged: Callable[[], Judgement], state: OutputState) -> None:
    Output.objects.update(state=state)
    assert judged().stuck


def test_a_call_that_runs_on_is_stuck(judged: Callable[[], Judgement]) -> None:
    Submission.objects.update(status=Status.RUNNING)
    assert judged().stuck


def test_a_charge_that_is_missing_or_other_makes_the_ledger_unequal(judged: Callable[[], Judgement]) -> None:
    Charge.objects.update(cost=7)
    assert judged().unequal
    Charge.objects.all().delete()
    assert judged().unequal
