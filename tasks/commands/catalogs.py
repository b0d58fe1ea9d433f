"""Keeps copies of TopView's catalogs, so that pickers are fast and work while TopView does not."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks.commands.clients import client_for
from tasks.commands.outcomes import mark_credential
from tasks.commands.queue import FETCH_CATALOG_MEDIA, REFRESH_CATALOG, nudge
from tasks.models import CatalogEntry, CatalogShelf, Credential
from tasks.topview.client import TopViewClient
from tasks.topview.errors import TopViewError
from tasks.topview.results import JsonObject
from tasks.vault import VaultError

logger = logging.getLogger(__name__)

_LONGEST_ID = 120


@dataclass(frozen=True)
class Found:
    """A row of a catalog in our words."""

    remote_id: str
    name: str
    facts: dict[str, Any]
    media_urls: dict[str, str] = field(default_factory=dict)


def _present(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [])}


class Nameless(Exception):
    """A row without an id that could be sent back to TopView."""


def _id(row: JsonObject, key: str) -> str:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int) or not 0 < len(str(value)) <= _LONGEST_ID:
        raise Nameless(key)
    return str(value)


def _avatar(row: JsonObject, position: int) -> Found:
    """A row of `queryAiAvatars`."""
    return Found(
        remote_id=_id(row, "aiavatarId"),
        name=str(row.get("aiavatarName") or row["aiavatarId"]),
        facts=_present(
            gender=row.get("gender"),
            ethnicities=_ethnicities(row.get("ethnicities")),
            default_voice=row.get("voiceoverIdDefault"),
        ),
        media_urls=_present(
            picture=row.get("coverUrl") or row.get("previewImageUrl") or row.get("thumbnailUrl"),
            clip=row.get("previewVideoUrl"),
        ),
    )


def _ethnicities(value: object) -> list[object]:
    rows = value if isinstance(value, list) else []
    return [one["ethnicityName"] for one in rows if isinstance(one, dict) and one.get("ethnicityName")]


def _voice(row: JsonObject, position: int) -> Found:
    """A row of `queryVoices`."""
    return Found(
        remote_id=_id(row, "voiceId"),
        name=str(row.get("voiceName") or row["voiceId"]),
        facts=_present(
            gender=row.get("gender"),
            age=row.get("age"),
            accent=row.get("accent"),
            style=row.get("style"),
            language=row.get("language") or row.get("bestSupportLanguage"),
            seconds=row.get("durations"),
        ),
        media_urls=_present(sample=row.get("demoAudioUrl")),
    )


def _caption(row: JsonObject, position: int) -> Found:
    """A row of `listCaptions`, which has no names: styles are numbered."""
    return Found(
        remote_id=_id(row, "captionId"),
        name=f"Style {position + 1}",
        facts={},
        media_urls=_present(picture=row.get("thumbnail")),
    )


@dataclass(frozen=True)
class Shelf:
    """One catalog: how it is read and how its rows are understood."""

    name: str
    read: Callable[[TopViewClient], Iterator[JsonObject]]
    found: Callable[[JsonObject, int], Found]


SHELVES = (
    Shelf("voices", lambda client: client.voices(), _voice),
    Shelf("avatars", lambda client: client.avatars(custom=False), _avatar),
    Shelf("captions", lambda client: client.captions(), _caption),
    Shelf("own-avatars", lambda client: client.avatars(custom=True), _avatar),
)


def ask_refresh(*, credential: Credential) -> None:
    """Have the worker read the credential's catalogs again."""
    with transaction.atomic():
        CatalogShelf.objects.filter(credential=credential).update(asked_at=timezone.now())
        nudge(REFRESH_CATALOG, credential.pk)


def refresh_stale() -> None:
    """Queue a refresh for credentials whose catalogs are old. A schedule calls this."""
    for credential in Credential.objects.usable():
        refresh_if_stale(credential=credential)


def refresh_if_stale(*, credential: Credential) -> None:
    """Queue a refresh if one of the credential's shelves is old or was never read."""
    limit = timezone.now() - timedelta(hours=settings.CATALOG_HOURS)
    shelves = {row.shelf: row for row in credential.shelves.all()}
    if any(shelf.name not in shelves or shelves[shelf.name].is_stale(limit) for shelf in SHELVES):
        ask_refresh(credential=credential)


def refresh_catalog(*, credential: Credential, only: str | None = None) -> None:
    """Read every shelf, or only one. One that cannot be read keeps what it had and says what went wrong."""
    try:
        with client_for(credential) as client:
            for shelf in SHELVES:
                if only in (None, shelf.name):
                    _refresh_shelf(credential, shelf, client)
    except VaultError:
        logger.warning("catalog.key-unreadable", extra={"credential": str(credential.pk)})
        return
    nudge(FETCH_CATALOG_MEDIA, credential.pk)


def _refresh_shelf(credential: Credential, shelf: Shelf, client: TopViewClient) -> None:
    now = timezone.now()
    try:
        rows = list(shelf.read(client))
    except TopViewError as error:
        mark_credential(credential, error)
        _note(credential, shelf, error=str(error.user_message)[:300])
        return
    found = _understood(shelf, rows)
    if rows and not found:
        _note(credential, shelf, error=_("TopView's list has a form the portal does not know."))
        return
    _write(credential, shelf, found, now)
    _note(credential, shelf, error="", refreshed_at=now)


def _understood(shelf: Shelf, rows: list[JsonObject]) -> list[Found]:
    """What can be picked. A list may name an entry twice when it changes while its pages are read."""
    found: dict[str, Found] = {}
    for position, row in enumerate(rows):
        try:
            one = shelf.found(row, position)
        except Nameless as missing:
            logger.warning("catalog.odd-row", extra={"shelf": shelf.name, "field": str(missing)})
        else:
            found.setdefault(one.remote_id, one)
    return list(found.values())


def _note(credential: Credential, shelf: Shelf, **facts: Any) -> None:
    CatalogShelf.objects.update_or_create(
        credential=credential, shelf=shelf.name, defaults={"workspace_id": credential.workspace_id, **facts}
    )


def _write(credential: Credential, shelf: Shelf, found: list[Found], now: datetime) -> None:
    rows = [
        CatalogEntry(
            workspace_id=credential.workspace_id,
            credential=credential,
            shelf=shelf.name,
            remote_id=one.remote_id,
            name=one.name[:200],
            facts=one.facts,
            search=_searchable(one),
            position=position,
            media_urls=one.media_urls,
        )
        for position, one in enumerate(found)
    ]
    with transaction.atomic():
        CatalogEntry.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["credential", "shelf", "remote_id"],
            update_fields=["name", "facts", "search", "position", "media_urls", "media_attempts", "gone_at"],
        )
        kept = [row.remote_id for row in rows]
        CatalogEntry.objects.filter(credential=credential, shelf=shelf.name, gone_at=None).exclude(
            remote_id__in=kept
        ).update(gone_at=now)


def _searchable(found: Found) -> str:
    words = [found.name]
    for value in found.facts.values():
        words += [str(one) for one in value] if isinstance(value, list) else [str(value)]
    return " ".join(words).lower()[:400]
