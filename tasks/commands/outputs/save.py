"""Copies what TopView made before its address dies: fetch, check, publish, and only then say *saved*."""

from __future__ import annotations

import errno
import io
import logging
import secrets
import tempfile
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from tasks import kinds
from tasks.causes import Cause, Code
from tasks.commands.accounts.clients import client_for, download_rules
from tasks.commands.library.blobs import keep_blob
from tasks.commands.library.measuring import keep_measured
from tasks.commands.library.previews import ask_preview
from tasks.commands.library.products import nudge_product
from tasks.commands.library.thumbnails import keep_poster
from tasks.commands.notifications.expiry_warnings import warn_of_loss
from tasks.commands.outputs import listing
from tasks.commands.outputs.check import Foreign, Judged, judge_output
from tasks.commands.outputs.listing import identity_of, is_same_file
from tasks.commands.runtime.disk import is_out_of_room
from tasks.commands.runtime.failpoints import checkpoint
from tasks.commands.runtime.queue import MAKE_PLAYER_MEDIA, nudge
from tasks.commands.submissions.remarks import remark
from tasks.kinds.base import FILM, UnexpectedShape
from tasks.kinds.base import Output as FoundOutput
from tasks.media import Examined, MediaFacts, NotNow
from tasks.models import AssetRole, Output, OutputState
from tasks.topview.downloads import Downloaded, Expired, download
from tasks.topview.errors import NotFound, TopViewError
from tasks.topview.expiry import dies_at
from tasks.vault import VaultError

logger = logging.getLogger(__name__)

_NO_RIGHT = (errno.EACCES, errno.EPERM, errno.EROFS)
# Pauses between tries, in seconds; the last one is repeated until the address has died for good.
_PAUSES = (2, 5, 15, 60, 300, 900)


class NotSaved(Exception):
    """A try at saving failed, for the `cause` that people are told. Another follows unless it is lost."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.code)
        self.cause = cause


class Gone(NotSaved):
    """TopView itself no longer has the file."""


class Replaced(Gone):
    """Another output of ours is what TopView lists in its place now."""


def save_output(*, output_id: UUID) -> None:
    """Save one output. Does nothing when it is saved already or somebody else is at it."""
    holder = secrets.token_hex(8)
    output = _claim(output_id, holder)
    if output is None:
        return
    checkpoint("save.claimed", output.submission)
    try:
        with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR, prefix="output-") as folder:
            _save(output, holder, Path(folder))
    except TopViewError as error:
        _try_later(output, holder, error.bare_cause, error)
    except (NotSaved, Foreign) as error:
        _try_later(output, holder, error.cause, error)
    except (VaultError, NotNow, OSError) as error:
        _try_later(output, holder, Cause.of(_code_of(error)), error)


def _code_of(error: VaultError | NotNow | OSError) -> Code:
    if isinstance(error, NotNow):
        return Code.EXAMINER_BUSY
    if isinstance(error, VaultError):
        return Code.KEY_UNREADABLE
    if is_out_of_room(error) or error.errno == errno.EFBIG:
        return Code.DISK_FULL
    if error.errno in _NO_RIGHT:
        return Code.DISK_READ_ONLY
    return Code.FILE_NOT_WRITTEN


def _claim(output_id: UUID, holder: str) -> Output | None:
    now = timezone.now()
    lease = now + timedelta(seconds=settings.TAKEOVER_SECONDS)
    taken = Output.objects.unsaved(now).filter(pk=output_id)
    if not taken.update(
        state=OutputState.SAVING, lease_holder=holder, lease_until=lease, tries=F("tries") + 1
    ):
        return None
    return Output.objects.select_related(
        "task__credential", "submission__source__submission", "workspace"
    ).get(pk=output_id)


def _save(output: Output, holder: str, folder: Path) -> None:
    path = folder / "file"
    if output.role == AssetRole.TEXT and not output.source_url:
        written, examined = write_text(output, path)
        _publish(output, holder, path, written, Judged(examined))
        return
    fetched = _fetch(output, holder, path)
    checkpoint("save.downloaded", output.submission)
    judged = judge_output(output, path, fetched, into=folder / "poster.webp")
    _publish(output, holder, path, fetched, judged)
    checkpoint("save.written", output.submission)


class _LeasedFile(io.FileIO):
    """A file whose growth renews the lease of the output that it is the copy of."""

    def __init__(self, path: Path, output: Output, holder: str) -> None:
        super().__init__(path, "w")
        self._mine = Output.objects.filter(pk=output.pk, lease_holder=holder)
        self._renewed_at = monotonic()

    def write(self, piece: Any, /) -> int:
        """Write all of it, and now and then say that somebody is at it."""
        if monotonic() - self._renewed_at > settings.TAKEOVER_SECONDS / 8:
            self._renewed_at = monotonic()
            self._mine.update(lease_until=timezone.now() + timedelta(seconds=settings.TAKEOVER_SECONDS))
        rest = memoryview(piece)
        while rest:
            # A disk that is nearly full takes a part without a word; only the next write fails.
            rest = rest[super().write(rest) :]
        return len(piece)


def _fetch(output: Output, holder: str, path: Path) -> Downloaded:
    """Download; a dead address is replaced once by asking the query call for a fresh one."""
    rules = download_rules(output.task.credential, max_bytes=settings.OUTPUT_MAX_BYTES, media_types=None)
    if not _is_past(output.source_expires_at, timezone.now()):
        try:
            with _LeasedFile(path, output, holder) as file:
                return download(output.source_url, file, rules=rules)
        except Expired:
            logger.info("save.address-died", extra={"output": str(output.pk)})
    address = fresh_address(output)
    with _LeasedFile(path, output, holder) as file:
        return download(address, file, rules=rules)


def fresh_address(output: Output) -> str:
    """Ask TopView for the output's address as it is now. Raises TopViewError, NotSaved or VaultError."""
    found = _listed(output)
    if found is None:
        raise Gone(Cause.of(Code.OUTPUT_NOT_LISTED))
    if not is_same_file(output, found):
        cause = Cause.of(Code.OUTPUT_REPLACED)
        # Nothing leads to it any more once another output here is known to have taken its place.
        newer = Output.objects.filter(task=output.task_id, facts__film=found.facts[FILM])
        raise Replaced(cause) if newer.exclude(pk=output.pk).exists() else Gone(cause)
    expires = dies_at(found.url, timezone.now())
    Output.objects.filter(pk=output.pk).update(source_url=found.url, source_expires_at=expires)
    output.source_expires_at = expires
    return found.url


def _listed(output: Output) -> FoundOutput | None:
    """What TopView lists now under the output's name."""
    submission = output.submission
    step = kinds.step(output.task.kind, submission.step)
    with client_for(output.task.credential) as client:
        remote = listing.ask(client, step, submission.remote_id)
    try:
        listed = step.outputs(remote.result, submission.asked)
    except UnexpectedShape as error:
        raise NotSaved(Cause.of(Code.UNEXPECTED_ANSWER)) from error
    of_it = (one for one in listed if (one.role, identity_of(one)) == (output.role, output.identity))
    return next(of_it, None)


def write_text(output: Output, path: Path) -> tuple[Downloaded, Examined]:
    """Write down words that stood in TopView's answer itself."""
    content = str(output.facts.get("text", "")).encode()
    path.write_bytes(content)
    written = Downloaded(sha256(content).hexdigest(), len(content), "text/plain")
    return written, Examined(MediaFacts("text", "txt", "text/plain"), poster=None)


def _publish(output: Output, holder: str, path: Path, fetched: Downloaded, judged: Judged) -> None:
    examined, facts = judged.examined, judged.examined.facts
    blob = keep_blob(
        workspace=output.workspace,
        source=path,
        sha256=fetched.sha256,
        size=fetched.size,
        media_type=facts.media_type,
    )
    checkpoint("save.kept", output.submission)
    poster = None
    if examined.poster is not None:
        poster = keep_poster(workspace=output.workspace, poster=examined.poster)
    keep_measured(blob=blob, path=path, facts=facts)
    checkpoint("save.published", output.submission)
    with transaction.atomic():
        mine = Output.objects.filter(pk=output.pk, state=OutputState.SAVING, lease_holder=holder)
        saved = mine.update(
            state=OutputState.SAVED,
            unchecked_cause=judged.unchecked_cause or "",
            blob=blob,
            poster=poster,
            format=facts.format,
            width=facts.width,
            height=facts.height,
            seconds=facts.seconds,
            saved_at=timezone.now(),
            error=None,
            source_url="",
            lease_until=None,
        )
        if saved:
            output.task.touch()
            if judged.unchecked_cause:
                remark(submission=output.submission, cause="not-checked")
            ask_preview(blob=blob, facts=facts)
            if facts.role in ("video", "audio"):
                nudge(MAKE_PLAYER_MEDIA)
            nudge_product(output.task)
    logger.info("save.done", extra={"output": str(output.pk), "bytes": fetched.size})


def _is_past(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment < now


def _try_later(output: Output, holder: str, cause: Cause, error: Exception) -> None:
    logger.warning(
        "save.failed",
        extra={"output": str(output.pk), "error_class": type(error).__name__, "tries": output.tries},
    )
    now = timezone.now()
    # A dead address alone is no loss: while TopView keeps the file, the next try asks for a fresh one.
    is_gone = isinstance(error, (Gone, NotFound, Expired)) and _is_past(output.kept_until, now)
    lost = is_gone or isinstance(error, Replaced)
    pause = _PAUSES[min(output.tries, len(_PAUSES)) - 1]
    with transaction.atomic():
        mine = Output.objects.filter(pk=output.pk, state=OutputState.SAVING, lease_holder=holder)
        if not mine.update(
            state=OutputState.LOST if lost else OutputState.WAITING,
            error=cause,
            next_at=now + timedelta(seconds=pause),
            lease_until=None,
        ):
            return
        # Told once, and again when another cause stands in the way.
        if lost or output.error != cause:
            remark(submission=output.submission, cause="lost" if lost else "save-failed", detail=cause)
        output.task.touch()
    if not lost:
        warn_of_loss(output=output)
