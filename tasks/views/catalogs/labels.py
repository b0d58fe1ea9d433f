"""What pages and pickers say about catalogs: their names, their filters, how far a copy can be trusted."""

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
from tasks.forms.catalogs.search import FILTERS, NEWEST, CatalogFilter, CatalogPage
from tasks.kinds.base.vendor_words import fact_word
from tasks.models import CatalogState, Credential, CredentialState
from tasks.text import StrOrPromise
from tasks.wording import cause_words


@dataclass(frozen=True)
class CatalogLabel:
    """A catalog as people read of it; `can_pick`: forms choose from it."""

    slug: str
    label: StrOrPromise
    lead: StrOrPromise
    icon: str
    can_pick: bool = True


CATALOGS = {
    catalog.slug: catalog
    for catalog in (
        CatalogLabel("avatars", _("Avatars"), _("Ready-made presenters who say your script."), "user-round"),
        CatalogLabel(
            "own-avatars", _("My avatars"), _("People kept from your earlier videos."), "circle-user-round"
        ),
        CatalogLabel(
            "photo-avatars",
            _("Photo avatars"),
            _("Portraits that start to speak: TopView's and your own."),
            "image",
        ),
        CatalogLabel(
            "voices",
            _("Voices"),
            _("Who reads your script. Your own cloned voices come first."),
            "audio-lines",
        ),
        CatalogLabel(
            "product-avatars",
            _("Product avatars"),
            _("Models who hold your product up to the camera."),
            "shopping-bag",
        ),
        CatalogLabel(
            "anyshoot-templates",
            _("AnyShoot templates"),
            _("Scenes into which your product is put."),
            "layers",
        ),
        CatalogLabel(
            "captions", _("Caption styles"), _("How the spoken words are written on the video."), "captions"
        ),
        CatalogLabel(
            "ethnicities",
            _("Ethnicities"),
            _("How TopView sorts its avatars by ethnicity, and how many there are of each."),
            "languages",
            can_pick=False,
        ),
    )
}
# Catalogs of mere names, which no page shows by themselves.
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


def catalog_label(slug: str) -> StrOrPromise:
    """The name of any catalog that is read from TopView."""
    return CATALOGS[slug].label if slug in CATALOGS else _NAMES.get(slug, slug)


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


def catalog_address(catalog: str, account_id: UUID) -> str:
    return f"{reverse('catalog-page', args=[catalog])}?{urlencode({'account': str(account_id)})}"


@dataclass(frozen=True)
class Filter:
    """A drop-down above the catalog; the first answer, which filters nothing, reads as the label."""

    name: str
    label: StrOrPromise
    chosen: str
    options: list[tuple[str, StrOrPromise]]


def filters_of(catalog: str, found: CatalogPage, asked: CatalogFilter) -> list[Filter]:
    """Those whose values occur in the catalog."""
    chosen = dict(asked.chosen)
    some = []
    for name in FILTERS:
        if not (values := found.options.get(name)):
            continue
        label, options = _of_owners(catalog, values) if name == "own" else _worded(name, values)
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


def _of_owners(catalog: str, values: list[str]) -> tuple[StrOrPromise, list[tuple[str, StrOrPromise]]]:
    everything, own = _WHOSE.get(catalog, (_("All"), _("Mine")))
    return everything, [(value, own) for value in values]


def _worded(name: str, values: list[str]) -> tuple[StrOrPromise, list[tuple[str, StrOrPromise]]]:
    """A filter's label, and its answers by the alphabet; categories stand in TopView's order."""
    options: list[tuple[str, StrOrPromise]] = [(value, fact_word(name, value)) for value in values]
    if name != "category":
        options.sort(key=lambda one: str(one[1]))
    return _LABELS[name], options


@dataclass(frozen=True)
class Freshness:
    """How far the copy of a catalog can be trusted."""

    is_stale: bool
    is_asked: bool
    error: str
    row: CatalogState | None = None


def freshness_of(credential: Credential, catalog: str) -> Freshness:
    """When TopView's list was read, and what went wrong since."""
    row = CatalogState.objects.filter(credential=credential, catalog=catalog).first()
    if row is None:
        return Freshness(is_stale=True, is_asked=True, error="")
    limit = timezone.now() - timedelta(hours=settings.CATALOG_HOURS)
    asked = row.asked_at is not None and (row.refreshed_at is None or row.asked_at > row.refreshed_at)
    return Freshness(row.is_stale(limit), asked and not row.error, cause_words(row.error), row)
