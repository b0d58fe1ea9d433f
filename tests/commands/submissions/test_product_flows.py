"""Product avatar in both generations and AnyShoot, from the order to the saved files, against the sandbox."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from tasks.causes import Code
from tasks.commands.evidence import decisions
from tasks.commands.refusals import NotPossible, ReasonNeeded
from tasks.commands.submissions import actions, create, next_steps
from tasks.commands.submissions.next_steps import start_step, usable_outputs
from tasks.forms.tasks.sources import CredentialCatalog, WorkspaceFiles
from tasks.kinds import product_anyshoot, product_avatar, product_avatar_v1
from tasks.kinds.base import KindForm, TaskKind
from tasks.models import (
    AuditEvent,
    CatalogEntry,
    Credential,
    Membership,
    Output,
    OutputState,
    Status,
    Submission,
    Task,
    TaskStatus,
    Upload,
)
from tasks.wording import cause_words
from tests import people
from tests.causes import code_of
from tests.commands.conftest import Worker
from tests.commands.evidence.test_evidence import true_id
from tests.sandbox_fixture import SandboxDriver

pytestmark = pytest.mark.sqlite

NOW, FIRST, SCENES = product_avatar.KIND, product_avatar_v1.KIND, product_anyshoot.KIND
SPOKEN = {"mode": "avatar4", "speech": "text", "script": "Taste it.", "voice": ""}
CUT, REPLACE, SPEAK = "submitRemoveBackground", "submitProductAvatarReplaceV3", "submitProductAvatarVideoV2"


class Desk:
    """Orders of the marketer, who goes on with what comes of them."""

    def __init__(self, member: Membership, credential: Credential, worker: Worker, folder: Path) -> None:
        self.member, self.credential, self.worker, self.folder = member, credential, worker, folder
        people.ready_catalogs(credential)

    def order(self, kind: TaskKind, **values: Any) -> Task:
        """A task with the answers of the demo, those that are named apart."""
        return people.order(kind, self.member, self.credential, self.folder, values)

    def run(self, submission: Submission) -> Submission:
        """Have the worker send a call, follow it to its end, and save what came of it."""
        self.worker.finish(self.worker.submit(submission))
        for output in submission.outputs.all():
            self.worker.save(output)
        return submission

    def pictures(self, kind: TaskKind, **values: Any) -> Task:
        """A task that has come to the pictures."""
        task = self.order(kind, **values)
        for slug in [step.slug for step in kind.steps][:-1]:
            assert self.run(task.submissions.get(step=slug)).status == Status.SUCCEEDED
        return task

    def words(self, task: Task, chosen: Output, **values: str) -> KindForm:
        """The form of a picture's video, filled in."""
        step = product_kind(task).step("video")
        assert step.follow_up.inputs is not None
        voice = CatalogEntry.objects.in_catalog(self.credential, "voices")[0].remote_id
        return step.follow_up.inputs(
            {**SPOKEN, "voice": voice, **values},
            files=WorkspaceFiles(self.member.workspace),
            catalog=CredentialCatalog(self.credential),
            initial=step.follow_up.initial(chosen.facts),
        )

    def speak(
        self, task: Task, chosen: Output, order_id: UUID | None = None, *, reason: str = "", **values: str
    ) -> Submission:
        """Start the video of a picture, as its page does."""
        form = self.words(task, chosen, **values)
        assert form.is_valid(), form.errors.as_json()
        (submission,) = start_step(
            task=task,
            step=product_kind(task).step("video"),
            sources=[chosen],
            form=form,
            membership=self.member,
            order_id=order_id or uuid4(),
            reason=reason,
        )
        return submission


@pytest.fixture
def desk(mark: Membership, credential: Credential, worker: Worker, tmp_path: Path) -> Desk:
    """The marketer's."""
    return Desk(mark, credential, worker, tmp_path)


def product_kind(task: Task) -> TaskKind:
    return {kind.slug: kind for kind in (NOW, FIRST, SCENES)}[task.kind]


def choices(task: Task) -> list[Output]:
    """What a video can be made of."""
    return usable_outputs(task, product_kind(task).step("video"))


def status_of(task: Task) -> str:
    task.refresh_from_db()
    return task.status


def sent(portal: SandboxDriver, submission: Submission) -> dict[str, Any]:
    """The body that the sandbox accepted."""
    assert portal.sandbox is not None and portal.sandbox.state is not None
    task = portal.sandbox.state.task_store.task(submission.remote_id)
    assert task is not None
    return {key: value for key, value in task.body.items() if key != "noticeUrl"}


@pytest.mark.parametrize("kind", [NOW, FIRST])
def test_a_product_comes_to_pictures_and_the_chosen_one_to_a_video(
    kind: TaskKind, portal: SandboxDriver, desk: Desk
):
    task = desk.pictures(kind)
    assert status_of(task) == TaskStatus.CHOOSING
    first, second = choices(task)
    assert (first.role, first.state, second.state) == ("image", OutputState.SAVED, OutputState.SAVED)
    assert first.facts == {"number": first.identity, "face": True}

    video = desk.run(desk.speak(task, second, mode="avatar2"))
    assert (video.status, video.source) == (Status.SUCCEEDED, second)
    assert video.outputs.get().role == "video"
    assert status_of(task) == TaskStatus.SUCCEEDED
    assert portal.accepted() == len(kind.steps)
    assert not portal.violations()


def test_the_cut_out_product_is_used_without_being_sent_again(portal: SandboxDriver, desk: Desk):
    task = desk.pictures(NOW)
    cutout = task.submissions.get(step="cutout").outputs.get()
    pictures = task.submissions.get(step="pictures")
    body = sent(portal, pictures)
    assert body["productImageWithoutBackgroundFileId"] == cutout.remote_file_id != ""
    assert "productImageFileId" not in body
    assert (pictures.source, pictures.cost) == (cutout, Decimal("0.5"))


def test_a_place_that_was_marked_is_sent_to_the_engine_that_takes_one(
    portal: SandboxDriver, desk: Desk, tmp_path: Path
):
    scene = people.make_upload(desk.member, tmp_path, size=(400, 300))
    place = [[0.1, 0.2], [0.3025, 0.2], [0.3025, 0.9], [0.1, 0.9]]
    task = desk.pictures(
        NOW,
        model="own",
        model_picture=str(scene.pk),
        placement="manual",
        location=str(place),
    )
    body = sent(portal, task.submissions.get(step="pictures"))
    assert (body["version"], body["generateImageMode"], body["location"]) == ("v4", "manual", place)
    assert not {"keepTarget", "productSize", "avatarId"} & set(body)
    assert not portal.violations()


def in_pixels(task: Task) -> None:
    """As an order was stored while places were in pixels."""
    pixels = [[40, 60], [120, 60], [120, 270], [40, 270]]
    Task.objects.filter(pk=task.pk).update(
        brief={**task.brief, "schema": 1, "location": pixels}, brief_schema=1
    )
    task.refresh_from_db()


def placed(desk: Desk, folder: Path) -> Task:
    """An order with a place on a picture of 400 × 300 pixels."""
    scene = people.make_upload(desk.member, folder, size=(400, 300))
    place = "[[0.1, 0.2], [0.3, 0.2], [0.3, 0.9], [0.1, 0.9]]"
    return desk.order(NOW, model="own", model_picture=str(scene.pk), placement="manual", location=place)


def test_an_order_that_waits_with_a_place_in_pixels_is_sent_in_fractions(
    portal: SandboxDriver, desk: Desk, tmp_path: Path
):
    task = placed(desk, tmp_path)
    in_pixels(task)
    for slug in ("cutout", "pictures"):
        assert desk.run(task.submissions.get(step=slug)).status == Status.SUCCEEDED
    body = sent(portal, task.submissions.get(step="pictures"))
    assert body["location"] == [[0.1, 0.2], [0.3, 0.2], [0.3, 0.9], [0.1, 0.9]]


def test_a_place_in_pixels_of_a_picture_of_unknown_size_is_not_sent(
    portal: SandboxDriver, desk: Desk, tmp_path: Path
):
    task = placed(desk, tmp_path)
    in_pixels(task)
    desk.run(task.submissions.get(step="cutout"))
    Upload.objects.filter(pk=task.brief["model_picture"]).update(width=None)
    pictures = desk.worker.submit(task.submissions.get(step="pictures"))
    assert (pictures.status, portal.accepted(REPLACE)) == (Status.FAILED, 0)
    assert code_of(pictures.reason) == Code.PLACE_IN_UNKNOWN_PIXELS
    assert "pixels" in cause_words(pictures.reason)


def test_an_order_with_a_place_in_pixels_is_shown_and_made_again_with_the_same_place(
    desk: Desk, tmp_path: Path
):
    task = placed(desk, tmp_path)
    before = task.brief["location"]
    in_pixels(task)
    browser = people.browser_of(desk.member)
    page = browser.get(f"/tasks/{task.pk}/").content.decode()
    assert "10 % from the left, 20 % from the top; 20 % × 70 % of the picture" in page
    form = browser.get(f"/tasks/new/{NOW.slug}/?from={task.pk}")
    assert form.context["form"]["location"].value() == str(before)
    assert (form.context["changed"], form.context["left_behind"]) == ([], [])
    Upload.objects.filter(pk=task.brief["model_picture"]).update(width=None)
    form = browser.get(f"/tasks/new/{NOW.slug}/?from={task.pk}")
    assert not form.context["form"]["location"].value()


@pytest.mark.parametrize("kind", [NOW, FIRST])
def test_a_picture_without_a_face_is_marked_and_limits_the_video(
    kind: TaskKind, portal: SandboxDriver, desk: Desk
):
    portal.fault("faceless", next=1)
    task = desk.pictures(kind)
    seen, hidden = choices(task)
    step = kind.step("pictures")
    assert (str(step.note(seen.facts)), hidden.facts["face"]) == ("", False)
    assert "no face" in str(step.note(hidden.facts))
    refused = desk.words(task, hidden, mode="avatar4" if kind is NOW else "avatar2")
    assert "no face" in refused.errors["mode"].as_text()
    possible = desk.speak(task, hidden, mode="avatar2" if kind is NOW else "lite")
    assert desk.run(possible).status == Status.SUCCEEDED
    assert not portal.violations()


def test_one_picture_may_speak_twice_but_a_form_sent_twice_speaks_once(portal: SandboxDriver, desk: Desk):
    task = desk.pictures(NOW)
    chosen, order_id = choices(task)[0], uuid4()
    first = desk.speak(task, chosen, order_id)
    assert desk.speak(task, chosen, order_id) == first
    desk.run(first)
    assert desk.run(desk.speak(task, chosen, script="Now with milk.")).status == Status.SUCCEEDED
    assert portal.accepted(SPEAK) == 2


def test_a_picture_without_a_number_starts_nothing(desk: Desk):
    task = desk.pictures(NOW)
    nameless = choices(task)[0]
    Output.objects.filter(pk=nameless.pk).update(facts={"number": "", "face": None})
    nameless.refresh_from_db()
    with pytest.raises(NotPossible, match="no number"):
        desk.speak(task, nameless)
    assert not task.submissions.filter(step="video").exists()


@pytest.mark.parametrize("word", ["task-fail", "task-failed"])
def test_nothing_follows_a_product_that_could_not_be_cut_out(word: str, portal: SandboxDriver, desk: Desk):
    portal.fault(word, next=1)
    task = desk.order(NOW)
    assert desk.run(task.submissions.get()).status == Status.FAILED
    assert task.submissions.count() == 1
    assert status_of(task) == TaskStatus.FAILED


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.django_db(transaction=True)
def test_whoever_dies_between_a_success_and_the_next_step_has_written_neither(
    monkeypatch: pytest.MonkeyPatch, portal: SandboxDriver, desk: Desk, worker: Worker
):
    task = desk.order(NOW)
    cutout = worker.submit(task.submissions.get())

    def dies(**asked: Any) -> Submission:
        queue_step(**asked)
        raise Killed

    queue_step = create.queue_step
    monkeypatch.setattr(next_steps, "queue_step", dies)
    with pytest.raises(Killed):
        worker.finish(cutout)
    cutout.refresh_from_db()
    assert (cutout.status, task.submissions.count()) == (Status.RUNNING, 1)

    monkeypatch.setattr(next_steps, "queue_step", queue_step)
    assert worker.finish(cutout).status == Status.SUCCEEDED
    for _turn in range(2):
        worker.refresh()
    pictures = task.submissions.get(step="pictures")
    assert (pictures.status, pictures.source) == (Status.QUEUED, cutout.outputs.get())
    assert desk.run(pictures).status == Status.SUCCEEDED
    assert (portal.accepted(CUT), portal.accepted(REPLACE)) == (1, 1)


def test_anyshoot_makes_the_pictures_that_were_asked_for(portal: SandboxDriver, desk: Desk):
    submission = desk.run(desk.order(SCENES, count="3").submissions.get())
    assert (submission.status, submission.cost) == (Status.SUCCEEDED, Decimal(3))
    outputs = list(submission.outputs.all())
    assert [(one.role, one.identity, one.state) for one in outputs] == [
        ("image", str(number), OutputState.SAVED) for number in range(3)
    ]
    body = sent(portal, submission)
    assert body["templateMaskFileId"] != body["templateImageFileId"] != body["productImageFileId"]
    assert (body["mode"], body["generatingCount"]) == ("standard", 3)
    assert not portal.violations()


def test_a_template_of_the_catalog_is_named_and_its_mask_has_its_size(
    portal: SandboxDriver, desk: Desk, tmp_path: Path
):
    template = CatalogEntry.objects.in_catalog(desk.credential, "anyshoot-templates")[0]
    CatalogEntry.objects.filter(pk=template.pk).update(facts={**template.facts, "width": 200, "height": 100})
    mask = people.make_upload(desk.member, tmp_path, name="mask.png", size=(200, 100))
    task = desk.order(SCENES, scene="template", template=template.remote_id, place=str(mask.pk))
    submission = desk.run(task.submissions.get())
    assert submission.status == Status.SUCCEEDED
    body = sent(portal, submission)
    assert body["templateId"] == template.remote_id
    assert "templateImageFileId" not in body
    assert not portal.violations()


def test_a_picture_can_be_spoken_again_after_one_of_two_videos_was_refused(desk: Desk):
    task = desk.pictures(NOW)
    chosen = choices(task)[0]
    first, second = desk.speak(task, chosen), desk.speak(task, chosen, script="Other words.")
    Submission.objects.filter(pk=first.pk).update(status=Status.REFUSED)
    third = desk.speak(task, chosen)
    assert third.item == first.item != second.item


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.UNKNOWN])
def test_the_same_video_of_the_same_picture_asks_for_a_reason_while_the_first_is_alive(
    status: Status, desk: Desk
):
    task = desk.pictures(NOW)
    chosen, other = choices(task)[:2]
    first = desk.speak(task, chosen)
    Submission.objects.filter(pk=first.pk).update(status=status)
    with pytest.raises(ReasonNeeded):
        desk.speak(task, chosen)
    desk.speak(task, other)
    second = desk.speak(task, chosen, reason="A second take.")
    transition = second.transitions.get()
    assert (transition.cause, transition.detail) == ("ordered-again", "A second take.")
    assert AuditEvent.objects.filter(verb="step-started", facts__reason="A second take.").count() == 1
    Submission.objects.filter(pk=first.pk).update(status=Status.REFUSED)
    with pytest.raises(ReasonNeeded):
        actions.try_again(submission=Submission.objects.get(pk=first.pk), actor=desk.member.user)


def test_a_page_sent_again_with_other_words_starts_nothing_and_says_so(desk: Desk):
    task = desk.pictures(NOW)
    chosen, order_id = choices(task)[0], uuid4()
    first = desk.speak(task, chosen, order_id)
    assert desk.speak(task, chosen, order_id) == first
    with pytest.raises(NotPossible, match="other answers"):
        desk.speak(task, chosen, order_id, script="Other words.")
    assert task.submissions.filter(step="video").count() == 1


def test_nothing_more_is_paid_for_what_nobody_watches_but_a_person_may_go_on(
    desk: Desk, worker: Worker, mark: Membership
):
    task = desk.order(NOW)
    cutout = worker.submit(task.submissions.get())
    assert actions.stop_watching(submission=cutout, actor=mark.user)
    assert worker.finish(cutout).status == Status.SUCCEEDED
    assert not task.submissions.filter(step="pictures").exists()
    assert status_of(task) == TaskStatus.CHOOSING
    (step,) = next_steps.open_steps(task, NOW)
    (started,) = start_step(
        task=task,
        step=step,
        sources=usable_outputs(task, step),
        form=None,
        membership=mark,
        order_id=uuid4(),
    )
    assert desk.run(started).outputs.exists()


def test_a_cut_out_found_late_is_kept_and_starts_nothing_again(
    portal: SandboxDriver, desk: Desk, worker: Worker, mark: Membership
):
    task = desk.order(NOW)
    portal.fault("drop-after", scope=CUT, next=1)
    lost = worker.submit(task.submissions.get())
    found = true_id(portal)
    assert decisions.abandon(submission=lost, actor=mark.user, reason="Not in the list.")
    second = actions.try_again(submission=lost, actor=mark.user, reason="Needed.")
    assert desk.run(second).status == Status.SUCCEEDED
    lost.refresh_from_db()
    assert decisions.give_task_id(submission=lost, actor=mark.user, remote_id=found)
    portal.finish(found)
    for _turn in range(3):
        worker.refresh()
    lost.refresh_from_db()
    assert (lost.status, lost.is_second_charge) == (Status.SUCCEEDED, True)
    assert lost.outputs.count() == second.outputs.count()
    assert task.submissions.filter(step="pictures").count() == 1
