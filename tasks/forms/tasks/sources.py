"""What a kind's form is told about files and catalogs, read from the rows of one workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from tasks.forms.library.rejections import why_not_usable
from tasks.kinds.base import CatalogEntry as Entry
from tasks.kinds.base import FileFacts
from tasks.media.brightness import is_black
from tasks.media.conversion import makeable
from tasks.models import CatalogEntry, Credential, Output, Upload, Workspace

if TYPE_CHECKING:
    from collections.abc import Set

    from tasks.kinds.base import Role


class WorkspaceFiles:
    """The uploads of one workspace; one query for each file, asked once."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._found: dict[UUID, Upload | None] = {}

    def find(self, upload_id: UUID) -> FileFacts | None:
        """The upload's facts, or None when it is another workspace's, hidden, or not there."""
        upload = self.row(upload_id)
        return None if upload is None or not upload.is_ready else facts_of(upload)

    def why_not(self, upload_id: UUID) -> str:
        """Why an upload of the workspace may not be used, or not yet; empty when there is no such upload."""
        upload = self.row(upload_id)
        if upload is None:
            return ""
        words = _("“%(name)s”: %(reason)s") % {"name": upload.name, "reason": why_not_usable(upload)}
        return words if upload.is_rejected else _("%s Send the form again in a moment.") % words

    def is_painted(self, upload_id: UUID) -> bool:
        """Whether the picture is anything but black, by its poster, which is ours and small."""
        upload = self.row(upload_id)
        if upload is None or upload.poster is None:
            return upload is not None
        with upload.poster.file.open("rb") as file:
            return not is_black(file)

    def row(self, upload_id: UUID) -> Upload | None:
        """The row behind the facts, for its preview; also of one that may not be used yet, or never."""
        if upload_id not in self._found:
            mine = Upload.objects.visible(self._workspace)
            self._found[upload_id] = mine.filter(pk=upload_id).first()
        return self._found[upload_id]


def facts_of(upload: Upload) -> FileFacts:
    """What a form must know of an upload."""
    role: Role = upload.role  # type: ignore[assignment]  # the column holds AssetRole's values
    return FileFacts(
        id=upload.id,
        role=role,
        name=upload.name,
        size=upload.blob.size,
        format=upload.format,
        width=upload.width,
        height=upload.height,
        seconds=upload.seconds,
        makeable=makeable(role, upload.format) if role != "file" else frozenset(),
    )


def facts_of_output(output: Output) -> FileFacts | None:
    """The same of a result, as it would be in the library; None for one that is not here."""
    if output.blob is None:
        return None
    role: Role = output.role  # type: ignore[assignment]  # the column holds AssetRole's values
    return FileFacts(
        id=output.id,
        role=role,
        name=output.name,
        size=output.blob.size,
        format=output.format,
        width=output.width,
        height=output.height,
        seconds=output.seconds,
        makeable=makeable(role, output.format) if role != "file" else frozenset(),
    )


class CredentialCatalog:
    """The catalogs as one credential's account offers them. Without a credential every catalog is empty."""

    def __init__(self, credential: Credential | None) -> None:
        self._credential = credential
        self._found: dict[tuple[str, str], CatalogEntry | None] = {}

    def find(self, catalog_name: str, remote_id: str) -> Entry | None:
        """The entry, or None when the catalog does not hold it any more."""
        row = self.row(catalog_name, remote_id)
        return None if row is None else Entry(row.remote_id, row.name, row.catalog, row.facts)

    def row(self, catalog_name: str, remote_id: str) -> CatalogEntry | None:
        """The row behind the entry, for its picture."""
        key = (catalog_name, remote_id)
        if self._credential is None:
            return None
        if key not in self._found:
            mine = CatalogEntry.objects.in_catalog(self._credential, catalog_name)
            self._found[key] = mine.select_related("picture").filter(remote_id=remote_id).first()
        return self._found[key]

    def is_empty(self, catalog_name: str) -> bool:
        """Whether nothing has been read from TopView for this catalog yet."""
        if self._credential is None:
            return True
        return not CatalogEntry.objects.in_catalog(self._credential, catalog_name).exists()

    def values(self, catalog_name: str, fact: str) -> Set[str]:
        """Every value that entries of the catalog have under a fact."""
        if self._credential is None:
            return frozenset()
        known = CatalogEntry.objects.in_catalog(self._credential, catalog_name).order_by()
        return {str(value) for value in known.values_list(f"facts__{fact}", flat=True).distinct() if value}
