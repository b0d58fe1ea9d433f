"""Workspaces with people, an account, files and filled catalogs: what the bulk of the tasks refers to."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from PIL import Image

from tasks.forms.tasks.sources import CredentialCatalog, WorkspaceFiles
from tasks.kinds import KINDS
from tasks.kinds.base import DemoFile, KindForm, TaskKind
from tasks.models import Blob, Credential, Membership, Role, User, Workspace
from tests.people import make_blob, make_member, make_workspace
from tests.views.rows import fill_catalog, make_account, make_file

_OWNERS = 12
_BRIEFS = 20
_CATALOGS = (
    "avatars",
    "own-avatars",
    "voices",
    "captions",
    "product-avatars",
    "anyshoot-templates",
    "photo-avatars",
)


@dataclass(frozen=True)
class Order:
    """What somebody asked for, ready to be written many times; ids as the database takes them."""

    kind: str
    step: str
    title: str
    brief: str
    uploads: tuple[str, ...]


@dataclass(frozen=True)
class Room:
    """A workspace whose people have made many tasks."""

    workspace: Workspace
    owners: list[Membership]
    account: Credential
    orders: list[Order]
    poster: Blob  # what all posters show


def make_room(name: str) -> Room:
    """A workspace with twelve people, one account, and twenty different orders of each kind."""
    workspace = make_workspace(name)
    owners = [_owner(workspace, number) for number in range(_OWNERS)]
    account = make_account(workspace)
    for catalog_name in _CATALOGS:
        fill_catalog(account, catalog_name, [(f"{catalog_name} {number}", {}) for number in range(_BRIEFS)])
    orders = [
        _order(owners[0], account, kind, number) for kind in KINDS.values() for number in range(_BRIEFS)
    ]
    return Room(workspace, owners, account, orders, make_blob(workspace, gradient(), "image/webp"))


def _owner(workspace: Workspace, number: int) -> Membership:
    """A colleague; only the first one has a password, since a good hash takes a second."""
    if not number:
        return make_member(workspace, name="Person")
    user = User.objects.create_user(f"{number}@{workspace.pk}.test", name=f"Person {number}")
    return Membership.objects.create(user=user, workspace=workspace, role=Role.MARKETER)


def _order(member: Membership, account: Credential, kind: TaskKind, number: int) -> Order:
    form = _form(member, account, kind, number)
    assert form.is_valid(), form.errors.as_json()
    brief = form.brief()
    uploads = tuple(upload_id.hex for upload_id in kind.uploads(brief))
    title = f"{kind.title(brief)[:40]} {number}"
    return Order(kind.slug, kind.steps[0].slug, title, json.dumps(brief), uploads)


def _form(member: Membership, account: Credential, kind: TaskKind, number: int) -> KindForm:
    """The demo's answers with other files and picks."""
    assert kind.demo
    # Of a mask, the poster is looked at: there must be something painted on it.
    poster = make_blob(member.workspace, gradient(), "image/webp")

    def upload(file: DemoFile) -> UUID:
        sound: dict[str, Any] = {"role": "audio", "seconds": 20.0} if file.path.suffix == ".mp3" else {}
        return make_file(member, name=f"{number}-{file.name}", poster=poster, **sound).pk

    def pick(catalog_name: str, place: int) -> str:
        return f"{catalog_name}-{(place + number) % _BRIEFS}"

    data = kind.demo.data(kind.inputs, upload=upload, pick=pick)
    return kind.inputs(data, files=WorkspaceFiles(member.workspace), catalog=CredentialCatalog(account))


def gradient() -> bytes:
    """A picture in shades of grey."""
    picture = io.BytesIO()
    Image.radial_gradient("L").resize((480, 270)).save(picture, "webp")
    return picture.getvalue()
