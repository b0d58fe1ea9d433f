"""What a kind is told about files and catalogs. Kinds know no models: the caller fills these in."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Protocol, TypeAlias
from uuid import UUID

from django.utils.formats import number_format

Brief: TypeAlias = Mapping[str, Any]
"""Cleaned field values as JSON: uploads as id strings, decimals as strings, and the schema version."""

Body: TypeAlias = dict[str, Any]
"""A request body as JSON."""

FileIds: TypeAlias = Mapping[str, str]
"""Upload id (as a string) to the file id TopView gave it on the account in use."""

Role: TypeAlias = Literal["image", "video", "audio", "text", "file"]


def number_words(number: float | Decimal, decimals: int | None = None) -> str:
    """A number as people of the active language write it: "10,000"."""
    return str(number_format(number, decimals, force_grouping=True))


@dataclass(frozen=True)
class FileFacts:
    """An upload as far as a form must judge it."""

    id: UUID
    role: Role
    name: str
    size: int  # bytes
    format: str  # "png", without a dot
    width: int | None = None  # pixels
    height: int | None = None  # pixels
    seconds: float | None = None
    makeable: frozenset[str] = frozenset()  # other formats in which the portal can send it


@dataclass(frozen=True)
class CatalogEntry:
    """One row of a catalog: an avatar, a voice or a caption style."""

    id: str  # TopView's id, opaque
    name: str
    catalog_name: str  # "avatars", "own-avatars", "voices", "captions"
    facts: Mapping[str, Any] = field(default_factory=dict)  # "language", "gender", "default_voice", ...


class Files(Protocol):
    """The uploads that may be used: those of one workspace."""

    def find(self, upload_id: UUID) -> FileFacts | None:
        """The upload, or None when it does not exist or may not be used."""

    def why_not(self, upload_id: UUID) -> str:
        """Of one that was not found: what keeps it from being used, such as that it is still being checked.

        Empty when it does not exist for this workspace.
        """

    def is_painted(self, upload_id: UUID) -> bool:
        """Whether a picture that was found is anything but black."""


class Catalog(Protocol):
    """The cached catalogs of one workspace."""

    def find(self, catalog_name: str, remote_id: str) -> CatalogEntry | None:
        """The entry, or None when the catalog does not hold it."""

    def is_empty(self, catalog_name: str) -> bool:
        """Whether nothing has been read from TopView for this catalog yet."""

    def values(self, catalog_name: str, fact: str) -> Set[str]:
        """Every value that entries of the catalog have under a fact: the languages of the voices."""
