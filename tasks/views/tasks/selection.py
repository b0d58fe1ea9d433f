"""What form fields hold, in words and pictures: a file of the library, an entry of a catalog."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from tasks.forms.library.rejections import why_not_usable
from tasks.forms.tasks.sources import CredentialCatalog, WorkspaceFiles
from tasks.kinds.base import Asset, Assets, KindForm, Pick
from tasks.kinds.base.vendor_words import fact_word
from tasks.models import CatalogEntry, Upload
from tasks.templatetags.portal import clock

_MOST_SHOWN = 100
# Facts of an entry that stand in its line, in their order.
_TOLD = ("language", "accent", "gender", "age", "style")


@dataclass(frozen=True, slots=True)
class Chosen:
    """One thing that can be chosen: `id` is what a form posts."""

    id: str
    name: str
    detail: str
    role: str
    preview: str = ""
    clip_url: str = ""
    sample_url: str = ""
    # Of pictures: what can be painted over, and its size in pixels.
    whole_url: str = ""
    width: int | None = None
    height: int | None = None
    # Why the field that asks does not take it.
    problem: str = ""


def chosen_in(
    form: KindForm, files: WorkspaceFiles, catalog: CredentialCatalog
) -> dict[str, Chosen | list[Chosen]]:
    """What the form's file and pick fields hold now, by the fields' names. Unknown ids are left out."""
    found: dict[str, Chosen | list[Chosen]] = {}
    for bound in form:
        if isinstance(bound.field, Assets):
            # Somebody may post thousands; more than a form can ever take are not looked for.
            rows = [_upload(files, value) for value in dict.fromkeys(bound.value()[:_MOST_SHOWN])]
            found[bound.html_name] = [of_upload(row) for row in rows if row is not None]
            continue
        value = str(bound.value() or "")
        if not value:
            continue
        if isinstance(bound.field, Asset) and (upload := _upload(files, value)):
            found[bound.html_name] = of_upload(upload)
        elif isinstance(bound.field, Pick) and (entry := _entry(catalog, bound.field.catalog_name, value)):
            found[bound.html_name] = of_entry(entry)
    return found


def _upload(files: WorkspaceFiles, value: str) -> Upload | None:
    try:
        row = files.row(UUID(value))
    except ValueError:
        return None
    # What was rejected stands in the field's message, and another can be chosen.
    return None if row is None or row.is_rejected else row


def _entry(catalog: CredentialCatalog, catalog_name: str, value: str) -> CatalogEntry | None:
    return catalog.row(catalog_name, value) if len(value) <= 200 and value.isprintable() else None


def of_upload(upload: Upload) -> Chosen:
    """A file of the library. Needs the poster."""
    poster = upload.poster
    preview = reverse("upload-poster", args=[upload.pk, poster.sha256[:12]]) if poster else ""
    return Chosen(
        id=str(upload.pk),
        name=upload.name,
        detail=upload_words(upload),
        role=upload.role,
        preview=preview,
        whole_url=reverse("upload-file", args=[upload.pk])
        if upload.role == "image" and upload.is_ready
        else "",
        width=upload.width,
        height=upload.height,
    )


def upload_words(upload: Upload) -> str:
    """Format, sides and length: "PNG · 1080 × 1080"; of one that may not be used, why."""
    if not upload.is_ready:
        return why_not_usable(upload)
    sides = f"{upload.width} × {upload.height}" if upload.width and upload.height else ""
    parts = [upload.format.upper(), sides, clock(upload.seconds)]
    return " · ".join(part for part in parts if part)


def conversion_words(upload: Upload) -> str:
    """What was made of it on arrival; empty where it is used as it came."""
    if not upload.original_format:
        return ""
    words = _("Converted from %(came)s to %(made)s; the original is kept.")
    return words % {"came": format_word(upload.original_format), "made": format_word(upload.format)}


def format_word(name: str) -> str:
    """A format as people know it."""
    return {"jpg": "JPEG"}.get(name, name.upper())


def of_entry(entry: CatalogEntry) -> Chosen:
    """An avatar, a voice or a caption style."""

    def media(name: str) -> str:
        blob = getattr(entry, name)
        return reverse(f"catalog-{name}", args=[entry.pk, blob.sha256[:12]]) if blob else ""

    return Chosen(
        id=entry.remote_id,
        name=entry.name,
        detail=entry_words(entry),
        role=entry.catalog,
        preview=media("picture"),
        clip_url=media("clip"),
        sample_url=media("sample"),
        whole_url=media("picture"),
        width=_side(entry, "width"),
        height=_side(entry, "height"),
    )


def _side(entry: CatalogEntry, name: str) -> int | None:
    side = entry.facts.get(name)
    return side if isinstance(side, int) else None


def entry_words(entry: CatalogEntry) -> str:
    """What is known of an entry in one line: "Mine · English · American · Female · Young"."""
    facts = entry.facts
    parts = [_("Mine")] if facts.get("own") else []
    parts += [fact_word(name, facts[name]) for name in _TOLD if facts.get(name)]
    parts += [fact_word("ethnicity", name) for name in facts.get("ethnicities", [])]
    parts += [fact_word("category", name) for name in facts.get("categories", [])]
    # French with a French accent is French once.
    told: dict[str, str] = {}
    for part in parts:
        told.setdefault(part.casefold(), part)
    return " · ".join(told.values())
