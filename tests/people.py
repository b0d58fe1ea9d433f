"""Shared people and factories: plain functions with plain defaults, no magic.

Alice administers the studio, Mark makes videos, Rita reviews them; Stefan belongs to another workspace.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from tasks.commands.accounts.credentials import add_credential
from tasks.commands.catalogs.copies import refresh_catalog
from tasks.commands.submissions.create import create_task
from tasks.forms.tasks.sources import CredentialCatalog, WorkspaceFiles
from tasks.kinds.base import DemoFile, KindForm, TaskKind
from tasks.models import (
    Blob,
    CatalogEntry,
    Credential,
    Membership,
    Rendition,
    RenditionState,
    Role,
    Service,
    Submission,
    Task,
    Upload,
    User,
    Workspace,
)
from tests.media.samples import make_audio, make_picture
from tests.sandbox_fixture import SandboxDriver

PASSWORD = "a long password"


def make_workspace(name: str = "Studio") -> Workspace:
    """An empty workspace."""
    return Workspace.objects.create(name=name)


def make_member(workspace: Workspace, role: Role = Role.MARKETER, name: str = "") -> Membership:
    """A new person with a role there."""
    address = f"{(name or role).lower()}-{uuid4().hex[:8]}@example.test"
    user = User.objects.create_user(address, PASSWORD, name=name)
    return Membership.objects.create(user=user, workspace=workspace, role=role)


def make_alice(workspace: Workspace) -> Membership:
    """The admin."""
    return make_member(workspace, Role.ADMIN, "Alice")


def make_mark(workspace: Workspace) -> Membership:
    """The marketer."""
    return make_member(workspace, Role.MARKETER, "Mark")


def make_rita(workspace: Workspace) -> Membership:
    """The reviewer."""
    return make_member(workspace, Role.REVIEWER, "Rita")


def make_stranger() -> Membership:
    """An admin of another workspace."""
    return make_member(make_workspace("Elsewhere"), Role.ADMIN, "Stefan")


def browser_of(member: Membership, *, checks_tokens: bool = False) -> Client:
    """A test client in which the member is signed in."""
    client = Client(enforce_csrf_checks=checks_tokens)
    client.force_login(member.user, "django.contrib.auth.backends.ModelBackend")
    return client


def make_credential(
    workspace: Workspace,
    *,
    name: str = "Sandbox",
    uid: str = SandboxDriver.uid,
    key: str = SandboxDriver.key,
    **facts: Any,
) -> Credential:
    """The sandbox's account with 1000 credits, unless another is named; `facts` are columns to set."""
    credential = add_credential(
        workspace=workspace, actor=None, name=name, service=Service.SANDBOX, uid=uid, key=key
    )
    Credential.objects.filter(pk=credential.pk).update(**{"check_asked_at": None, **facts})
    return Credential.objects.get(pk=credential.pk)


def ready_catalogs(credential: Credential) -> Credential:
    """Have the sandbox's catalogs copied; pictures are not fetched."""
    refresh_catalog(credential=credential)
    return credential


def leave_pictures() -> None:
    """Let a worker take the media of all catalogs for tried: hundreds, each decoded by a process."""
    CatalogEntry.objects.update(media_attempts=100)


def make_upload(
    member: Membership, folder: Path, *, name: str = "portrait.png", size: tuple[int, int] = (320, 240)
) -> Upload:
    """A small picture in the library of the member. Equal sizes are equal bytes."""
    path = make_picture(folder / f"{uuid4().hex}{Path(name).suffix}", size)
    return Upload.objects.create(
        workspace=member.workspace,
        owner=member.user,
        blob=make_blob(member.workspace, path.read_bytes(), "image/png"),
        name=name,
        role="image",
        format=Path(name).suffix.lstrip("."),
        width=size[0],
        height=size[1],
    )


def make_recording(
    member: Membership, folder: Path, *, name: str = "greeting.mp3", seconds: float = 12
) -> Upload:
    """A tone in the library of the member."""
    path = make_audio(folder / f"{uuid4().hex}{Path(name).suffix}", seconds)
    return Upload.objects.create(
        workspace=member.workspace,
        owner=member.user,
        blob=make_blob(member.workspace, path.read_bytes(), "audio/mpeg"),
        name=name,
        role="audio",
        format=Path(name).suffix.lstrip("."),
        seconds=seconds,
    )


def let_traces_appear(call: Submission) -> None:
    """Of a call on hold: as it is when TopView must have charged for it, had it been sent."""
    age = call.evidence_until() - timezone.now() + timedelta(minutes=1)
    Submission.objects.filter(pk=call.pk).update(quarantined_at=timezone.now() - age)


def make_blob(workspace: Workspace, content: bytes, media_type: str) -> Blob:
    """Bytes in the storage, whatever they are."""
    digest = sha256(content).hexdigest()
    known = Blob.objects.filter(workspace=workspace, sha256=digest).first()
    if known is not None:
        return known
    blob = Blob(workspace=workspace, sha256=digest, size=len(content), media_type=media_type)
    blob.file.save(digest, ContentFile(content))
    return blob


def fill_form(
    kind: TaskKind,
    member: Membership,
    credential: Credential,
    folder: Path,
    values: dict[str, Any] | None = None,
) -> KindForm:
    """The form with the answers of the demo, `values` in their place, and a new upload for each file."""

    def upload(file: DemoFile) -> UUID:
        make = make_recording if file.path.suffix == ".mp3" else make_upload
        made = make(member, folder, name=file.name)
        # That it can go as it is, a process would find out for each order anew.
        Rendition.objects.create(
            workspace=member.workspace, upload=made, format=made.format, state=RenditionState.READY
        )
        return made.pk

    def pick(catalog_name: str, position: int) -> str:
        return CatalogEntry.objects.in_catalog(credential, catalog_name)[position].remote_id

    assert kind.demo is not None
    data = {**kind.demo.data(kind.inputs, upload=upload, pick=pick), **(values or {})}
    return kind.inputs(data, files=WorkspaceFiles(member.workspace), catalog=CredentialCatalog(credential))


def order(
    kind: TaskKind,
    member: Membership,
    credential: Credential,
    folder: Path,
    values: dict[str, Any] | None = None,
    *,
    task_id: UUID | None = None,
) -> Task:
    """A task made as a person would make it: through the kind's form and `create_task`."""
    form = fill_form(kind, member, credential, folder, values)
    assert form.is_valid(), form.errors.as_json()
    return create_task(
        task_id=task_id or uuid4(),
        membership=member,
        kind=kind,
        form=form,
        credential=credential,
        reason="It is meant as a further one.",
    )


def only_submission(task: Task) -> Submission:
    """The one paid call of a task that has one."""
    return task.submissions.get()
