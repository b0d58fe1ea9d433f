"""Whose call goes next where an account has little room, and how those that wait are sent for."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from hypothesis import given
from hypothesis import strategies as some

from tasks.causes import Cause, Code
from tasks.commands.refresh.leasing import Nudges
from tasks.commands.runtime.queue import SUBMIT
from tasks.commands.submissions.scheduling import in_turn
from tasks.models import Credential, Membership, Role, Status, Submission, Workspace
from tests import people
from tests.causes import code_of
from tests.commands.conftest import Orders, Worker, running
from tests.sandbox_fixture import SandboxDriver

PEOPLE = some.sampled_from([1, 2, 3, None])


@pytest.fixture
def rita(studio: Workspace) -> Membership:
    """A colleague who makes films too."""
    return people.make_member(studio, Role.MARKETER, "Rita")


@pytest.fixture
def small(credential: Credential) -> Credential:
    """The account has room for two."""
    Credential.objects.update(max_in_flight=2)
    credential.max_in_flight = 2
    return credential


def sent_for() -> list[str]:
    """The calls that messages name, in their order; afterwards there are none."""
    messages = [message for message in OrmQ.objects.order_by("pk") if message.func() == SUBMIT]
    OrmQ.objects.all().delete()
    return [message.task["args"][0] for message in messages]


@given(queue=some.lists(PEOPLE, max_size=30), at_work=some.dictionaries(PEOPLE, some.integers(0, 5)))
def test_turns_are_fair_whoever_waits(queue: list[int | None], at_work: dict[int | None, int]) -> None:
    queued = [(UUID(int=place), person) for place, person in enumerate(queue)]
    owner = dict(queued)
    whole = in_turn(queued, at_work, room=len(queued))
    assert sorted(whole) == sorted(owner), "everybody's turn comes"
    for room in range(len(queued)):
        chosen = in_turn(queued, at_work, room=room)
        assert chosen == whole[:room]
        busy = Counter(at_work) + Counter(owner[pk] for pk in chosen)
        left = [pk for pk, _person in queued if pk not in chosen]
        if left:
            nobody_less = min(busy[owner[pk]] for pk in left)
            assert busy[owner[whole[room]]] == nobody_less
        for person in at_work.keys() | set(queue):
            mine = [pk for pk in chosen if owner[pk] == person]
            assert mine == sorted(mine), "of one person, the longest waiting first"


def test_a_batch_of_one_person_does_not_keep_a_colleague_waiting(
    small: Credential, orders: Orders, worker: Worker, rita: Membership, tmp_path: Path
):
    # Nobody's task ends by itself and makes room while another one's end is waited for.
    worker.portal.speed(3600)
    batch = [orders.submission() for _number in range(6)]
    worker.submit(batch[0])
    hers = Orders(rita, small, tmp_path).submission()
    assert worker.submit(batch[1]).status == Status.QUEUED, "it is hers to go next"
    assert code_of(batch[1].reason) == Code.ACCOUNT_FULL
    assert worker.submit(hers).status == Status.RUNNING
    worker.finish(batch[0])
    assert worker.submit(batch[2]).status == Status.QUEUED
    assert worker.submit(batch[1]).status == Status.RUNNING


def test_as_many_are_sent_for_as_there_is_room(small: Credential, orders: Orders, worker: Worker):
    rows = [orders.submission() for _number in range(5)]
    sent_for()
    Nudges().send(timezone.now())
    assert sent_for() == [str(row.pk) for row in rows[:2]]
    for row in rows:
        worker.submit(row)
    sent_for()
    Nudges().send(timezone.now())
    assert sent_for() == []


def test_of_a_long_queue_no_more_is_read_than_may_be_next(
    small: Credential, orders: Orders, rita: Membership, tmp_path: Path
):
    batch = [orders.submission().pk for _number in range(5)]
    hers = Orders(rita, small, tmp_path).submission().pk
    queue = Submission.objects.queue(timezone.now(), {small.pk: 2})
    assert [pk for pk, _person in queue[small.pk]] == [*batch[:2], hers]
    assert Submission.objects.queue(timezone.now(), {}) == {}


def test_who_waits_for_room_is_written_once_and_wakes_nobody(
    small: Credential, orders: Orders, worker: Worker
):
    rows = [orders.submission() for _number in range(3)]
    for row in rows:
        worker.submit(row)
    waiting = rows[2]
    waiting.task.refresh_from_db()
    revision = waiting.task.revision
    assert code_of(waiting.reason) == Code.ACCOUNT_FULL
    OrmQ.objects.all().delete()
    nudges = Nudges()
    for _turn in range(5):
        nudges.send(timezone.now())
        worker.submit(waiting)
    waiting.task.refresh_from_db()
    assert waiting.task.revision == revision
    assert not OrmQ.objects.exists()
    worker.finish(rows[0])
    OrmQ.objects.all().delete()
    nudges.send(timezone.now())
    assert sent_for() == [str(waiting.pk)]
    assert worker.submit(waiting).status == Status.RUNNING


def test_what_is_being_prepared_takes_up_room(small: Credential, orders: Orders, worker: Worker):
    first, second, third = (orders.submission() for _number in range(3))
    lease = timezone.now() + timedelta(minutes=1)
    for row in (first, second):
        assert row.advance(Status.PREPARING, cause="claimed", lease_holder="x", lease_until=lease)
    sent_for()
    Nudges().send(timezone.now())
    assert sent_for() == []
    assert worker.submit(third).status == Status.QUEUED


def test_topviews_wish_for_fewer_calls_slows_that_account_and_no_other(
    portal: SandboxDriver, studio: Workspace, orders: Orders, worker: Worker
):
    key = "sk-sandbox-other-0123456789abcdef"
    portal.account("AnotherAccount03", key, 50)
    other = people.make_credential(studio, name="Other", uid="AnotherAccount03", key=key)
    first = running(orders, worker)
    portal.fault("http-before", next=1, value=429)
    before = timezone.now()
    worker.refresh()
    account = Credential.objects.get(pk=first.task.credential_id)
    assert account.is_slowed(before + timedelta(seconds=1)), "it named a second"
    # As if it had named a minute: what follows takes its time on a busy machine.
    minute = timezone.now() + timedelta(minutes=1)
    Credential.objects.filter(pk=account.pk).update(slow_until=minute)
    calls = portal.state()["calls"]
    assert worker.submit(orders.submission()).status == Status.QUEUED
    assert Submission.objects.get(status=Status.QUEUED).reason == Cause.of(Code.RATE_LIMITED)
    assert portal.state()["calls"] == calls, "it is left alone"
    assert worker.submit(orders.submission(other)).status == Status.RUNNING
    assert not account.is_slowed(timezone.now() + timedelta(seconds=10))
    assert not account.is_slowed(timezone.now() - timedelta(hours=3)), "after the clock was set back"
