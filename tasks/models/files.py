"""Bytes that the portal keeps, and what people brought."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tasks.models.credentials import Credential
from tasks.models.people import Workspace

# Longer than any examination or conversion with its download may hold an upload.
LONGEST_EXAMINATION_LEASE = timedelta(hours=1)


def blob_path(blob: Blob, filename: str) -> str:
    """Where a blob lies: named by workspace and hash, so that equal bytes have one place."""
    return f"{blob.workspace_id}/{blob.sha256[:2]}/{blob.sha256}"


class BlobQuerySet(models.QuerySet["Blob"]):
    def unmeasured(self) -> BlobQuerySet:
        """Those that a version kept which did not measure all that is asked of files now."""
        return self.filter(crc32=None)


class Blob(models.Model):
    """Bytes stored once per workspace and hash. A blob that a row points to is never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="blobs")
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    file = models.FileField(upload_to=blob_path, max_length=300)
    # As ZIP archives tell it. None: what is known of the bytes beside their hash is still to be measured.
    crc32 = models.BigIntegerField(null=True, blank=True)
    # When it is tried again to measure it.
    measure_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = BlobQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "sha256"], name="one_blob_per_hash")]
        indexes = [
            models.Index(fields=["measure_at"], name="blob_unmeasured", condition=models.Q(crc32=None))
        ]

    def __str__(self) -> str:
        return self.sha256


class AssetRole(models.TextChoices):
    """What a file is to people and to forms: templates follow this, never the kind."""

    VIDEO = "video", _("Video")
    IMAGE = "image", _("Picture")
    AUDIO = "audio", _("Audio")
    TEXT = "text", _("Text")
    FILE = "file", _("File")


class UploadState(models.TextChoices):
    """How far the examination of an upload is: stored, examining, then ready or rejected for good."""

    STORED = "stored", _("Waiting to be checked")
    EXAMINING = "examining", _("Being checked")
    READY = "ready", _("Ready")
    REJECTED = "rejected", _("Cannot be used")


# The states that end by themselves.
UNEXAMINED = (UploadState.STORED, UploadState.EXAMINING)


_TILE = (
    *("name", "role", "format", "width", "height", "seconds", "state", "progress", "cause", "cause_facts"),
    "created_at",
)


class UploadQuerySet(models.QuerySet["Upload"]):
    def for_library(self, workspace: Workspace) -> UploadQuerySet:
        """What the library shows, newest first, with all that a tile needs; in any state."""
        return self.visible(workspace).filter(is_mask=False).order_by("-created_at", "-id")

    def for_tiles(self, workspace: Workspace) -> UploadQuerySet:
        """The same in the few columns that the library's page shows."""
        rows = self.for_library(workspace).select_related(None).select_related("poster")
        return rows.only(*_TILE, "poster__sha256")

    def visible(self, workspace: Workspace) -> UploadQuerySet:
        """What nobody has taken out: the library, and masks. Not all of it may be used yet, or ever."""
        return self.filter(workspace=workspace, hidden_at=None).select_related("blob", "poster", "owner")

    def usable(self, workspace: Workspace) -> UploadQuerySet:
        """What a form of the workspace may name: what was examined and found good."""
        return self.visible(workspace).ready()

    def ready(self) -> UploadQuerySet:
        """What was examined and found good."""
        return self.filter(state=UploadState.READY)

    def unexamined(self, now: datetime) -> UploadQuerySet:
        """Those whose examination is due: new ones, ones to try again, and ones whose worker died."""
        waiting = models.Q(state=UploadState.STORED, next_at__lte=now)
        # What ends later than any lease can was taken before the clock was set back.
        over = models.Q(lease_until__lt=now) | models.Q(lease_until__gt=now + LONGEST_EXAMINATION_LEASE)
        return self.filter(waiting | models.Q(over, state=UploadState.EXAMINING))

    def at_work(self, now: datetime) -> dict[int | None, int]:
        """How many are being examined for each person."""
        return dict(self._held(now).values_list("owner").annotate(models.Count("pk")))

    def at_work_on(self, now: datetime, formats: Collection[str]) -> int:
        """How many of these formats are being examined."""
        return self._held(now).filter(format__in=formats).count()

    def _held(self, now: datetime) -> UploadQuerySet:
        held = self.filter(state=UploadState.EXAMINING, lease_until__gte=now)
        return held.filter(lease_until__lte=now + LONGEST_EXAMINATION_LEASE).order_by()


class Upload(models.Model):
    """A file somebody brought. It may be used once it is `ready`: examined and found good.

    `blob` is what the portal uses. Where that had to be made of what was brought, since no field takes the
    format, `original` is the file as it came. Role and format are guessed by the first bytes until then.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="uploads")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="uploads"
    )
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="uploads")
    poster = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=10, choices=AssetRole.choices)
    format = models.CharField(max_length=10)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    # Painted in the page over another picture; of no use by itself.
    is_mask = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=UploadState.choices, default=UploadState.READY)
    # Why it was rejected: a code, and the facts that its words need.
    cause = models.CharField(max_length=40, blank=True)
    cause_facts = models.JSONField(default=dict, blank=True)
    original = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    original_format = models.CharField(max_length=10, blank=True)
    # How much of a conversion is done, in hundredths.
    progress = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(null=True, blank=True)
    lease_holder = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    # The result of a task that was taken as material.
    made_from = models.ForeignKey(
        "tasks.Output", null=True, blank=True, on_delete=models.SET_NULL, related_name="used_as"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    hidden_at = models.DateTimeField(null=True, blank=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-created_at", "-id"], name="upload_library"),
            models.Index(
                fields=["created_at"],
                name="upload_unexamined",
                condition=models.Q(state__in=["stored", "examining"]),
            ),
            models.Index(fields=["created_at"], name="upload_rejected", condition=models.Q(state="rejected")),
            models.Index(fields=["taken_at"], name="upload_taken"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_ready(self) -> bool:
        return self.state == UploadState.READY

    @property
    def is_rejected(self) -> bool:
        return self.state == UploadState.REJECTED


class RenditionState(models.TextChoices):
    MAKING = "making", _("Being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Cannot be made")


class Rendition(models.Model):
    """An upload as it is sent, in one format: upright, unmirrored, and without the place where it was taken.

    Without a blob of its own, a ready one says that the upload can be sent as it is.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="renditions")
    format = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=RenditionState.choices, default=RenditionState.MAKING)
    blob = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Why it cannot be made: a code.
    cause = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "format"], name="one_rendition_per_format")]

    def __str__(self) -> str:
        return self.format


class RemoteFile(models.Model):
    """An upload as one TopView account knows it, in one format. The row appears before the bytes are sent.

    `rendition` is what was sent, where it was not the upload itself.
    `file_id` is usable once `arrived_at` is set; until then `sent` counts the bytes on their way.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="remote_files")
    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="remote_files")
    format = models.CharField(max_length=10, blank=True)
    rendition = models.ForeignKey(
        Rendition, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    file_id = models.CharField(max_length=200, blank=True)
    # How much of a conversion before that is done, in hundredths; how many bytes are then to be sent.
    converted = models.PositiveSmallIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    sent = models.BigIntegerField(default=0)
    arrived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["upload", "credential", "format"], name="one_remote_file_per_account"
            )
        ]

    def __str__(self) -> str:
        return self.file_id or "(on its way)"
