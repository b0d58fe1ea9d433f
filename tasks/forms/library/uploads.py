"""Judges files that people bring as far as a web thread may: by size and first bytes, nothing is decoded.

What a file is called says nothing: it is taken for what its bytes are. The rest is the worker's.
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tasks import media
from tasks.media import Format
from tasks.models import Workspace
from tasks.names import safe_name

Brought: TypeAlias = "UploadedFile[bytes]"


@dataclass(frozen=True)
class BroughtFile:
    """A file that may be examined, in a folder of its own that goes away with `discard`."""

    path: Path
    name: str
    """Safe to show and to offer as a file name; at most 200 characters."""
    sha256: str
    size: int
    format: Format
    """What its first bytes say it is, whatever its name says."""
    folder: tempfile.TemporaryDirectory[str]

    def discard(self) -> None:
        """Remove the temporary files."""
        self.folder.cleanup()


class UploadForm(forms.Form):
    """One file. After `is_valid()`, `brought` is what the commands take."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        allow_empty_file=True,
        error_messages={"required": gettext_lazy("No file came. Choose one.")},
    )

    def __init__(self, data: Any = None, files: Any = None, workspace: Workspace | None = None) -> None:
        """`workspace` is the one the file is meant for; so far every workspace has the same limits."""
        super().__init__(data, files)
        self.workspace = workspace
        self._brought: BroughtFile | None = None

    @property
    def brought(self) -> BroughtFile:
        """The file; the caller discards it. Only after `is_valid()` said yes."""
        if self._brought is None:
            raise ValueError("the form is not valid")
        return self._brought

    def clean_file(self) -> Brought:
        """Run the checks, the cheap ones before the bytes are read."""
        brought: Brought = self.cleaned_data["file"]
        self._brought = judge(brought)
        return brought


def check_path(path: Path, name: str) -> BroughtFile:
    """Judge a file that is already on disk as if it had been uploaded as `name`. Raises ValidationError."""
    with path.open("rb") as file:
        return judge(UploadedFile(file, name, size=path.stat().st_size))


def judge(brought: Brought) -> BroughtFile:
    """All checks that only read the file. Raises ValidationError with the code of the first that fails."""
    check_size(brought.size or 0)
    folder = tempfile.TemporaryDirectory(prefix="upload-", dir=settings.FILE_UPLOAD_TEMP_DIR)
    try:
        path, sha256, size = _taken(brought, Path(folder.name) / "original")
        check_size(size)
        known = check_content(path)
        return BroughtFile(path, safe_name(brought.name or ""), sha256, size, known, folder)
    except BaseException:
        folder.cleanup()
        raise


def _taken(brought: Brought, path: Path) -> tuple[Path, str, int]:
    """Have the bytes at `path`, hashed on arrival or in chunks now. Returns path, SHA-256 and size."""
    digest, size = hashlib.sha256(), 0
    if isinstance(brought, TemporaryUploadedFile):
        path.hardlink_to(brought.temporary_file_path())
        size = path.stat().st_size
        # The upload handler's: it was hashed while it came.
        if sha256 := getattr(brought, "sha256", ""):
            return path, sha256, size
        for chunk in brought.chunks():
            digest.update(chunk)
        return path, digest.hexdigest(), size
    with path.open("xb") as into:
        for chunk in brought.chunks():
            digest.update(chunk)
            size += into.write(chunk)
    return path, digest.hexdigest(), size


def check_content(path: Path) -> Format:
    """What the bytes are. Raises ValidationError for what is no picture, film or sound, or that and more."""
    with path.open("rb") as file:
        head = file.read(media.formats.HEAD_BYTES)
    known = media.sniff(head)
    if known is None:
        way_out = _("Save it as PNG or JPEG, MP4, or MP3 in the program that made it, and bring that.")
        came = media.describe(head)
        text = _("By its content this is no picture, video or recording that is known. %(way_out)s")
        if came:
            text = _("This is %(came)s by its content, which cannot be used. %(way_out)s")
        raise ValidationError(text, code="content", params={"came": came, "way_out": way_out})
    if hidden := media.hidden_content(path):
        text = _("This file is %(came)s and %(hidden)s at once. Export it again from the program you used.")
        raise ValidationError(text, code="content", params={"came": known.name.upper(), "hidden": hidden})
    return known


def check_size(size: int) -> None:
    if size == 0:
        raise ValidationError(_("The file is empty."), code="empty")
    if size > settings.UPLOAD_MAX_BYTES:
        text = _("The file has %(came)s; at most %(allowed)s are allowed.")
        params = {"came": filesizeformat(size), "allowed": filesizeformat(settings.UPLOAD_MAX_BYTES)}
        raise ValidationError(text, code="size", params=params)
