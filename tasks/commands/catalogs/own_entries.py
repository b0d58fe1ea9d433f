"""Deletes an account's own voices and avatars at TopView. A person asks, the worker does it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tasks import audit
from tasks.audit import Verb
from tasks.causes import Cause, Code
from tasks.commands.accounts.account_state import mark_credential
from tasks.commands.accounts.clients import client_for
from tasks.commands.runtime.queue import REFRESH_ONE_CATALOG, REMOVE_ENTRY, nudge
from tasks.models import CatalogEntry, User
from tasks.topview.client import TopViewClient
from tasks.topview.errors import NotFound, TopViewError
from tasks.vault import VaultError

logger = logging.getLogger(__name__)

# The catalogs on which an own entry stands, and TopView's call that deletes it there.
_CALLS: dict[str, Callable[[TopViewClient, str], None]] = {
    "voices": TopViewClient.delete_voice,
    "photo-avatars": TopViewClient.delete_photo_avatar,
    "own-avatars": TopViewClient.delete_photo_avatar,
}
# After this a deletion that was asked for has probably lost its nudge.
_PATIENCE_SECONDS = 600
# A photo avatar stands on two catalogs: it is an own avatar, too.
_SAME_THING = ("photo-avatars", "own-avatars")


class NotOurs(Exception):
    """TopView offers no way to delete this entry, or it is nobody's own."""


def can_remove(entry: CatalogEntry) -> bool:
    """Whether the account may delete it: TopView knows a call for own voices and own photo avatars alone."""
    if not entry.facts.get("own") or entry.catalog not in _CALLS or entry.gone_at:
        return False
    return entry.catalog != "own-avatars" or bool(entry.facts.get("from_photo"))


def ask_removal(*, entry: CatalogEntry, actor: User) -> None:
    """Have the worker delete an own entry at TopView. Raises NotOurs."""
    if not can_remove(entry):
        raise NotOurs(entry.pk)
    with transaction.atomic():
        mine = CatalogEntry.objects.select_for_update(no_key=True).filter(pk=entry.pk, removal_asked_at=None)
        for row in mine:
            row.facts.pop("removal_problem", None)
            row.removal_asked_at = timezone.now()
            row.save(update_fields=["facts", "removal_asked_at"])
            audit.record(
                Verb.ENTRY_REMOVED,
                actor=actor,
                workspace=entry.workspace,
                subject=row,
                name=row.name,
                catalog_name=row.catalog,
                remote_id=row.remote_id,
            )
            nudge(REMOVE_ENTRY, row.pk)


def remove_overdue() -> None:
    """Queue again what was asked for a while ago, should its nudge be lost. A schedule calls this."""
    limit = timezone.now() - timedelta(seconds=_PATIENCE_SECONDS)
    for entry in CatalogEntry.objects.filter(removal_asked_at__lt=limit):
        nudge(REMOVE_ENTRY, entry.pk)


def remove_entry(*, entry_id: UUID) -> None:
    """Delete it at TopView, if that is still wanted. May run twice: what is gone is deleted."""
    wanted = CatalogEntry.objects.select_related("credential").exclude(removal_asked_at=None)
    for entry in wanted.filter(pk=entry_id):
        problem = _problem_of_deleting(entry)
        if problem:
            _say(entry, problem)
        else:
            _forget(entry)


def _problem_of_deleting(entry: CatalogEntry) -> Cause | None:
    """What went wrong; None once it is gone."""
    try:
        with client_for(entry.credential) as client:
            _CALLS[entry.catalog](client, entry.remote_id)
    except NotFound:
        logger.info("catalog.was-gone", extra={"entry": str(entry.pk)})
    except TopViewError as error:
        mark_credential(entry.credential, error)
        return error.bare_cause
    except VaultError:
        return Cause.of(Code.KEY_UNREADABLE)
    return None


def _say(entry: CatalogEntry, problem: Cause) -> None:
    with transaction.atomic():
        for row in CatalogEntry.objects.select_for_update(no_key=True).filter(pk=entry.pk):
            row.facts["removal_problem"] = problem.as_json()
            row.removal_asked_at = None
            row.save(update_fields=["facts", "removal_asked_at"])


def _forget(entry: CatalogEntry) -> None:
    catalogs = _SAME_THING if entry.catalog in _SAME_THING else (entry.catalog,)
    with transaction.atomic():
        CatalogEntry.objects.filter(
            credential=entry.credential, catalog__in=catalogs, remote_id=entry.remote_id
        ).update(gone_at=timezone.now(), removal_asked_at=None)
        for catalog_name in catalogs:
            nudge(REFRESH_ONE_CATALOG, entry.credential_id, catalog_name)
