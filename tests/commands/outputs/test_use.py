"""A result becomes material of another product: one upload, the same bytes, nothing sent twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tasks.commands.library.uploads import hide_upload
from tasks.commands.library.use_output import use_output
from tasks.commands.refusals import NotPossible
from tasks.commands.submissions.create import create_task
from tasks.forms.tasks.sources import CredentialCatalog, WorkspaceFiles
from tasks.kinds import accepting, background_removal, image_to_video
from tasks.models import AuditEvent, Credential, Membership, Output, OutputState, RemoteFile, Status, Upload
from tests.commands.conftest import Worker
from tests.media.samples import make_picture
from tests.people import make_blob, only_submission, order
from tests.sandbox_fixture import SandboxDriver
from tests.threads import all_at_once
from tests.views.rows import make_account, make_output, make_task


def picture(member: Membership, folder: Path, **facts: Any) -> Output:
    """A saved picture of a finished task, as another product would have made it."""
    path = make_picture(folder / f"{uuid4().hex}.png", (320, 240))
    blob = make_blob(member.workspace, path.read_bytes(), "image/png")
    columns: dict[str, Any] = {
        "role": "image",
        "blob": blob,
        "format": "png",
        "width": 320,
        "height": 240,
        "seconds": None,
    }
    return make_output(make_task(member), **{**columns, **facts})


def test_an_upload_with_the_outputs_bytes_and_measures_is_made(mark: Membership, tmp_path: Path):
    output = picture(mark, tmp_path)
    upload = use_output(output=output, membership=mark)
    assert (upload.made_from, upload.blob, upload.poster) == (output, output.blob, output.poster)
    assert (upload.role, upload.format, upload.width, upload.height) == ("image", "png", 320, 240)
    assert (upload.owner, upload.name) == (mark.user, "A turning cup.png")
    assert Upload.objects.for_library(mark.workspace).get() == upload
    assert AuditEvent.objects.get(subject_id=str(upload.pk)).verb == "output-used"


def test_asked_twice_it_is_the_same_upload(mark: Membership, tmp_path: Path):
    output = picture(mark, tmp_path)
    assert use_output(output=output, membership=mark) == use_output(output=output, membership=mark)
    assert AuditEvent.objects.count() == 1


def test_two_people_who_ask_at_once_share_one_upload(
    transactional_db: None, mark: Membership, alice: Membership, tmp_path: Path
):
    output = picture(mark, tmp_path)

    def ask(member: Membership) -> None:
        use_output(output=Output.objects.get(pk=output.pk), membership=member)

    all_at_once([lambda: ask(alice), lambda: ask(mark)])
    assert Upload.objects.filter(made_from=output).count() == 1


def test_taken_out_of_the_library_it_is_made_anew(mark: Membership, tmp_path: Path):
    output = picture(mark, tmp_path)
    first = use_output(output=output, membership=mark)
    hide_upload(upload=first, actor=mark.user)
    again = use_output(output=output, membership=mark)
    assert again != first
    assert list(Upload.objects.for_library(mark.workspace)) == [again]


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"name": "Warm and calm"}, "Warm and calm.png"),
        ({"name": "x" * 200}, f"{'x' * 196}.png"),
        ({"name": ""}, "A turning cup.png"),
    ],
)
def test_the_file_is_called_what_people_call_the_result(
    mark: Membership, tmp_path: Path, facts: dict[str, object], name: str
):
    assert use_output(output=picture(mark, tmp_path, **facts), membership=mark).name == name


def test_one_of_several_results_carries_its_number(mark: Membership, tmp_path: Path):
    first = picture(mark, tmp_path)
    second = make_output(first.task, position=1, role="image", format="png")
    assert use_output(output=second, membership=mark).name == "A turning cup 2.png"


def test_the_id_topview_gave_the_file_is_known_for_its_account_alone(mark: Membership, tmp_path: Path):
    output = picture(mark, tmp_path, remote_file_id="topview-file-1")
    make_account(mark.workspace, name="Other")
    upload = use_output(output=output, membership=mark)
    remote = RemoteFile.objects.get(upload=upload)
    assert (remote.credential, remote.file_id) == (output.task.credential, "topview-file-1")
    assert remote.arrived_at is not None


@pytest.mark.parametrize("state", [OutputState.WAITING, OutputState.SAVING, OutputState.LOST])
def test_without_a_saved_copy_there_is_nothing_to_use(mark: Membership, state: OutputState):
    output = make_output(make_task(mark), state=state)
    with pytest.raises(NotPossible, match="no saved copy"):
        use_output(output=output, membership=mark)
    assert not Upload.objects.exists()


def test_text_is_no_material(mark: Membership):
    with pytest.raises(NotPossible, match="pictures, clips and sound"):
        use_output(output=make_output(make_task(mark), role="text"), membership=mark)


@pytest.mark.parametrize("role", ["image", "video", "audio"])
def test_every_role_has_a_product_that_takes_it(role: str):
    assert accepting(role)


def test_a_picture_becomes_a_video_without_being_sent_again(
    portal: SandboxDriver, mark: Membership, credential: Credential, worker: Worker, tmp_path: Path
):
    first = order(background_removal.KIND, mark, credential, tmp_path)
    cut_out = worker.save(
        worker.finish(worker.submit(only_submission(first))).outputs.get(identity="cut-out")
    )
    assert cut_out.state == OutputState.SAVED
    assert cut_out.remote_file_id
    sent = portal.state()["calls"]["uploadObject"]
    upload = use_output(output=cut_out, membership=mark)
    form = image_to_video.KIND.inputs(
        {"image": str(upload.pk), "mode": "lite", "duration": "5", "count": "1"},
        files=WorkspaceFiles(mark.workspace),
        catalog=CredentialCatalog(credential),
    )
    assert form.is_valid(), form.errors
    second = create_task(
        task_id=uuid4(), membership=mark, kind=image_to_video.KIND, form=form, credential=credential
    )
    video = worker.finish(worker.submit(only_submission(second)))
    assert video.status == Status.SUCCEEDED
    assert worker.save(video.outputs.get()).state == OutputState.SAVED
    assert portal.state()["calls"]["uploadObject"] == sent
    assert portal.violations() == []
