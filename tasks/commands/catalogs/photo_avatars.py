"""Keeps a picture of the library as an own photo avatar at TopView (createPhotoAvatar).

What was asked for stands as an entry in a catalog of its own until TopView has the portrait. It is free,
but saying it twice makes two portraits: that it leaves is written down first, and it is sent once.
"""

from __future__ import annotations

import logging
import secrets
from uuid import UUID

from django.db import transaction

from tasks import audit
from tasks.audit import Verb
from tasks.causes import Cause, Code
from tasks.commands.accounts.account_state import mark_credential
from tasks.commands.accounts.clients import client_for
from tasks.commands.library.blobs import BlobMissing
from tasks.commands.library.remote_files import send_file
from tasks.commands.library.renditions import NotConvertible
from tasks.commands.library.uploads import require_ready
from tasks.commands.runtime.queue import KEEP_PORTRAIT, REFRESH_ONE_CATALOG, nudge
from tasks.kinds.base import IMAGE
from tasks.media.conversion import made_for
from tasks.models import CatalogEntry, Credential, Lease, Upload, User
from tasks.topview.errors import TopViewError
from tasks.topview.outcomes import AfterSubmit, outcome_of
from tasks.vault import VaultError

logger = logging.getLogger(__name__)

ORDERS = "photo-avatar-orders"
# Longer than a file and the call may take; after it the holder is dead.
_LEASE_SECONDS = 900
# Where a new portrait shows up: a photo avatar is an own avatar, too.
_CATALOGS = ("photo-avatars", "own-avatars")


def ask_portrait(*, upload: Upload, credential: Credential, actor: User) -> None:
    """Have the worker make a photo avatar of a picture. Asking again starts it again after a problem only.

    Raises NotPossible for a picture that may not be used, or not yet.
    """
    require_ready(upload.workspace_id, [upload.pk])
    with transaction.atomic():
        order, is_new = CatalogEntry.objects.select_for_update(no_key=True).get_or_create(
            credential=credential,
            catalog=ORDERS,
            remote_id=str(upload.pk),
            defaults={"workspace_id": upload.workspace_id, "name": upload.name[:200]},
        )
        if not is_new and not order.facts.get("problem"):
            return
        order.facts = {}
        order.save(update_fields=["facts"])
        audit.record(Verb.ENTRY_KEPT, actor=actor, workspace=upload.workspace, subject=order, name=order.name)
        nudge(KEEP_PORTRAIT, order.pk)


def drop_order(*, order: CatalogEntry) -> None:
    """Forget what was asked for, once it has come to nothing; what is on its way stays."""
    with transaction.atomic():
        for row in CatalogEntry.objects.select_for_update(no_key=True).filter(pk=order.pk, catalog=ORDERS):
            if row.facts.get("problem"):
                row.delete()


def keep_overdue() -> None:
    """Queue again what is not settled, should its nudge be lost. A schedule calls this."""
    for order in CatalogEntry.objects.filter(catalog=ORDERS):
        if not order.facts.get("problem"):
            nudge(KEEP_PORTRAIT, order.pk)


def keep_portrait(*, order_id: UUID) -> None:
    """Carry what was asked for to TopView. Does nothing when it is settled or somebody else has it."""
    lease, holder = f"portrait:{order_id.hex}", secrets.token_hex(8)
    if not Lease.take(lease, holder, seconds=_LEASE_SECONDS):
        return
    try:
        orders = CatalogEntry.objects.select_related("credential").filter(pk=order_id, catalog=ORDERS)
        for order in orders:
            if order.facts.get("sent"):
                _settle_lost(order)
            elif not order.facts.get("problem"):
                _carry(order)
    finally:
        Lease.give_back(lease, holder)


def _carry(order: CatalogEntry) -> None:
    try:
        with client_for(order.credential) as client:
            upload = Upload.objects.usable(order.workspace).get(pk=order.remote_id)
            format = made_for("image", upload.format, IMAGE.formats) or upload.format
            file_id = send_file(
                upload=upload,
                format=format,
                credential=order.credential,
                client=client,
                alive=lambda: None,
            )
            _write(order, sent=True)
            client.keep_photo_avatar(file_id)
    except (Upload.DoesNotExist, BlobMissing):
        _write_problem(order, Cause.of(Code.PICTURE_GONE))
    except NotConvertible:
        _write_problem(order, Cause.of(Code.PICTURE_NOT_CONVERTIBLE))
    except VaultError:
        _write_problem(order, Cause.of(Code.KEY_UNREADABLE))
    except TopViewError as error:
        _settle(order, error)
    else:
        order.delete()
        _read_again(order.credential)


def _settle(order: CatalogEntry, error: TopViewError) -> None:
    mark_credential(order.credential, error)
    logger.warning("portrait.failed", extra={"entry": str(order.pk), "error_class": type(error).__name__})
    order.refresh_from_db(fields=["facts"])
    if order.facts.get("sent") and outcome_of(error).after is AfterSubmit.UNKNOWN:
        _settle_lost(order)
    else:
        _write_problem(order, error.cause)


def _settle_lost(order: CatalogEntry) -> None:
    """It left and no answer came: people look whether it is there, nothing is sent twice by itself."""
    _write_problem(order, Cause.of(Code.PORTRAIT_UNANSWERED))
    _read_again(order.credential)


def _write_problem(order: CatalogEntry, problem: Cause) -> None:
    _write(order, problem=problem.as_json())


def _write(order: CatalogEntry, **facts: object) -> None:
    CatalogEntry.objects.filter(pk=order.pk).update(facts=facts)


def _read_again(credential: Credential) -> None:
    for catalog_name in _CATALOGS:
        nudge(REFRESH_ONE_CATALOG, credential.pk, catalog_name)
