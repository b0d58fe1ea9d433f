"""Takes checked files into the library, and out of sight."""

from __future__ import annotations

import logging

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks import audit
from tasks.commands.blobs import keep_blob, keep_file
from tasks.commands.disk import is_out_of_room
from tasks.commands.refusals import NotPossible
from tasks.forms.uploads import CheckedFile
from tasks.models import Blob, Upload, User, Workspace

logger = logging.getLogger(__name__)


def store_upload(*, workspace: Workspace, owner: User, checked: CheckedFile, is_mask: bool = False) -> Upload:
    """Keep a checked file and show it in the library, unless it is a mask.

    The same bytes under the same name give the upload that is already there (a form sent twice); under
    another name they give another upload of the same blob. Raises NotPossible when our storage fails,
    and OSError when it has no room.
    """
    try:
        blob = keep_blob(
            workspace=workspace,
            source=checked.path,
            sha256=checked.sha256,
            size=checked.size,
            media_type=checked.facts.media_type,
        )
        poster = _keep_poster(workspace, checked)
    except OSError as error:
        if is_out_of_room(error):
            raise
        logger.error("upload.not-kept", extra={"error_class": type(error).__name__, "errno": error.errno})
        words = _("The portal cannot keep files right now. Nothing is wrong with yours: try again later.")
        raise NotPossible(words) from error
    with transaction.atomic():
        visible = Upload.objects.filter(
            workspace=workspace, blob=blob, name=checked.name, hidden_at=None, is_mask=is_mask
        )
        if (known := visible.select_related("blob", "poster").first()) is not None:
            return known
        return _insert(workspace, owner, checked, blob, poster, is_mask=is_mask)


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


def _insert(
    workspace: Workspace,
    owner: User,
    checked: CheckedFile,
    blob: Blob,
    poster: Blob | None,
    *,
    is_mask: bool,
) -> Upload:
    facts = checked.facts
    upload = Upload.objects.create(
        workspace=workspace,
        owner=owner,
        blob=blob,
        poster=poster,
        name=checked.name,
        role=facts.role,
        format=facts.format,
        width=facts.width,
        height=facts.height,
        seconds=facts.seconds,
        is_mask=is_mask,
    )
    audit.record(
        audit.Verb.UPLOADED,
        actor=owner,
        workspace=workspace,
        subject=upload,
        name=upload.name,
        sha256=blob.sha256,
    )
    logger.info("upload.stored", extra={"upload": str(upload.pk), "role": upload.role, "size": blob.size})
    return upload


def _keep_poster(workspace: Workspace, checked: CheckedFile) -> Blob | None:
    if checked.poster is None:
        return None
    return keep_file(workspace=workspace, source=checked.poster, media_type="image/webp")
