"""Takes files into the library, where the worker examines them, and out of sight."""

from __future__ import annotations

import logging
from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks import audit
from tasks.commands.library.blobs import keep_blob
from tasks.commands.refusals import NotPossible
from tasks.commands.runtime.disk import is_out_of_room
from tasks.commands.runtime.queue import EXAMINE, nudge
from tasks.forms.library.uploads import BroughtFile
from tasks.models import Blob, Upload, UploadState, User, Workspace

logger = logging.getLogger(__name__)


def store_upload(*, workspace: Workspace, owner: User, brought: BroughtFile, is_mask: bool = False) -> Upload:
    """Keep a file and have the worker examine it. It shows in the library, unless it is a mask.

    The same bytes under the same name give the upload that is already there (a form sent twice), which is
    examined once more if it was rejected; under another name they give another upload of the same blob.
    Raises NotPossible when our storage fails, and OSError when it has no room.
    """
    try:
        blob = keep_blob(
            workspace=workspace,
            source=brought.path,
            sha256=brought.sha256,
            size=brought.size,
            media_type=brought.format.media_type,
            is_final=True,
        )
    except OSError as error:
        if is_out_of_room(error):
            raise
        logger.error("upload.not-kept", extra={"error_class": type(error).__name__, "errno": error.errno})
        words = _("The portal cannot keep files right now. Nothing is wrong with yours: try again later.")
        raise NotPossible(words) from error
    with transaction.atomic():
        same = Upload.objects.filter(Q(blob=blob) | Q(original=blob), name=brought.name, is_mask=is_mask)
        known = same.filter(workspace=workspace, hidden_at=None).select_related("blob", "poster").first()
        if known is None:
            return _insert(workspace, owner, brought, blob, is_mask=is_mask)
        if known.is_rejected:
            _examine_again(known)
        return known


def require_ready(workspace_id: UUID, ids: Collection[UUID]) -> list[Upload]:
    """The uploads of these ids. Raises NotPossible when one is not there, or may not be used, or not yet."""
    ready = list(Upload.objects.filter(workspace=workspace_id, pk__in=ids, state=UploadState.READY))
    if len(ready) < len(set(ids)):
        raise NotPossible(
            _("A file is not ready yet, or not there any more. Look at the files, and send again.")
        )
    return ready


def hide_upload(*, upload: Upload, actor: User) -> None:
    """Take an upload out of the library. Tasks that use it keep it. Hiding it twice changes nothing."""
    now = timezone.now()
    with transaction.atomic():
        if not Upload.objects.filter(pk=upload.pk, hidden_at=None).update(hidden_at=now):
            return
        audit.record(
            audit.Verb.UPLOAD_HIDDEN,
            actor=actor,
            workspace=upload.workspace,
            subject=upload,
            name=upload.name,
        )
    upload.hidden_at = now
    logger.info("upload.hidden", extra={"upload": str(upload.pk)})


def _examine_again(upload: Upload) -> None:
    upload.state, upload.cause, upload.cause_facts, upload.tries = UploadState.STORED, "", {}, 0
    upload.next_at = timezone.now()
    upload.save(update_fields=["state", "cause", "cause_facts", "tries", "next_at"])
    nudge(EXAMINE)


def _insert(workspace: Workspace, owner: User, brought: BroughtFile, blob: Blob, *, is_mask: bool) -> Upload:
    upload = Upload.objects.create(
        workspace=workspace,
        owner=owner,
        blob=blob,
        name=brought.name,
        role=brought.format.role,
        format=brought.format.name,
        is_mask=is_mask,
        state=UploadState.STORED,
    )
    audit.record(
        audit.Verb.UPLOADED,
        actor=owner,
        workspace=workspace,
        subject=upload,
        name=upload.name,
        sha256=blob.sha256,
    )
    nudge(EXAMINE)
    logger.info("upload.stored", extra={"upload": str(upload.pk), "role": upload.role, "size": blob.size})
    return upload
