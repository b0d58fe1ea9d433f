"""Photo avatar, voices, cut-outs and models, from the order to the saved files, against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tasks import jobs, kinds
from tasks.commands.ledger.published_prices import PUBLISHED
from tasks.kinds import (
    background_removal,
    image_to_video_models,
    photo_avatar,
    text_to_voice,
    video_avatar,
    voice_clone,
)
from tasks.kinds.base import TaskKind
from tasks.models import CatalogEntry, Credential, Membership, OutputState, Status, Submission
from tasks.sandbox.families.base import TaskView
from tests import people
from tests.commands.conftest import Worker
from tests.sandbox_fixture import SandboxDriver

pytestmark = pytest.mark.sqlite


class Studio:
    """Orders of the marketer, each followed to its end; afterwards the catalogs are read that it adds to."""

    def __init__(self, member: Membership, credential: Credential, worker: Worker, folder: Path) -> None:
        self.member, self.credential, self.worker, self.folder = member, credential, worker, folder

    def make(self, kind: TaskKind, **values: Any) -> Submission:
        """A task with the answers of the demo, those that are named apart."""
        task = people.order(kind, self.member, self.credential, self.folder, values)
        submission = self.worker.finish(self.worker.submit(people.only_submission(task)))
        for output in submission.outputs.all():
            self.worker.save(output)
        return submission

    def read_again(self, submission: Submission) -> None:
        """What the worker is told to do after a call that adds to a catalog."""
        step = kinds.step(submission.task.kind, submission.step)
        for catalog_name in step.adds_to(submission.task.brief):
            jobs.refresh_one_catalog(str(self.credential.pk), catalog_name)

    def ids_in(self, name: str) -> set[str]:
        """The ids that can be picked."""
        return {entry.remote_id for entry in CatalogEntry.objects.in_catalog(self.credential, name)}


@pytest.fixture
def studio_of(
    mark: Membership, credential: Credential, worker: Worker, tmp_path: Path, portal: SandboxDriver
) -> Iterator[Studio]:
    """The marketer's; TopView must have no complaint in the end."""
    people.ready_catalogs(credential)
    yield Studio(mark, credential, worker, tmp_path)
    assert not portal.violations()


@pytest.mark.parametrize(
    ("made", "roles"),
    [
        (photo_avatar.KIND, ["video"]),
        (background_removal.KIND, ["image", "image"]),
        (voice_clone.KIND, ["audio"]),
        (text_to_voice.KIND, ["audio"]),
        (image_to_video_models.KIND, ["video"]),
    ],
)
def test_the_demo_of_each_product_ends_in_saved_files(made: TaskKind, roles: list[str], studio_of: Studio):
    submission = studio_of.make(made)
    assert submission.status == Status.SUCCEEDED
    outputs = submission.outputs.order_by("position")
    assert [output.role for output in outputs] == roles
    assert {output.state for output in outputs} == {OutputState.SAVED}


@pytest.mark.parametrize(
    ("made", "field"), [(photo_avatar.KIND, "avatar"), (video_avatar.KIND, "own_avatar")]
)
def test_a_portrait_that_was_kept_speaks_again_without_an_upload(
    made: TaskKind, field: str, studio_of: Studio
):
    catalog_name = made.inputs.base_fields[field].catalog_name  # type: ignore[attr-defined]
    before = studio_of.ids_in(catalog_name)
    first = studio_of.make(photo_avatar.KIND, save_avatar="on")
    studio_of.read_again(first)
    [kept] = studio_of.ids_in(catalog_name) - before
    assert first.outputs.get().facts == {"avatar_id": kept}
    person = "picked" if made is photo_avatar.KIND else "own"
    again = studio_of.make(made, person=person, **{field: kept})
    assert again.status == Status.SUCCEEDED
    assert again.task.brief[field] == kept
    assert "photo" not in again.task.brief


def test_an_avatar_kept_from_a_talking_avatar_speaks_again(studio_of: Studio):
    before = studio_of.ids_in("own-avatars")
    studio_of.read_again(studio_of.make(video_avatar.KIND, save_avatar="on"))
    [kept] = studio_of.ids_in("own-avatars") - before
    assert studio_of.make(video_avatar.KIND, person="own", own_avatar=kept).status == Status.SUCCEEDED


def test_a_cloned_voice_stands_among_the_voices_and_reads_a_text(studio_of: Studio):
    before = studio_of.ids_in("voices")
    clone = studio_of.make(voice_clone.KIND, name="Mark, calm", transcript="Good morning.", speed="0.95")
    studio_of.read_again(clone)
    [voice] = studio_of.ids_in("voices") - before
    sample = clone.outputs.get()
    assert (sample.name, sample.facts) == ("Mark, calm", {"voice_id": voice})
    published = voice_clone.KIND.steps[0].price({}, PUBLISHED)
    assert published is not None and clone.cost == published.most == 1
    read = studio_of.make(
        text_to_voice.KIND, voice=voice, pronunciation="TopView = top view", emotion="happy"
    )
    assert (read.status, read.cost) == (Status.SUCCEEDED, Decimal("0.1"))


def test_a_cut_out_and_its_mask_are_named_and_known_to_topview(studio_of: Studio):
    cut, mask = studio_of.make(background_removal.KIND).outputs.order_by("position")
    assert (cut.name, mask.name) == ("Cut-out", "Mask")
    assert cut.remote_file_id != mask.remote_file_id
    assert "" not in (cut.remote_file_id, mask.remote_file_id)


def test_reference_pictures_and_variations_reach_topview(studio_of: Studio, tmp_path: Path):
    pictures = [
        str(people.make_upload(studio_of.member, tmp_path, size=(300, side)).pk) for side in (200, 210, 220)
    ]
    submission = studio_of.make(
        image_to_video_models.KIND,
        model="vidu-q2-reference",
        references=pictures,
        shape="1:1",
        resolution="1080",
        count="3",
    )
    assert submission.status == Status.SUCCEEDED
    assert submission.outputs.filter(state=OutputState.SAVED).count() == 3


def test_a_voice_without_a_sound_file_has_succeeded_all_the_same(
    studio_of: Studio, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as hidden:
        hidden.setattr(TaskView, "url", lambda told, output: None)
        clone = studio_of.make(voice_clone.KIND)
    assert (clone.status, clone.failed_parts, clone.outputs.count()) == (Status.SUCCEEDED, 0, 0)
    assert clone.cost == 1
