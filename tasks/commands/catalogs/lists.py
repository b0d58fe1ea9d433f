"""The catalogs: which of TopView's lists the portal copies, and how each is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from tasks.commands.catalogs import rows
from tasks.topview.client import TopViewClient
from tasks.topview.results import JsonObject


@dataclass(frozen=True)
class CatalogSource:
    """One catalog: how it is read and how its rows are understood."""

    name: str
    read: Callable[[TopViewClient], Iterator[JsonObject]]
    found: Callable[[JsonObject, int], rows.Found]


def _marked(listed: Iterable[JsonObject], **marks: Any) -> Iterator[JsonObject]:
    """The rows with words of our own in them, for what only the question tells."""
    return ({**row, **marks} for row in listed)


def _voices(client: TopViewClient) -> Iterator[JsonObject]:
    """The account's own voices first: the whole list may hold them too, and the first of two rows counts."""
    return chain(_marked(client.voices(isCustom=True), own=True), client.voices())


def _photo_avatars(client: TopViewClient) -> Iterator[JsonObject]:
    own = _marked(client.photo_avatars(custom=True), own=True)
    return chain(own, client.photo_avatars(custom=False))


def _ethnicities(client: TopViewClient) -> Iterator[JsonObject]:
    """Both scenes have names of their own (`listEthnicities`)."""
    for scene in ("video_avatar", "product_avatar"):
        yield from _marked(client.ethnicities(scene), scene=scene)


def _product_avatars(client: TopViewClient) -> Iterator[JsonObject]:
    """By popularity; the other order the contract knows is read too and kept as each row's place in it."""
    newest = client.product_avatars(sortingType="Newest")
    places = {row.get("avatarId"): place for place, row in enumerate(newest, start=1)}
    for row in client.product_avatars(sortingType="Popularity"):
        yield {**row, "newest": places.get(row.get("avatarId"))}


CATALOGS = (
    CatalogSource("voices", _voices, rows.voice),
    CatalogSource("avatars", lambda client: client.avatars(custom=False), rows.avatar),
    CatalogSource("captions", lambda client: client.captions(), rows.caption),
    CatalogSource("own-avatars", lambda client: _marked(client.avatars(custom=True), own=True), rows.avatar),
    CatalogSource("product-avatars", _product_avatars, rows.product_avatar),
    CatalogSource("anyshoot-templates", lambda client: client.anyshoot_templates(), rows.template),
    CatalogSource("photo-avatars", _photo_avatars, rows.photo_avatar),
    # Lists of names: pages show them, and filters stand in their order.
    CatalogSource("ethnicities", _ethnicities, rows.named("ethnicity")),
    CatalogSource(
        "product-avatar-categories",
        lambda client: client.product_avatar_categories(),
        rows.named("category"),
    ),
    CatalogSource("anyshoot-categories", lambda client: client.anyshoot_categories(), rows.named("category")),
    CatalogSource(
        "photo-avatar-categories", lambda client: client.photo_avatar_categories(), rows.named("category")
    ),
)


def understood(
    source: CatalogSource, listed: Iterable[JsonObject]
) -> tuple[list[rows.Found], list[rows.Nameless]]:
    """What can be picked, and what was odd.

    A list may name an entry twice when it changes while its pages are read.
    """
    found: dict[str, rows.Found] = {}
    odd: list[rows.Nameless] = []
    for position, row in enumerate(listed):
        try:
            one = source.found(row, position)
        except rows.Nameless as missing:
            odd.append(missing)
        else:
            found.setdefault(one.remote_id, one)
    return list(found.values()), odd


def searchable(found: rows.Found) -> str:
    words = [found.name]
    for value in found.facts.values():
        words += [str(one) for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
    return " ".join(words).lower()[:400]
