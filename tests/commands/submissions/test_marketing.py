"""A marketing video from previews to exports: several calls, one task at TopView, nothing paid twice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from tasks.causes import Code
from tasks.commands.evidence import decisions
from tasks.commands.refusals import NotPossible
from tasks.commands.submissions import actions
from tasks.commands.submissions.next_steps import start_step, usable_outputs
from tasks.forms.tasks.sources import CredentialCatalog, WorkspaceFiles
from tasks.kinds import marketing_video
from tasks.kinds.base import KindForm
from tasks.models import (
    Claim,
    Credential,
    Membership,
    Output,
    OutputState,
    Status,
    Submission,
    Task,
    TaskStatus,
)
from tests import people
from tests.causes import code_of
from tests.commands.conftest import Worker
from tests.sandbox_fixture import SandboxDriver

pytestmark = pytest.mark.sqlite

KIND = marketing_video.KIND
QUERY = KIND.steps[0].wire.query_path


class Studio:
    """Orders marketing videos and goes on with them as a marketer would."""

    def __init__(self, member: Membership, credential: Credential, worker: Worker, folder: Path) -> None:
        self.member, self.credential, self.worker, self.folder = member, credential, worker, folder

    def order(self, **values: Any) -> Task:
        """A task whose first call TopView has accepted."""
        task = people.order(KIND, self.member, self.credential, self.folder, values)
        self.worker.submit(task.submissions.get())
        return task

    def previewed(self) -> Task:
        """A task whose previews are there."""
        task = self.order()
        self.worker.finish(task.submissions.get())
        return task

    def go_on(self, task: Task, slug: str, *scripts: str, form: KindForm | None = None) -> list[Submission]:
        """Start a step for these scripts, and have the worker send the calls."""
        step = KIND.step(slug)
        chosen = [one for one in usable_outputs(task, step) if one.identity in scripts]
        assert len(chosen) == len(scripts)
        calls = start_step(
            task=task, step=step, sources=chosen, form=form, membership=self.member, order_id=uuid4()
        )
        return [self.worker.submit(call) for call in calls]

    def words(self, task: Task, script: str, text: str) -> KindForm:
        """The form of a script with other words in its first part."""
        step = KIND.step("script")
        assert step.follow_up.inputs is not None
        chosen = next(one for one in usable_outputs(task, step) if one.identity == script)
        first, *others = chosen.facts["segments"]
        form = step.follow_up.inputs(
            {"segments": [[first[0], text], *others]},
            files=WorkspaceFiles(self.member.workspace),
            catalog=CredentialCatalog(self.credential),
            initial=step.follow_up.initial(chosen.facts),
        )
        assert form.is_valid(), form.errors.as_json()
        return form


@pytest.fixture
def desk(mark: Membership, credential: Credential, worker: Worker, tmp_path: Path) -> Studio:
    """The marketer's."""
    return Studio(mark, credential, worker, tmp_path)


def charges(portal: SandboxDriver) -> list[Decimal]:
    """What the sandbox's account was charged."""
    rows = portal.result("GET", "/user/credit/logs?pageNo=1&pageSize=100")["data"]
    return [Decimal(str(row["costCredit"])) for row in rows]


def status_of(task: Task) -> str:
    task.refresh_from_db()
    return task.status


def look_for(lost: Submission, worker: Worker) -> None:
    """Two turns of the refresh in which every claim is due."""
    for _turn in range(2):
        Claim.objects.update(asked_at=None)
        worker.refresh()
    lost.refresh_from_db()


def newest(task: Task, script: str) -> Output:
    return next(one for one in usable_outputs(task, KIND.step("export")) if one.identity == script)


def test_previews_are_named_after_their_scripts_and_wait_for_a_choice(desk: Studio):
    task = desk.previewed()
    previews = list(task.outputs.order_by("position"))
    assert [one.identity for one in previews] == ["0", "1", "2"]
    assert [one.name for one in previews] == ["Straight to the point", "A small story", "Three reasons"]
    assert previews[0].facts["segments"][0] == ["1", "Meet Clay cup."]
    assert status_of(task) == TaskStatus.CHOOSING


def test_from_previews_by_new_words_to_two_exports_each_paid_once(
    portal: SandboxDriver, desk: Studio, worker: Worker
):
    task = desk.previewed()
    old = newest(task, "1")
    (edit,) = desk.go_on(task, "script", "1", form=desk.words(task, "1", "Tea time."))
    assert worker.finish(edit).status == Status.SUCCEEDED
    new = newest(task, "1")
    assert new.submission_id == edit.pk
    assert new.facts["segments"][0] == ["1", "Tea time."]
    assert new.facts["film"] != old.facts["film"]

    exports = desk.go_on(task, "export", "0", "1")
    assert {call.remote_id for call in exports} == {edit.remote_id}
    for call in exports:
        assert worker.finish(call).status == Status.SUCCEEDED
        assert call.cost is None
    films = [worker.save(call.outputs.get()) for call in exports]
    assert [film.state for film in films] == [OutputState.SAVED, OutputState.SAVED]
    assert [film.name for film in films] == ["Straight to the point", "A small story"]
    assert charges(portal) == [Decimal(5), Decimal(5)]
    assert status_of(task) == TaskStatus.SUCCEEDED
    assert not portal.violations()


def test_a_new_preview_never_counts_as_done_with_the_old_film(
    portal: SandboxDriver, desk: Studio, worker: Worker
):
    task = desk.previewed()
    portal.speed(60)
    (edit,) = desk.go_on(task, "script", "0", form=desk.words(task, "0", "Tea time."))
    worker.refresh()
    edit.refresh_from_db()
    assert (edit.status, edit.outputs.count()) == (Status.RUNNING, 0)
    assert (
        worker.finish(edit).outputs.get().facts["film"] != task.outputs.earliest("created_at").facts["film"]
    )


def test_words_may_be_changed_again_and_again(desk: Studio, worker: Worker):
    task = desk.previewed()
    for text in ("Tea time.", "Coffee time."):
        (edit,) = desk.go_on(task, "script", "0", form=desk.words(task, "0", text))
        worker.finish(edit)
    assert newest(task, "0").facts["segments"][0] == ["1", "Coffee time."]
    edits = task.submissions.filter(step="script").order_by("created_at")
    assert list(edits.values_list("item", flat=True)) == ["0~1", "0~2"]


def test_an_export_is_asked_for_once(portal: SandboxDriver, desk: Studio):
    task = desk.previewed()
    desk.go_on(task, "export", "0")
    with pytest.raises(NotPossible):
        desk.go_on(task, "export", "0", "1")
    assert portal.accepted("exportM2v") == 1


def test_new_words_can_be_exported_after_the_old_ones_were(
    portal: SandboxDriver, desk: Studio, worker: Worker
):
    task = desk.previewed()
    (first,) = desk.go_on(task, "export", "0")
    old = worker.finish(first).outputs.get()
    (edit,) = desk.go_on(task, "script", "0", form=desk.words(task, "0", "Tea time."))
    worker.finish(edit)
    portal.speed(60)
    (second,) = desk.go_on(task, "export", "0")
    worker.refresh()
    second.refresh_from_db()
    assert (second.status, second.outputs.count()) == (Status.RUNNING, 0)
    assert worker.finish(second).outputs.get().facts["film"] != old.facts["film"]
    with pytest.raises(NotPossible):
        desk.go_on(task, "export", "0")
    assert charges(portal) == [Decimal(5), Decimal(5)]


def test_an_export_of_unknown_outcome_stands_in_no_other_ones_way(
    portal: SandboxDriver, desk: Studio, worker: Worker
):
    task = desk.previewed()
    portal.fault("drop-before", scope="exportM2v", next=1)
    (lost,) = desk.go_on(task, "export", "0")
    assert lost.status == Status.UNKNOWN
    (other,) = desk.go_on(task, "export", "1")
    assert worker.finish(other).status == Status.SUCCEEDED
    assert worker.save(other.outputs.get()).name == "A small story"
    lost.refresh_from_db()
    assert (lost.status, status_of(task)) == (Status.UNKNOWN, TaskStatus.UNKNOWN)
    assert portal.accepted("exportM2v") == 1


def test_an_export_whose_answer_was_lost_is_found_in_its_task(
    portal: SandboxDriver, desk: Studio, worker: Worker
):
    task = desk.previewed()
    portal.fault("drop-after", scope="exportM2v", next=1)
    (lost,) = desk.go_on(task, "export", "0")
    assert lost.status == Status.UNKNOWN
    (other,) = desk.go_on(task, "export", "1")
    worker.finish(other)
    look_for(lost, worker)
    assert worker.finish(lost).status == Status.SUCCEEDED
    assert worker.save(lost.outputs.get()).name == "Straight to the point"
    assert portal.accepted("exportM2v") == 2
    assert charges(portal) == [Decimal(5), Decimal(5)]


def test_nobody_is_believed_about_an_export_that_the_task_does_not_show(
    portal: SandboxDriver, desk: Studio, worker: Worker, alice: Membership
):
    task = desk.previewed()
    portal.fault("drop-before", scope="exportM2v", next=1)
    (lost,) = desk.go_on(task, "export", "0")
    named = task.submissions.get(step="preview").remote_id
    assert decisions.give_task_id(submission=lost, actor=alice.user, remote_id=named)
    look_for(lost, worker)
    assert lost.status == Status.UNKNOWN
    assert code_of(lost.attention) == Code.CLAIM_NOT_SHOWN


def test_the_next_attempt_is_not_taken_for_one_that_was_given_up(
    portal: SandboxDriver, desk: Studio, worker: Worker, alice: Membership
):
    task = desk.previewed()
    portal.fault("drop-before", scope="exportM2v", next=1)
    (lost,) = desk.go_on(task, "export", "0")
    look_for(lost, worker)
    decisions.abandon(submission=lost, actor=alice.user, reason="Not on the site.")
    again = worker.submit(actions.try_again(submission=lost, actor=alice.user, reason="Needed."))
    look_for(lost, worker)
    assert (lost.status, worker.finish(again).status) == (Status.ABANDONED, Status.SUCCEEDED)
    assert charges(portal) == [Decimal(5)]


def test_a_failed_export_is_no_sign_of_the_next_attempt(
    portal: SandboxDriver, desk: Studio, worker: Worker, alice: Membership
):
    task = desk.previewed()
    portal.fault("task-failed", next=1)
    (failed,) = desk.go_on(task, "export", "0")
    worker.finish(failed)
    portal.fault("drop-before", scope="exportM2v", next=1)
    lost = worker.submit(actions.try_again(submission=failed, actor=alice.user, reason="Needed."))
    look_for(lost, worker)
    assert lost.status == Status.UNKNOWN


def test_an_export_that_fails_leaves_the_others_alone(portal: SandboxDriver, desk: Studio, worker: Worker):
    task = desk.previewed()
    portal.fault("task-failed", next=1)
    failed, good = desk.go_on(task, "export", "0", "1")
    assert worker.finish(failed).status == Status.FAILED
    assert worker.finish(good).status == Status.SUCCEEDED
    assert charges(portal) == [Decimal(5)]


def test_without_previews_the_finished_video_comes_straight(
    portal: SandboxDriver, desk: Studio, worker: Worker
):
    task = desk.order(way="straight")
    call = worker.finish(task.submissions.get())
    assert worker.save(call.outputs.get()).name == "Straight to the point"
    assert status_of(task) == TaskStatus.SUCCEEDED
    assert charges(portal) == [Decimal(5)]


def test_the_languages_are_those_of_the_voices_that_were_read(desk: Studio):
    people.ready_catalogs(desk.credential)
    forms = {
        code: people.fill_form(KIND, desk.member, desk.credential, desk.folder, {"language": code})
        for code in ("de", "th", "bg")
    }
    assert {code: set(form.errors) for code, form in forms.items()} == {
        "de": set(),
        "th": set(),
        "bg": {"language"},
    }


def test_a_call_that_takes_no_address_to_call_back_is_sent_none(
    portal: SandboxDriver, desk: Studio, settings: Any
):
    settings.NOTICE_URL = "https://portal.example"
    task = desk.previewed()
    desk.go_on(task, "script", "0", form=desk.words(task, "0", "Tea time."))
    assert portal.accepted("updateM2vScript") == 1
    assert not portal.violations()


def test_one_script_is_worked_on_by_one_call_at_a_time(desk: Studio, worker: Worker):
    task = desk.previewed()
    (edit,) = desk.go_on(task, "script", "0", form=desk.words(task, "0", "Tea time."))
    for step, form in (("script", desk.words(task, "0", "Coffee time.")), ("export", None)):
        with pytest.raises(NotPossible, match="still being made"):
            desk.go_on(task, step, "0", form=form)
    (export,) = desk.go_on(task, "export", "1")
    assert export.status == Status.RUNNING
    worker.finish(edit)
    (after,) = desk.go_on(task, "export", "0")
    assert after.status == Status.RUNNING


def test_previews_are_not_lost_when_topview_does_not_tell_their_words(
    portal: SandboxDriver, desk: Studio, worker: Worker
):
    portal.fault("code", scope="listM2vScripts", value=4004)
    task = desk.previewed()
    assert task.outputs.count() == 3


def let_address_die(output: Output) -> None:
    """Only a fresh address leads to the file from now on."""
    gone = timezone.now() - timedelta(seconds=1)
    Output.objects.filter(pk=output.pk).update(source_expires_at=gone)


def test_a_film_made_anew_before_the_older_one_was_saved_is_not_saved_as_the_older(
    desk: Studio, worker: Worker
):
    task = desk.previewed()
    old = newest(task, "1")
    (edit,) = desk.go_on(task, "script", "1", form=desk.words(task, "1", "Tea time."))
    new = worker.finish(edit).outputs.get()
    let_address_die(old)
    worker.save(old)
    assert (old.state, old.blob) == (OutputState.LOST, None)
    assert code_of(old.error) == Code.OUTPUT_REPLACED
    assert worker.save(new).state == OutputState.SAVED
    other = newest(task, "0")
    let_address_die(other)
    assert worker.save(other).state == OutputState.SAVED


def test_a_film_made_anew_that_the_portal_has_not_heard_of_yet_is_not_taken_for_the_older(
    portal: SandboxDriver, desk: Studio, worker: Worker
):
    task = desk.previewed()
    old = newest(task, "1")
    (edit,) = desk.go_on(task, "script", "1", form=desk.words(task, "1", "Tea time."))
    portal.finish(edit.remote_id)
    let_address_die(old)
    worker.save(old)
    assert (old.state, old.blob) == (OutputState.WAITING, None)
    film = worker.finish(edit).outputs.get()
    assert worker.save(film).state == OutputState.SAVED


def test_an_older_call_that_is_asked_about_again_keeps_its_own_film(
    portal: SandboxDriver, desk: Studio, worker: Worker
):
    task = desk.previewed()
    old = newest(task, "1")
    (edit,) = desk.go_on(task, "script", "1", form=desk.words(task, "1", "Tea time."))
    worker.finish(edit)
    Submission.objects.filter(pk=old.submission_id).update(status=Status.RUNNING, answer_digest="")
    address = old.source_url
    worker.refresh()
    old.refresh_from_db()
    assert old.source_url == address


def test_a_preview_whose_address_died_is_saved_while_another_is_made_anew(
    portal: SandboxDriver, desk: Studio, worker: Worker
):
    """What it is called and what it says is read from TopView's scripts, however the task is asked about."""
    task = desk.previewed()
    portal.speed(60)
    desk.go_on(task, "script", "1", form=desk.words(task, "1", "Tea time."))
    other = newest(task, "0")
    let_address_die(other)
    assert worker.save(other).state == OutputState.SAVED
