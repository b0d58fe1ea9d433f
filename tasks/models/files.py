"""Bytes that the portal keeps, and what people brought."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tasks.models.credentials import Credential
from tasks.models.people import Workspace


def blob_path(blob: Blob, filename: str) -> str:
    """Where a blob lies: named by workspace and hash, so that equal bytes have one place."""
    return f"{blob.workspace_id}/{blob.sha256[:2]}/{blob.sha256}"


class Blob(models.Model):
    """Bytes stored once per workspace and hash. A blob that a row points to is never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="blobs")
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    file = models.FileField(upload_to=blob_path, max_length=300)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "sha256"], name="one_blob_per_hash")]

    def __str__(self) -> str:
        return self.sha256


class AssetRole(models.TextChoices):
    """What a file is to people and to forms: templates follow this, never the kind."""

    VIDEO = "video", _("Video")
    IMAGE = "image", _("Picture")
    AUDIO = "audio", _("Audio")
    TEXT = "text", _("Text")
    FILE = "file", _("File")


class UploadQuerySet(models.QuerySet["Upload"]):
    """Reads of uploads."""

    def for_library(self, workspace: Workspace) -> UploadQuerySet:
        """What the library shows, newest first, with all that a tile needs."""
        return self.usable(workspace).filter(is_mask=False).order_by("-created_at", "-id")

    def usable(self, workspace: Workspace) -> UploadQuerySet:
        """What a form of the workspace may name: the library, and the masks painted for it."""
        return self.filter(workspace=workspace, hidden_at=None).select_related("blob", "poster", "owner")


class Upload(models.Model):
    """A file somebody brought, checked and measured."""

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
    # The result of a task that was taken as material.
    made_from = models.ForeignKey(
        "tasks.Output", null=True, blank=True, on_delete=models.SET_NULL, related_name="used_as"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    hidden_at = models.DateTimeField(null=True, blank=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["workspace", "-created_at", "-id"], name="upload_library")]

    def __str__(self) -> str:
        return self.name


class RemoteFile(models.Model):
    """An upload as one TopView account knows it. The row appears before the bytes are sent.

    `file_id` is usable once `arrived_at` is set; until then `sent` counts the bytes on their way.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="remote_files")
    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="remote_files")
    file_id = models.CharField(max_length=200, blank=True)
    sent = models.BigIntegerField(default=0)
    arrived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["upload", "credential"], name="one_remote_file_per_account")
        ]

    def __str__(self) -> str:
        return self.file_id or "(on its way)"
