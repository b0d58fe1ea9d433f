"""What pages and pickers say about the shelves: their names, their filters, how far a copy can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from tasks.access import PortalRequest
from tasks.forms.catalogs.search import FILTERS, NEWEST, Shelf, ShelfFilter
from tasks.kinds.base.vendor_words import fact_word
from tasks.models import CatalogShelf, Credential, CredentialState
from tasks.text import StrOrPromise


@dataclass(frozen=True)
class Named:
    """A shelf as people read of it; `can_pick`: forms choose from it."""

    slug: str
    label: StrOrPromise
    lead: StrOrPromise
    icon: str
    can_pick: bool = True


SHELVES = {
    shelf.slug: shelf
    for shelf in (
        Named("avatars", _("Avatars"), _("Ready-made presenters who say your script."), "user-round"),
        Named(
            "own-avatars", _("My avatars"), _("People kept from your earlier videos."), "circle-user-round"
        ),
        Named(
            "photo-avatars",
            _("Photo avatars"),
            _("Portraits that start to speak: TopView's and your own."),
            "image",
        ),
        Named(
            "voices",
            _("Voices"),
            _("Who reads your script. Your own cloned voices come first."),
            "audio-lines",
        ),
        Named(
            "product-avatars",
            _("Product avatars"),
            _("Models who hold your product up to the camera."),
            "shopping-bag",
        ),
        Named(
            "anyshoot-templates",
            _("AnyShoot templates"),
            _("Scenes into which your product is put."),
            "layers",
        ),
        Named(
            "captions", _("Caption styles"), _("How the spoken words are written on the video."), "captions"
        ),
        Named(
            "ethnicities",
            _("Ethnicities"),
            _("By what looks TopView sorts its avatars, and how many there are of each."),
            "languages",
            can_pick=False,
        ),
    )
}
# Shelves of mere names, which no page shows by themselves.
_NAMES: dict[str, StrOrPromise] = {
    "product-avatar-categories": _("Categories of product avatars"),
    "anyshoot-categories": _("Categories of AnyShoot templates"),
    "photo-avatar-categories": _("Categories of photo avatars"),
}
_LABELS: dict[str, StrOrPromise] = {
    "category": _("Category"),
    "style": _("Style"),
    "language": _("Language"),
    "gender": _("Gender"),
    "age": _("Age"),
    "ethnicity": _("Ethnicity"),
}


# Catalogs that hold what everybody has and what is one's own: both together, and one's own alone.
_WHOSE: dict[str, tuple[StrOrPromise, StrOrPromise]] = {
    "voices": (_("All voices"), _("My voices")),
    "photo-avatars": (_("All photo avatars"), _("My photo avatars")),
}


def shelf_label(slug: str) -> StrOrPromise:
    """The name of any shelf that is read from TopView."""
    return SHELVES[slug].label if slug in SHELVES else _NAMES.get(slug, slug)


def accounts_of(request: PortalRequest) -> list[Credential]:
    """The workspace's accounts, those in use first: a copy can be looked at even while its account rests."""
    rows = Credential.objects.filter(workspace=request.membership.workspace_id).order_by("created_at")
    return sorted(rows, key=lambda row: row.state != CredentialState.ACTIVE)


def account_asked(request: PortalRequest, accounts: list[Credential]) -> Credential | None:
    """The one that the address names, if it is among them; else the first."""
    first = accounts[0] if accounts else None
    try:
        wanted = UUID(request.GET.get("account", ""))
    except ValueError:
        return first
    return next((row for row in accounts if row.pk == wanted), first)


def shelf_of_account(shelf: str, account_id: UUID) -> str:
    """The address of one account's shelf."""
    return f"{reverse('shelf', args=[shelf])}?{urlencode({'account': str(account_id)})}"


@dataclass(frozen=True)
class Filter:
    """A drop-down above the shelf; the first answer, which filters nothing, reads as the label."""

    name: str
    label: StrOrPromise
    chosen: str
    options: list[tuple[str, StrOrPromise]]


def filters_of(shelf: str, found: Shelf, asked: ShelfFilter) -> list[Filter]:
    """Those whose values occur on the shelf."""
    chosen = dict(asked.chosen)
    some = []
    for name in FILTERS:
        if not (values := found.options.get(name)):
            continue
        label, options = _of_owners(shelf, values) if name == "own" else _worded(name, values)
        some.append(Filter(name, label, chosen.get(name, ""), options))
    if found.favourites or asked.favourites:
        answers: list[tuple[str, StrOrPromise]] = [
            ("first", _("Favourites first")),
            ("only", _("Only favourites")),
        ]
        some.append(Filter("favourites", _("Favourites and others"), asked.favourites, answers))
    if found.can_sort:
        some.append(Filter("sort", _("Most popular first"), asked.sort, [(NEWEST, _("Newest first"))]))
    return some


def _of_owners(shelf: str, values: list[str]) -> tuple[StrOrPromise, list[tuple[str, StrOrPromise]]]:
    everything, own = _WHOSE.get(shelf, (_("All"), _("Mine")))
    return everything, [(value, own) for value in values]


def _worded(name: str, values: list[str]) -> tuple[StrOrPromise, list[tuple[str, StrOrPromise]]]:
    """A filter's label, and its answers by the alphabet; categories stand in TopView's order."""
    options: list[tuple[str, StrOrPromise]] = [(value, fact_word(name, value)) for value in values]
    if name != "category":
        options.sort(key=lambda one: str(one[1]))
    return _LABELS[name], options


@dataclass(frozen=True)
class Freshness:
    """How far the copy of a shelf can be trusted."""

    is_stale: bool
    is_asked: bool
    error: str
    row: CatalogShelf | None = None


def freshness_of(credential: Credential, shelf: str) -> Freshness:
    """When TopView's list was read, and what went wrong since."""
    row = CatalogShelf.objects.filter(credential=credential, shelf=shelf).first()
    if row is None:
        return Freshness(is_stale=True, is_asked=True, error="")
    limit = timezone.now() - timedelta(hours=settings.CATALOG_HOURS)
    asked = row.asked_at is not None and (row.refreshed_at is None or row.asked_at > row.refreshed_at)
    return Freshness(row.is_stale(limit), asked and not row.error, row.error, row)
