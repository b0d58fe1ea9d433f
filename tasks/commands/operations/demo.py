"""People, a credential and a finished task to look at, in an empty portal with a sandbox."""

from __future__ import annotations

import logging
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction

from tasks.commands.accounts.credentials import add_credential
from tasks.commands.catalogs.copies import refresh_catalog
from tasks.commands.library.examinations import examine_next
from tasks.commands.library.uploads import store_upload
from tasks.commands.submissions.create import create_task
from tasks.forms.library.uploads import check_path
from tasks.forms.tasks.sources import CredentialCatalog, WorkspaceFiles
from tasks.kinds import KINDS
from tasks.kinds.base import DemoBrief, DemoFile, TaskKind
from tasks.models import CatalogEntry, Credential, Membership, Role, Service, Task, User, Workspace
from topview_portal.origins import is_loopback

logger = logging.getLogger(__name__)

# For a portal on one's own machine, with a sandbox that costs nothing. Shown at sign-in on loopback only.
DEMO_PASSWORD = "topview-demo"
PEOPLE = (
    ("marketer@example.com", "Demo Marketer", Role.MARKETER),
    ("reviewer@example.com", "Demo Reviewer", Role.REVIEWER),
    ("admin@example.com", "Demo Admin", Role.ADMIN),
)
# The account that every sandbox starts with.
_SANDBOX_UID = "SandboxDemoAccount01"
_SANDBOX_KEY = "sk-sandbox-demo-0123456789abcdef"


def prepare_demo() -> str | None:
    """Fill an empty portal and order one demo task through the real path; the password of its people.

    In a portal that already has people it changes nothing, and returns the password only while the demo
    people are still there. Where others can reach the portal it makes none, whose password everybody knows.
    The sandbox must be running: without its catalogs there is no demo task.
    """
    if User.objects.exists():
        return DEMO_PASSWORD if demo_is_there() else None
    if not settings.SANDBOX_URL or not is_loopback(settings.PORTAL_URL):
        return None
    with transaction.atomic():
        maker = _make_people(Workspace.objects.create(name="Demo team"))
        credential = add_credential(
            workspace=maker.workspace,
            actor=None,
            name="Sandbox",
            service=Service.SANDBOX,
            uid=_SANDBOX_UID,
            key=_SANDBOX_KEY,
        )
    refresh_catalog(credential=credential)
    _order(maker, credential)
    return DEMO_PASSWORD


def demo_is_there() -> bool:
    """Whether the demo people can sign in here, and nothing here costs real money."""
    addresses = [address for address, _name, _role in PEOPLE]
    return (
        User.objects.filter(email__in=addresses, is_active=True).exists()
        and not Credential.objects.exclude(service=Service.SANDBOX).exists()
    )


def _make_people(workspace: Workspace) -> Membership:
    members = {}
    for address, name, role in PEOPLE:
        # The demo's admin looks after the installation too: it is on one's own machine.
        is_staff = role == Role.ADMIN
        user = User.objects.create_user(address, DEMO_PASSWORD, name=name, is_staff=is_staff)
        members[role] = Membership.objects.create(user=user, workspace=workspace, role=role)
    return members[Role.MARKETER]


def _order(maker: Membership, credential: Credential) -> Task | None:
    """The first format that has a demo, filled in as a person would."""
    for kind in KINDS.values():
        if kind.demo is not None:
            return _create(maker, credential, kind, kind.demo)
    return None


def _create(maker: Membership, credential: Credential, kind: TaskKind, demo: DemoBrief) -> Task | None:
    def upload(file: DemoFile) -> UUID:
        brought = check_path(file.path, file.name)
        try:
            upload = store_upload(workspace=maker.workspace, owner=maker.user, brought=brought)
        finally:
            brought.discard()
        # No worker runs yet.
        while examine_next():
            pass
        return upload.pk

    def pick(catalog_name: str, position: int) -> str:
        return CatalogEntry.objects.in_catalog(credential, catalog_name)[position].remote_id

    try:
        data = demo.data(kind.inputs, upload=upload, pick=pick)
    except IndexError:
        logger.warning("demo.catalogs-empty", extra={"kind": kind.slug})
        return None
    form = kind.inputs(data, files=WorkspaceFiles(maker.workspace), catalog=CredentialCatalog(credential))
    if not form.is_valid():
        raise ValueError(f"the demo of {kind.slug} is refused: {form.errors.as_json()}")
    return create_task(task_id=uuid4(), membership=maker, kind=kind, form=form, credential=credential)
