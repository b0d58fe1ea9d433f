"""Judges files that people bring. Three named checks, each with its own words: extension, content, limits."""

from __future__ import annotations

import hashlib
import re
import tempfile
import unicodedata
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
from tasks.forms.media_words import undecodable_words
from tasks.media import Format, MediaFacts
from tasks.models import AssetRole, Workspace

Brought: TypeAlias = "UploadedFile[bytes]"

NAME_LENGTH = 200
# Left-to-right and right-to-left marks, overrides and isolates, and the byte-order mark: with them
# "fdp.exe" can be made to read "exe.pdf".
_DIRECTION = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])


@dataclass(frozen=True)
class CheckedFile:
    """A file that passed every check, in a folder of its own that goes away with `discard`."""

    path: Path
    name: str
    """Safe to show and to offer as a file name; at most 200 characters."""
    sha256: str
    size: int
    facts: MediaFacts
    poster: Path | None
    folder: tempfile.TemporaryDirectory[str]

    def discard(self) -> None:
        """Remove the temporary files."""
        self.folder.cleanup()


class UploadForm(forms.Form):
    """One file. After `is_valid()`, `checked` is what the commands take."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        allow_empty_file=True,
        error_messages={"required": gettext_lazy("No file came. Choose one.")},
    )

    def __init__(self, data: Any = None, files: Any = None, workspace: Workspace | None = None) -> None:
        """`workspace` is the one the file is meant for; so far every workspace has the same limits."""
        super().__init__(data, files)
        self.workspace = workspace
        self._checked: CheckedFile | None = None

    @property
    def checked(self) -> CheckedFile:
        """The checked file; the caller discards it. Only after `is_valid()` said yes."""
        if self._checked is None:
            raise ValueError("the form is not valid")
        return self._checked

    def clean_file(self) -> Brought:
        """Run the checks, the cheap ones before the bytes are read."""
        brought: Brought = self.cleaned_data["file"]
        self._checked = judge(brought)
        return brought


def check_path(path: Path, name: str) -> CheckedFile:
    """Judge a file that is already on disk as if it had been uploaded as `name`. Raises ValidationError."""
    with path.open("rb") as file:
        return judge(UploadedFile(file, name, size=path.stat().st_size))


def judge(brought: Brought) -> CheckedFile:
    """All checks on one file. Raises ValidationError with the code of the first that fails."""
    name = safe_name(brought.name or "")
    extension = check_extension(name)
    check_size(brought.size or 0)
    folder = tempfile.TemporaryDirectory(prefix="upload-", dir=settings.FILE_UPLOAD_TEMP_DIR)
    try:
        return _judge_bytes(brought, name, extension, folder)
    except ValidationError:
        folder.cleanup()
        raise


def _judge_bytes(
    brought: Brought, name: str, extension: str, folder: tempfile.TemporaryDirectory[str]
) -> CheckedFile:
    path, sha256, size = _taken(brought, Path(folder.name) / "original")
    check_size(size)
    check_content(path, extension)
    examined = examine(path, Path(folder.name) / "poster.webp")
    check_agreement(examined.facts, extension)
    check_length(examined.facts)
    return CheckedFile(path, name, sha256, size, examined.facts, examined.poster, folder)


def _taken(brought: Brought, path: Path) -> tuple[Path, str, int]:
    """Have the bytes at `path` and hash them in chunks. Returns path, SHA-256 and size."""
    digest, size = hashlib.sha256(), 0
    if isinstance(brought, TemporaryUploadedFile):
        path.hardlink_to(brought.temporary_file_path())
        for chunk in brought.chunks():
            digest.update(chunk)
            size += len(chunk)
        return path, digest.hexdigest(), size
    with path.open("xb") as into:
        for chunk in brought.chunks():
            digest.update(chunk)
            size += into.write(chunk)
    return path, digest.hexdigest(), size


def safe_name(name: str) -> str:
    """The last part of the name, without control and direction characters, in one line, at most 200 long."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1].translate(_DIRECTION)
    seen = "".join(" " if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") else sign for sign in last)
    line = " ".join(seen.split())
    stem, dot, ending = line.rpartition(".")
    if not dot:
        return line[:NAME_LENGTH] or "file"
    return (stem.strip(". ") or "file")[: NAME_LENGTH - len(ending[:20]) - 1].rstrip() + "." + ending[:20]


def check_extension(name: str) -> str:
    """First check: the ending of the name. Returns it in lower case, without the dot."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension in media.UPLOAD_EXTENSIONS:
        return extension
    allowed = ", ".join(media.UPLOAD_EXTENSIONS)
    if not extension:
        text = _("The name has no ending. Allowed are %(allowed)s.")
    else:
        text = _("Files ending in .%(came)s cannot be used. Allowed are %(allowed)s.")
    raise ValidationError(text, code="extension", params={"came": extension, "allowed": allowed})


def check_content(path: Path, extension: str) -> Format:
    """Second check: what the bytes are, and that the name says the same."""
    with path.open("rb") as file:
        head = file.read(media.formats.HEAD_BYTES)
    known = media.sniff(head)
    if known is None:
        raise _wrong_content(extension, media.describe(head))
    alike = [one for one in media.FORMATS.values() if one.reader == known.reader]
    if not any(extension in one.extensions for one in alike):
        raise _wrong_content(extension, known.name.upper())
    if hidden := media.hidden_content(path):
        text = _("This file is %(came)s and %(hidden)s at once. Export it again from the program you used.")
        raise ValidationError(text, code="content", params={"came": known.name.upper(), "hidden": hidden})
    return known


def check_agreement(facts: MediaFacts, extension: str) -> None:
    """Second check, last part: a recording is not named as a film, nor the other way round."""
    if extension not in media.FORMATS[facts.format].extensions:
        raise _wrong_content(extension, f"{facts.format.upper()} ({AssetRole(facts.role).label})")


def _wrong_content(extension: str, came: str) -> ValidationError:
    if came:
        text = _("The name ends in .%(extension)s, but the content is %(came)s.")
    else:
        text = _("The name ends in .%(extension)s, but the content is something else or damaged.")
    return ValidationError(text, code="content", params={"extension": extension, "came": came})


def check_size(size: int) -> None:
    """Third check, first part: the number of bytes."""
    if size == 0:
        raise ValidationError(_("The file is empty."), code="empty")
    if size > settings.UPLOAD_MAX_BYTES:
        text = _("The file has %(came)s; at most %(allowed)s are allowed.")
        params = {"came": filesizeformat(size), "allowed": filesizeformat(settings.UPLOAD_MAX_BYTES)}
        raise ValidationError(text, code="size", params=params)


def check_length(facts: MediaFacts) -> None:
    """Third check, last part: the length of a film or a recording."""
    allowed = settings.UPLOAD_MAX_SECONDS
    if facts.seconds is not None and facts.seconds > allowed:
        text = _("It is %(came)s seconds long; at most %(allowed)s are allowed.")
        raise ValidationError(
            text, code="seconds", params={"came": f"{facts.seconds:.1f}", "allowed": allowed}
        )


def examine(path: Path, into: Path) -> media.Examined:
    """Decode in the child process; its refusals become words. The limit on pixels is checked there."""
    try:
        return media.examine(path, into=into, max_pixels=settings.UPLOAD_MAX_PIXELS)
    except media.TooManyPixels as error:
        text = _("It has %(width)s × %(height)s pixels; at most %(allowed)s in all are allowed.")
        params = {"width": error.width, "height": error.height, "allowed": f"{error.allowed:,}"}
        raise ValidationError(text, code="pixels", params=params) from error
    except media.Undecodable as error:
        raise ValidationError(undecodable_words(error), code="undecodable") from error
