"""Keeps copies of TopView's catalogs, so that pickers are fast and work while TopView does not."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tasks.causes import Cause, Code
from tasks.commands.accounts.account_state import mark_credential, note_answer
from tasks.commands.accounts.clients import client_for
from tasks.commands.catalogs.lists import CATALOGS, CatalogSource, searchable, understood
from tasks.commands.catalogs.rows import Found
from tasks.commands.runtime.queue import FETCH_CATALOG_MEDIA, REFRESH_CATALOG, REFRESH_ONE_CATALOG, nudge
from tasks.models import CatalogEntry, CatalogState, Credential
from tasks.topview.client import TopViewClient
from tasks.topview.errors import TopViewError
from tasks.vault import VaultError

logger = logging.getLogger(__name__)

# What we learned about an entry by ourselves, which a new reading of TopView's list must not wipe out.
_KEPT_FACTS = ("width", "height", "removal_problem")


def ask_for_one_catalog(*, credential: Credential, catalog_name: str) -> None:
    """Have the worker read one of the credential's catalogs again."""
    with transaction.atomic():
        CatalogState.objects.filter(credential=credential, catalog=catalog_name).update(
            asked_at=timezone.now(), error=None
        )
        nudge(REFRESH_ONE_CATALOG, credential.pk, catalog_name)


def refresh_stale() -> None:
    """Queue a refresh for credentials whose catalogs are old. A schedule calls this."""
    for credential in Credential.objects.usable():
        refresh_if_stale(credential=credential)


def refresh_if_stale(*, credential: Credential) -> None:
    """Queue a refresh if one of the credential's catalogs is old or was never read."""
    limit = timezone.now() - timedelta(hours=settings.CATALOG_HOURS)
    known = {row.catalog: row for row in credential.catalog_states.all()}
    if any(one.name not in known or known[one.name].is_stale(limit) for one in CATALOGS):
        with transaction.atomic():
            CatalogState.objects.filter(credential=credential).update(asked_at=timezone.now())
            nudge(REFRESH_CATALOG, credential.pk)


def refresh_catalog(*, credential: Credential, only: str | None = None) -> None:
    """Read every catalog, or only one. One that cannot be read keeps what it had and says what went wrong."""
    try:
        with client_for(credential) as client:
            for source in CATALOGS:
                if only in (None, source.name):
                    _refresh_one(credential, source, client)
    except VaultError:
        logger.warning("catalog.key-unreadable", extra={"credential": str(credential.pk)})
        return
    nudge(FETCH_CATALOG_MEDIA, credential.pk)


def _refresh_one(credential: Credential, source: CatalogSource, client: TopViewClient) -> None:
    now = timezone.now()
    try:
        rows = list(source.read(client))
    except TopViewError as error:
        mark_credential(credential, error)
        _note(credential, source, error=error.bare_cause)
        return
    note_answer(credential)
    found, odd = understood(source, rows)
    for missing in odd:
        logger.warning("catalog.odd-row", extra={"catalog": source.name, "field": str(missing)})
    if rows and not found:
        _note(credential, source, error=Cause.of(Code.UNEXPECTED_ANSWER))
        return
    _write(credential, source, found, now)
    _note(credential, source, error=None, refreshed_at=now)


def _note(credential: Credential, source: CatalogSource, **facts: Any) -> None:
    CatalogState.objects.update_or_create(
        credential=credential,
        catalog=source.name,
        defaults={"workspace_id": credential.workspace_id, **facts},
    )


def _write(credential: Credential, source: CatalogSource, found: list[Found], now: datetime) -> None:
    mine = CatalogEntry.objects.filter(credential=credential, catalog=source.name)
    with transaction.atomic():
        known = {
            remote_id: {name: facts[name] for name in _KEPT_FACTS if name in facts}
            for remote_id, facts in mine.select_for_update(no_key=True).values_list("remote_id", "facts")
        }
        rows = [
            _row(credential, source, one, position, known.get(one.remote_id, {}))
            for position, one in enumerate(found)
        ]
        CatalogEntry.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["credential", "catalog", "remote_id"],
            update_fields=["name", "facts", "search", "position", "media_urls", "media_attempts", "gone_at"],
        )
        kept = [row.remote_id for row in rows]
        mine.filter(gone_at=None).exclude(remote_id__in=kept).update(gone_at=now)


def _row(
    credential: Credential, source: CatalogSource, found: Found, position: int, kept: dict[str, Any]
) -> CatalogEntry:
    return CatalogEntry(
        workspace_id=credential.workspace_id,
        credential=credential,
        catalog=source.name,
        remote_id=found.remote_id,
        name=found.name[:200],
        facts={**found.facts, **kept},
        search=searchable(found),
        position=position,
        media_urls=found.media_urls,
    )
