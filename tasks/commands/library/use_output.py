"""Takes a result as material: it becomes an upload of the library, without its bytes going anywhere."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks import audit
from tasks.commands.refusals import NotPossible
from tasks.kinds.base.limits import UPLOAD_LIMITS
from tasks.models import Membership, Output, OutputState, RemoteFile, Upload, User


def use_output(*, output: Output, membership: Membership) -> Upload:
    """The upload that stands for a saved output: made once, unless it was taken out of the library since.

    It shares the output's bytes. An id that TopView gave the file is kept for the account that made it, so
    that nothing is sent there again. Raises NotPossible for an output that is not saved or is no material.
    """
    if output.state != OutputState.SAVED or output.blob is None:
        raise NotPossible(_("This result has no saved copy yet. Try again when it is saved."))
    if output.unchecked_cause:
        raise NotPossible(_("This result could not be checked, so nobody knows where it fits. Download it."))
    if output.role not in UPLOAD_LIMITS:
        raise NotPossible(_("Only pictures, clips and sound can be used as input."))
    with transaction.atomic():
        # Two people may ask at once: the second waits here, and then finds what the first has made.
        output = (
            Output.objects.select_for_update(of=("self",), no_key=True)
            .select_related("task")
            .get(pk=output.pk)
        )
        if known := Upload.objects.filter(made_from=output, hidden_at=None).first():
            return known
        return _make(output, membership)


def _make(output: Output, membership: Membership) -> Upload:
    upload = as_upload(output=output, owner=membership.user)
    audit.record(
        audit.Verb.OUTPUT_USED,
        actor=membership.user,
        workspace=membership.workspace,
        subject=upload,
        name=upload.name,
        output=str(output.pk),
    )
    return upload


def as_upload(*, output: Output, owner: User | None) -> Upload:
    """A new upload with the bytes of a saved output. Runs in a transaction that holds the output's row."""
    assert output.blob is not None  # it is saved
    upload = Upload.objects.create(
        workspace_id=output.workspace_id,
        owner=owner,
        blob=output.blob,
        poster_id=output.poster_id,
        name=file_name(output),
        role=output.role,
        format=output.format,
        width=output.width,
        height=output.height,
        seconds=output.seconds,
        made_from=output,
    )
    if output.remote_file_id:
        RemoteFile.objects.create(
            workspace_id=output.workspace_id,
            upload=upload,
            credential_id=output.task.credential_id,
            file_id=output.remote_file_id,
            sent=output.blob.size,
            arrived_at=timezone.now(),
        )
    return upload


def file_name(output: Output) -> str:
    """The output's own name, else the task's title with the place among several."""
    ending = f".{output.format}" if output.format else ""
    name = output.name
    if not name:
        siblings = Output.objects.filter(submission=output.submission_id).count()
        name = f"{output.task.title} {output.position + 1}" if siblings > 1 else output.task.title
    return f"{name[: 200 - len(ending)]}{ending}"
