"""However often and by however many something is asked for at once: one task, one call, one winner."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models.signals import post_save

from tasks import jobs
from tasks.commands.refusals import NotPossible, ReasonNeeded
from tasks.commands.submissions import actions
from tasks.commands.submissions.create import AlreadySent, Unasked, create_task, queue_step
from tasks.kinds import image_to_video
from tasks.models import AuditEvent, Credential, Membership, Status, Submission, Task, Transition
from tests import people
from tests.commands.conftest import Orders, Worker
from tests.sandbox_fixture import SandboxDriver
from tests.threads import all_at_once

KIND = image_to_video.KIND
SUBMIT = "submitCommonImage2Video"


def send(form, mark: Membership, credential: Credential, task_id, *, is_another: bool = True) -> Task:
    """What the page does with a valid form."""
    return create_task(
        task_id=task_id,
        membership=mark,
        kind=KIND,
        form=form,
        credential=credential,
        is_another=is_another,
    )


def filled(mark: Membership, credential: Credential, folder: Path, **values: str):
    """A valid form."""
    form = people.fill_form(KIND, mark, credential, folder, values)
    assert form.is_valid()
    return form


def test_a_form_sent_twice_is_one_task(mark: Membership, credential: Credential, tmp_path: Path):
    form, task_id = filled(mark, credential, tmp_path), uuid4()
    first = send(form, mark, credential, task_id)
    second = send(form, mark, credential, task_id)
    assert first == second
    assert first.submissions.count() == 1
    assert AuditEvent.objects.filter(verb="task-created").count() == 1


def test_the_same_form_with_other_values_is_asked_about(
    mark: Membership, credential: Credential, tmp_path: Path
):
    form, task_id = filled(mark, credential, tmp_path), uuid4()
    first = send(form, mark, credential, task_id)
    other = people.fill_form(KIND, mark, credential, tmp_path, {**form.data, "prompt": "Something else."})
    assert other.is_valid()
    with pytest.raises(AlreadySent) as asked:
        send(other, mark, credential, task_id)
    assert asked.value.task == first
    assert Task.objects.count() == 1 and Submission.objects.count() == 1


def test_a_colleague_cannot_send_a_form_that_is_not_theirs(
    mark: Membership, alice: Membership, credential: Credential, tmp_path: Path
):
    form, task_id = filled(mark, credential, tmp_path), uuid4()
    send(form, mark, credential, task_id)
    with pytest.raises(AlreadySent):
        send(form, alice, credential, task_id)
    assert Submission.objects.count() == 1


def test_a_stranger_learns_nothing_of_a_task_with_the_same_id(
    mark: Membership, credential: Credential, tmp_path: Path
):
    task_id = uuid4()
    send(filled(mark, credential, tmp_path), mark, credential, task_id)
    stranger = people.make_stranger()
    theirs = people.make_credential(stranger.workspace)
    with pytest.raises(AlreadySent) as asked:
        send(filled(stranger, theirs, tmp_path), stranger, theirs, task_id)
    assert asked.value.task is None
    assert Task.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_processes_that_get_the_same_form_make_one_task(
    mark: Membership, credential: Credential, tmp_path: Path
):
    form, task_id = filled(mark, credential, tmp_path), uuid4()
    made: list[Task] = []
    all_at_once([lambda: made.append(send(form, mark, credential, task_id))] * 4)
    assert [task.pk for task in made] == [task_id] * 4
    assert Task.objects.count() == 1 and Submission.objects.count() == 1
    assert Transition.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_equal_orders_that_come_from_several_tabs_at_once_one_is_made_and_the_others_asked_about(
    mark: Membership, credential: Credential, tmp_path: Path
):
    form = filled(mark, credential, tmp_path)
    made: list[Task] = []
    asked: list[Task | None] = []

    def from_another_tab() -> None:
        try:
            made.append(send(form, mark, credential, uuid4(), is_another=False))
        except ReasonNeeded as needed:
            asked.append(needed.duplicate)

    all_at_once([from_another_tab] * 4)
    assert len(made) == 1 and asked == made * 3
    assert Task.objects.get() == made[0]


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_order_the_same_at_once_one_is_asked_why(
    mark: Membership, alice: Membership, credential: Credential, tmp_path: Path
):
    form = filled(mark, credential, tmp_path)
    made: list[Task] = []
    asked: list[Task | None] = []

    def order(member: Membership) -> None:
        try:
            made.append(send(form, member, credential, uuid4()))
        except ReasonNeeded as needed:
            asked.append(needed.duplicate)

    all_at_once([lambda: order(mark), lambda: order(alice)])
    assert len(made) == 1 and asked == made


@pytest.mark.django_db(transaction=True)
def test_a_job_that_runs_eight_times_at_once_makes_one_call(portal: SandboxDriver, orders: Orders):
    submission = orders.submission()
    portal.fault("latency", scope=SUBMIT, value=0.3)
    all_at_once([lambda: jobs.submit(str(submission.pk))] * 8)
    submission.refresh_from_db()
    assert submission.status == Status.RUNNING
    assert portal.state()["calls"][SUBMIT] == 1
    assert portal.accepted() == 1
    assert [transition.to_status for transition in submission.transitions.all()] == [
        "queued",
        "preparing",
        "submitting",
        "running",
    ]


def test_a_job_that_comes_back_after_the_end_does_nothing(
    portal: SandboxDriver, orders: Orders, worker: Worker
):
    submission = worker.submit(orders.submission())
    for _time in range(3):
        worker.submit_now(submission)
    assert portal.accepted() == 1
    assert submission.transitions.count() == 4


def test_a_job_for_a_row_that_is_gone_ends_quietly(portal: SandboxDriver):
    jobs.submit(str(uuid4()))
    jobs.save_output(str(uuid4()))
    jobs.check_credential(str(uuid4()))
    jobs.refresh_catalog(str(uuid4()))
    jobs.fetch_catalog_media(str(uuid4()))
    assert portal.state()["calls"] == {}


@pytest.mark.django_db(transaction=True)
def test_two_people_who_try_again_make_one_attempt(
    portal: SandboxDriver, orders: Orders, worker: Worker, alice: Membership, mark: Membership
):
    submission = orders.submission()
    portal.fault("code", scope=SUBMIT, next=1, value=6001)
    assert worker.submit(submission).status == Status.REFUSED
    ends: list[object] = []

    def again(member: Membership) -> None:
        try:
            ends.append(actions.try_again(submission=submission, actor=member.user).attempt)
        except NotPossible as refused:
            ends.append(str(refused))

    all_at_once([lambda: again(alice), lambda: again(mark)])
    assert 2 in ends and len(ends) == 2
    assert any("already" in str(end) for end in ends)
    assert submission.task.submissions.count() == 2
    assert AuditEvent.objects.filter(verb="tried-again").count() == 1


@pytest.mark.parametrize(
    "status", [one for one in Status if one not in ("refused", "failed", "cancelled", "abandoned")]
)
def test_what_lives_or_has_succeeded_is_not_tried_again(orders: Orders, mark: Membership, status: Status):
    submission = orders.submission()
    Submission.objects.update(status=status)
    submission.refresh_from_db()
    with pytest.raises(NotPossible):
        actions.try_again(submission=submission, actor=mark.user)
    assert Submission.objects.count() == 1


def test_a_dead_attempt_is_not_tried_again_while_its_successor_lives(orders: Orders, mark: Membership):
    first = orders.submission()
    assert actions.cancel(submission=first, actor=mark.user)
    second = actions.try_again(submission=first, actor=mark.user)
    with pytest.raises(NotPossible):
        actions.try_again(submission=first, actor=mark.user)
    assert (second.attempt, second.token != first.token) == (2, True)
    assert first.task.submissions.count() == 2


def test_no_further_attempt_is_made_without_a_person(orders: Orders, mark: Membership):
    first = orders.submission()
    assert actions.cancel(submission=first, actor=mark.user)
    with pytest.raises(Unasked), transaction.atomic():
        queue_step(task=first.task, step=KIND.steps[0])
    assert first.task.submissions.count() == 1


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("is_accepted", [False, True])
def test_a_reason_is_asked_for_exactly_where_an_attempt_may_have_been_paid(
    status: Status, is_accepted: bool, orders: Orders, mark: Membership
):
    first = orders.submission()
    accepted_at = first.created_at if is_accepted else None
    Submission.objects.update(status=status, accepted_at=accepted_at)
    is_safe = status in ("queued", "preparing", "refused", "failed", "cancelled") and not is_accepted

    def again() -> bool:
        try:
            with transaction.atomic():
                queue_step(task=first.task, step=KIND.steps[0], actor=mark.user)
        except ReasonNeeded:
            return False
        except IntegrityError:
            return True
        return True

    assert again() is is_safe


def test_cancelling_before_the_call_sends_nothing(
    portal: SandboxDriver, orders: Orders, worker: Worker, mark: Membership
):
    submission = orders.submission()
    assert actions.cancel(submission=submission, actor=mark.user)
    worker.submit_now(submission)
    assert submission.status == Status.CANCELLED
    assert submission.finished_at is not None
    assert portal.state()["calls"] == {}
    assert AuditEvent.objects.get(verb="task-cancelled").actor == mark.user
    submission.task.refresh_from_db()
    assert submission.task.status == "cancelled"


def once_moved(to: Status, act) -> None:
    """Run `act` right after the first transition to a status has been committed, whoever made it."""

    def listen(sender, instance: Transition, **_facts: object) -> None:
        if instance.to_status == to:
            post_save.disconnect(listen, sender=Transition)
            transaction.on_commit(act)

    post_save.connect(listen, sender=Transition, weak=False)


@pytest.mark.django_db(transaction=True)
def test_cancelling_while_the_files_travel_wins_over_the_worker(
    portal: SandboxDriver, orders: Orders, worker: Worker, mark: Membership
):
    submission = orders.submission()
    seen_as_queued = Submission.objects.get(pk=submission.pk)
    answers: list[bool] = []
    once_moved(
        Status.PREPARING, lambda: answers.append(actions.cancel(submission=seen_as_queued, actor=mark.user))
    )
    worker.submit(submission)
    assert answers == [True]
    assert submission.status == Status.CANCELLED
    assert portal.accepted() == 0
    assert SUBMIT not in portal.state()["calls"]


@pytest.mark.django_db(transaction=True)
def test_cancelling_after_the_intent_is_too_late_and_says_so(
    portal: SandboxDriver, orders: Orders, worker: Worker, mark: Membership
):
    submission = orders.submission()
    seen_as_queued = Submission.objects.get(pk=submission.pk)
    answers: list[bool] = []
    once_moved(
        Status.SUBMITTING, lambda: answers.append(actions.cancel(submission=seen_as_queued, actor=mark.user))
    )
    worker.submit(submission)
    assert answers == [False]
    assert submission.status == Status.RUNNING
    assert portal.accepted() == 1
    assert not AuditEvent.objects.filter(verb="task-cancelled").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(4))
def test_a_person_and_a_worker_at_the_same_moment_have_one_winner(
    turn: int, portal: SandboxDriver, orders: Orders, mark: Membership
):
    submission = orders.submission()
    answers: list[bool] = []

    def call_it_off() -> None:
        seen = Submission.objects.get(pk=submission.pk)
        answers.append(actions.cancel(submission=seen, actor=mark.user))

    all_at_once([lambda: jobs.submit(str(submission.pk)), call_it_off])
    submission.refresh_from_db()
    assert answers == [submission.status == Status.CANCELLED]
    assert (submission.status, portal.accepted()) in [(Status.CANCELLED, 0), (Status.RUNNING, 1)]
