"""Marks what a person wants to find again in the catalogs."""

from __future__ import annotations

from tasks.models import CatalogEntry, Favourite, Membership


def set_favourite(*, entry: CatalogEntry, membership: Membership, wanted: bool) -> None:
    """Mark or unmark an entry for this person, on every account that offers it. May be said twice."""
    mine = Favourite.objects.filter(user=membership.user, workspace=membership.workspace)
    if wanted:
        mine.get_or_create(
            user=membership.user,
            workspace=membership.workspace,
            catalog=entry.catalog,
            remote_id=entry.remote_id,
        )
    else:
        mine.filter(catalog=entry.catalog, remote_id=entry.remote_id).delete()
