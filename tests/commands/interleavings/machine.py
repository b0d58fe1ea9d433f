"""Users, workers, callbacks, clocks and faults in any order, one step at a time, in one thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Protocol, TypeVar
from uuid import uuid4

from django.db import connection, transaction
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tasks import jobs
from tasks.commands.accounts.credentials import disable
from tasks.commands.evidence import decisions
from tasks.commands.evidence.callbacks import receive_callback
from tasks.commands.refusals import NotPossible
from tasks.commands.runtime.failpoints import NAMES
from tasks.commands.submissions import actions
from tasks.logs import context_id
from tasks.models import WATCHED, Claim, Output, OutputState, Status, Submission, Task
from tests.commands.conftest import let_trouble_pass
from tests.commands.faults.drives import revive, save_all
from tests.commands.interleavings import invariants
from tests.commands.interleavings.world import KINDS, Killed, World

T = TypeVar("T")

Fault = tuple[str, str, int | None]
SUBMIT, QUERY = "submits", "queryCommonImage2Video"
# What may have been accepted though no task id came, what was not, and how the task ends.
UNCLEAR: list[Fault] = [
    *[(fault, SUBMIT, None) for fault in ("drop-before", "drop-after", "unreadable", "wrong-shape")],
    ("http-before", SUBMIT, 503),
    ("http-after", SUBMIT, 502),
    ("code", SUBMIT, 5000),
]
CLEAR = [("code", SUBMIT, code) for code in (401, 4000, 4004, 4007, 4100, 5003, 6001)]
ENDS = [("task-fail", SUBMIT, None), ("task-failed", SUBMIT, None), ("partial", SUBMIT, 1)]
BEFORE = [
    ("code", "getUploadCredential", 5003),
    ("http-before", "uploadObject", 500),
    ("upload-unchecked", "checkUpload", None),
]
QUERIES: list[Fault] = [
    *[(fault, QUERY, None) for fault in ("drop-after", "unreadable", "wrong-shape", "expired-link")],
    *[("code", QUERY, code) for code in (401, 4004, 4100, 5003)],
]
DOWNLOADS: list[Fault] = [
    *[("http-before", "downloadObject", status) for status in (403, 503)],
    *[(fault, "downloadObject", None) for fault in ("truncated-download", "drop-before", "wrong-shape")],
]
SUBMITS: list[Fault] = [*UNCLEAR, *CLEAR, *ENDS, *BEFORE]
NUMBERS = st.integers(0, 40)
ORDERS = st.tuples(st.integers(0, len(KINDS) - 1), st.integers(1, 2))
EVENTS = st.sampled_from(["killed", "a twin", "overtaken", "a person", "a turn"])
SUBMIT_STEPS = [name for name in NAMES if name.startswith("submit.")]
REFRESH_STEPS = [name for name in NAMES if name.startswith(("refresh.", "settle."))]
SAVE_STEPS = [name for name in NAMES if name.startswith("save.")]
# Longer than any lease, so that whoever was at work counts as dead.
A_WHILE = timedelta(minutes=30)


DECISIONS = st.sampled_from(["cancel", "stop", "stop and drop", "abandon", "again"])
# How often each act comes, beside the others that have something to work on just then.
WEIGHTS = {
    "order": 1,
    "go_on": 3,
    "decide": 3,
    "give_an_id": 2,
    "submit": 4,
    "submit_and_meanwhile": 4,
    "a_late_message": 1,
    "refresh": 2,
    "refresh_and_meanwhile": 3,
    "save": 2,
    "save_and_meanwhile": 3,
    "finish": 4,
    "call_back": 2,
    "change_the_faults": 1,
    "let_time_pass": 1,
    "look_after_the_account": 1,
}
_FOLLOWED = (Status.PREPARING, Status.SUBMITTING, Status.RUNNING, Status.STOPPED, Status.UNKNOWN)
# What there must be for an act to be more than a step wasted.
NEEDS: dict[str, tuple[str, ...]] = {
    "order": ("few tasks",),
    "go_on": (Status.SUCCEEDED,),
    "give_an_id": (Status.UNKNOWN, Status.ABANDONED),
    "submit": (Status.QUEUED,),
    "submit_and_meanwhile": (Status.QUEUED,),
    "refresh": _FOLLOWED,
    "refresh_and_meanwhile": _FOLLOWED,
    "save": ("unsaved",),
    "save_and_meanwhile": ("unsaved",),
    "finish": ("at TopView",),
    "let_time_pass": ("time left",),
}


class Draw(Protocol):
    """Draws from a strategy."""

    def __call__(self, strategy: st.SearchStrategy[T], /) -> T: ...


def perhaps(faults: list[Fault]) -> st.SearchStrategy[Fault | None]:
    """One of them, or as often none."""
    return st.one_of(st.none(), st.sampled_from(faults))


class Interleavings(RuleBasedStateMachine):
    """One history. Its rows are undone at its end, so that the next one starts from the same."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self._rows = transaction.atomic()
        self._rows.__enter__()
        world.reset()

        self.found: Counter[str] = Counter()

    def look(self) -> None:
        """What there is for rules to work on; a rule without anything would be a step wasted."""
        self.found = Counter(Submission.objects.values_list("status", flat=True))
        self.found["few tasks"] = Task.objects.count() < 6
        self.found["unsaved"] = Output.objects.exclude(state=OutputState.SAVED).count()
        self.found["time left"] = self.world.clock.passed < timedelta(days=15)
        self.found["at TopView"] = len(self.world.remote_ids(unfinished=True))

    def pick(self, found: Sequence[T], number: int) -> T | None:
        """One of them, or none when there are none."""
        return found[number % len(found)] if found else None

    @rule(data=st.data())
    def act(self, data: st.DataObject) -> None:
        """One of the acts that have something to work on, the more important ones more often."""
        acts = [name for name, weight in WEIGHTS.items() for _time in range(weight) if self._has_work(name)]
        act = acts[data.draw(st.integers(0, 1000), label="act") % len(acts)]
        note(act)
        getattr(self, act)(data.draw)

    def _has_work(self, act: str) -> bool:
        wanted = NEEDS.get(act)
        return wanted is None or any(self.found[one] for one in wanted)

    # Users

    @initialize(orders=st.lists(ORDERS, min_size=1, max_size=3))
    def first_orders(self, orders: list[tuple[int, int]]) -> None:
        for kind, films in orders:
            self.world.order(kind, films)

    def order(self, draw: Draw) -> None:
        order = draw(ORDERS)
        self.world.order(*order)

    def go_on(self, draw: Draw) -> None:
        number, choice = draw(NUMBERS), draw(NUMBERS)
        if task := self.pick(list(Task.objects.order_by("created_at")), number):
            self.world.go_on(task, choice)

    def decide(self, draw: Draw) -> None:
        """A person's choice about any call that it can be made about; *again* about any at all."""
        number, decision = draw(NUMBERS), draw(DECISIONS)
        possible = {
            "cancel": (Status.QUEUED, Status.PREPARING),
            "again": (),
            "abandon": (Status.UNKNOWN,),
        }.get(decision, (Status.RUNNING,))
        if call := self.pick(self.world.calls(*possible), number):
            self._decide(call, decision)

    def _decide(self, call: Submission, decision: str) -> None:
        person = self.world.mark.user
        if decision == "cancel":
            actions.cancel(submission=call, actor=person)
        elif decision == "abandon":
            decisions.abandon(submission=call, actor=person, reason="It is not there.")
        elif decision == "again":
            try:
                actions.try_again(submission=call, actor=person, reason="I looked.")
            except NotPossible:
                return
        else:
            actions.stop_watching(submission=call, actor=person, keeps_outputs=decision == "stop")

    def give_an_id(self, draw: Draw) -> None:
        """The call's own id, that of another call that is followed, or one that nobody knows."""
        number, other = draw(NUMBERS), draw(NUMBERS)
        if call := self.pick(self.world.calls(Status.UNKNOWN, Status.ABANDONED), number):
            with suppress(NotPossible):
                decisions.give_task_id(
                    submission=call, actor=self.world.mark.user, remote_id=self._some_id(call, other)
                )

    def _some_id(self, call: Submission, number: int) -> str:
        own = self.world.accepted().get(str(call.pk), [])
        # Another lost call's id would be believed: nothing but that person could know better.
        followed = list(Submission.objects.exclude(remote_id="").values_list("remote_id", flat=True))
        others = [one for one in self.world.remote_ids() if one in followed]
        return self.pick([*own, *own, *others, uuid4().hex], number) or ""

    # Workers

    def submit(self, draw: Draw) -> None:
        number, fault = draw(NUMBERS), draw(perhaps(SUBMITS))
        if call := self._queued(number):
            self._break(fault)
            jobs.submit(str(call.pk))

    def submit_and_meanwhile(self, draw: Draw) -> None:
        number, fault = draw(NUMBERS), draw(perhaps(UNCLEAR))
        at, event = draw(st.sampled_from(SUBMIT_STEPS)), draw(EVENTS)
        if call := self._queued(number):
            self._break(fault)
            self._work(lambda: jobs.submit(str(call.pk)), at, event, call)

    def a_late_message(self, draw: Draw) -> None:
        """About any call, whatever has become of it."""
        number = draw(NUMBERS)
        if call := self.pick(self.world.calls(), number):
            jobs.submit(str(call.pk))

    def _queued(self, number: int) -> Submission | None:
        """A queued call, its time come."""
        call = self.pick(self.world.calls(Status.QUEUED), number)
        let_trouble_pass()
        if call is not None:
            Submission.objects.filter(pk=call.pk).update(next_at=call.created_at)
        return call

    def refresh(self, draw: Draw) -> None:
        fault = draw(perhaps(QUERIES))
        self._break(fault)
        Claim.objects.update(asked_at=None)
        self.world.worker.refresh()

    def refresh_and_meanwhile(self, draw: Draw) -> None:
        number, at, event = draw(NUMBERS), draw(st.sampled_from(REFRESH_STEPS)), draw(EVENTS)
        Claim.objects.update(asked_at=None)
        self._work(self.world.worker.refresh, at, event, self.pick(self.world.calls(*WATCHED), number))

    def save(self, draw: Draw) -> None:
        number, fault = draw(NUMBERS), draw(perhaps(DOWNLOADS))
        if output := self._unsaved(number):
            self._break(fault)
            jobs.save_output(str(output.pk))

    def save_and_meanwhile(self, draw: Draw) -> None:
        number, at, event = draw(NUMBERS), draw(st.sampled_from(SAVE_STEPS)), draw(EVENTS)
        if output := self._unsaved(number):
            self._work(lambda: jobs.save_output(str(output.pk)), at, event, output.submission)

    def _unsaved(self, number: int) -> Output | None:
        """An output that is not saved, its time come; when all are, one of them."""
        everything = Output.objects.order_by("created_at", "position")
        output = self.pick(list(everything.exclude(state=OutputState.SAVED)) or list(everything), number)
        if output is not None:
            Output.objects.filter(pk=output.pk).update(next_at=output.created_at)
        return output

    def _break(self, fault: Fault | None) -> None:
        """Have the next such call go wrong."""
        if fault is not None:
            name, scope, value = fault
            self.world.portal.fault(name, scope=scope, next=1, value=value)

    def _work(self, job: Callable[[], None], at: str, event: str, call: Submission | None) -> None:
        """Do a job, in which something happens at a step, if it comes to that step."""
        events = {
            "killed": self._die,
            "a twin": job,
            "overtaken": lambda: self._overtake(job),
            "a person": lambda: self._interfere(call),
            "a turn": self.world.worker.refresh,
        }
        moment = self.world.moment
        moment.at, moment.then = at, events[event]
        try:
            job()
        except Killed:
            return
        finally:
            moment.at = None

    def _die(self) -> None:
        self.world.heard.pop(context_id.get(), None)
        raise Killed

    def _overtake(self, job: Callable[[], None]) -> None:
        """This worker was stopped for so long that others took over."""
        self.world.clock.passed += A_WHILE
        self.world.worker.refresh()
        job()

    def _interfere(self, call: Submission | None) -> None:
        """A person decides about the call in the middle of it."""
        if call is None:
            return
        call = Submission.objects.select_related("task").get(pk=call.pk)
        for decision in ("cancel", "stop", "abandon", "again"):
            self._decide(call, decision)

    # TopView

    def finish(self, draw: Draw) -> None:
        number, fault = draw(NUMBERS), draw(st.sampled_from(["", "", "", "task-fail", "task-failed"]))
        if remote_id := self.pick(self.world.remote_ids(unfinished=True), number):
            self.world.finish(remote_id, fault)

    def call_back(self, draw: Draw) -> None:
        """True, late, twice, out of order or forged: nothing tells them apart."""
        number, other = draw(NUMBERS), draw(NUMBERS)
        uuid, status = draw(st.sampled_from("ab")), draw(st.sampled_from(["success", "fail"]))
        if call := self.pick(self.world.calls(), number):
            body = {"uuid": uuid, "taskId": self._some_id(call, other), "status": status}
            receive_callback(token=call.token, uid="anyone", body=body)

    def change_the_faults(self, draw: Draw) -> None:
        """Those that were set are over; these meet whoever comes first."""
        faults = draw(st.lists(st.sampled_from([*SUBMITS, *QUERIES, *DOWNLOADS]), max_size=3))
        self.world.portal.clear()
        for fault in faults:
            self._break(fault)

    # Time, and the account

    def let_time_pass(self, draw: Draw) -> None:
        """The portal's own clock may be a little wrong."""
        seconds = draw(st.sampled_from([5, 60, 1800, 7200, 26 * 3600]))
        skew = draw(st.sampled_from([-30, 0, 0, 20]))
        self.world.clock.passed += timedelta(seconds=seconds)
        self.world.clock.skew = timedelta(seconds=skew)

    def look_after_the_account(self, draw: Draw) -> None:
        what = draw(st.sampled_from(["disable", "enable", "enable", "read"]))
        if what == "disable":
            disable(credential=self.world.credential, actor=self.world.alice.user)
        elif what == "enable":
            revive(self.world.credential, self.world.alice.user)
        else:
            jobs.read_account(str(self.world.credential.pk))

    @invariant()
    def it_holds(self) -> None:
        self.look()
        invariants.always(self.world)

    # The end

    def teardown(self) -> None:
        try:
            if not connection.needs_rollback:
                self.come_to_rest()
                invariants.always(self.world)
                invariants.at_rest(self.world)
        finally:
            transaction.set_rollback(True)
            self._rows.__exit__(None, None, None)

    def come_to_rest(self) -> None:
        """The faults are over; everybody does their work until there is none."""
        world = self.world
        world.portal.clear()
        world.clock.skew = timedelta()
        for _turn in range(12):
            world.clock.passed += A_WHILE
            revive(world.credential, world.alice.user)
            for call in world.calls(Status.QUEUED):
                world.worker.submit_now(call)
            for remote_id in world.remote_ids():
                world.finish(remote_id)
            Claim.objects.update(asked_at=None)
            jobs.read_account(str(world.credential.pk))
            world.worker.refresh()
            save_all()
            if self._is_at_rest():
                return

    def _is_at_rest(self) -> bool:
        moving = (Status.QUEUED, Status.PREPARING, Status.SUBMITTING, *WATCHED)
        if Submission.objects.filter(status__in=moving).exists():
            return False
        wanted = Output.objects.filter(submission__keeps_outputs=True)
        return not wanted.filter(state__in=(OutputState.WAITING, OutputState.SAVING)).exists()
