"""What a workspace gathers beside its tasks: files of its library, entries of a catalog, and charges."""

from __future__ import annotations

import random
from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from tasks.models import Blob, CatalogEntry, Charge, Credential, Membership, Role, Submission, Upload
from tests.benchmarks.bulk import Row, Table
from tests.benchmarks.review_rows import add_pieces
from tests.benchmarks.rooms import Room
from tests.benchmarks.sizes import UNCLAIMED, Size

# The catalog that grows.
CATALOG = "avatars"
_APART = timedelta(minutes=7, microseconds=1)
_TASK_TYPE = "common_task_image2video"


def add_workspace_rows(room: Room, before: Size | None, size: Size) -> None:
    """Bring a workspace from one size to the next; its newest rows stay the same."""
    _add_uploads(room, before.uploads if before else 0, size.uploads)
    _add_entries(room, before.entries if before else 0, size.entries)
    _add_charges(room, before.charges if before else UNCLAIMED, size.charges)
    add_pieces(room, before.pieces if before else 0, size.pieces)


def charge_unclaimed(room: Room) -> None:
    """Charges of which nobody here knows, told to the first person, who is an admin."""
    Membership.objects.filter(pk=room.owners[0].pk).update(role=Role.ADMIN)
    Credential.objects.filter(pk=room.account.pk).update(created_at=timezone.now() - timedelta(days=80))
    Charge.objects.bulk_create(
        Charge(
            workspace=room.workspace,
            credential=room.account,
            charged_at=timezone.now() - timedelta(hours=1, seconds=number),
            cost=1,
            remote_id=f"elsewhere-{number}",
            task_type=_TASK_TYPE,
        )
        for number in range(UNCLAIMED)
    )


def _add_uploads(room: Room, first: int, end: int) -> None:
    """Pictures of all people, each older than the one before."""
    now, choose = timezone.now().replace(tzinfo=None), random.Random(first)
    blobs: list[Row] = []
    uploads: list[Row] = []
    for number in range(first, end):
        blob, made = uuid4().hex, str(now - _APART * number)
        blobs.append((blob, blob * 2, made))
        uploads.append(
            (uuid4().hex, choose.choice(room.owners).user_id, blob, f"picture {number}.png", made, made)
        )
    place = {"workspace": room.workspace}
    Table(
        Blob,
        "id",
        "sha256",
        "created_at",
        **place,
        size=300_000,
        media_type="image/png",
        file=str(room.poster.file),
    ).insert(blobs)
    facts = {"role": "image", "format": "png", "width": 800, "height": 600}
    columns = ("id", "owner_id", "blob_id", "name", "created_at", "next_at")
    Table(Upload, *columns, **place, **facts, poster=room.poster).insert(uploads)


def _add_entries(room: Room, first: int, end: int) -> None:
    have = CatalogEntry.objects.filter(credential=room.account, catalog=CATALOG).count()
    rows = [
        (uuid4().hex, f"{CATALOG}-{number}", f"{CATALOG} {number}", f"{CATALOG} {number} female", number)
        for number in range(max(first, have), end)
    ]
    columns = ("id", "remote_id", "name", "search", "position")
    place = {"workspace": room.workspace, "credential": room.account, "catalog": CATALOG}
    Table(CatalogEntry, *columns, **place, facts={"gender": "female"}).insert(rows)


def _add_charges(room: Room, have: int, end: int) -> None:
    """One for each of so many more calls of the account, newest first."""
    calls = Submission.objects.filter(task__credential=room.account).exclude(remote_id="")
    newest = calls.order_by("-created_at").values_list("pk", "remote_id", "created_at")
    rows = [
        (call.hex, remote_id, str(made.replace(tzinfo=None)))
        for call, remote_id, made in newest[have - UNCLAIMED : end - UNCLAIMED]
    ]
    place = {"workspace": room.workspace, "credential": room.account}
    columns = ("submission_id", "remote_id", "charged_at")
    Table(Charge, *columns, **place, cost=1, task_type=_TASK_TYPE).insert(rows)
