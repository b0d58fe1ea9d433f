"""Where a file or an entry of a catalog can be used: every form with a field that takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from tasks.kinds import accepting, fitting, library_field, picking
from tasks.kinds.base import FileFacts, TaskKind, Wired
from tasks.models import CatalogEntry, Upload


@dataclass(frozen=True, slots=True)
class Way:
    """A field of a format that takes the thing."""

    kind: TaskKind
    name: str  # of the field

    @property
    def field(self) -> str | Promise:
        """What the form calls the field."""
        return dict(self.kind.inputs.own_fields())[self.name].label or ""

    def address(self, thing: Upload | CatalogEntry) -> str:
        """The form with the thing in its place, opened so that the field is shown."""
        fields = dict(self.kind.inputs.own_fields())
        value = str(thing.pk) if isinstance(thing, Upload) else thing.remote_id
        query = {self.name: value, **_conditions(fields, self.name)}
        if isinstance(thing, CatalogEntry):
            query["account"] = str(thing.credential_id)
        return f"{reverse('task-new', args=[self.kind.slug])}?{urlencode(query)}"


def ways(facts: FileFacts) -> list[Way]:
    """Every field that takes this very file, in the order in which formats are offered."""
    return [Way(kind, name) for kind, name in fitting(facts)]


def fits_nowhere(facts: FileFacts) -> str:
    """Why no form takes a file, by the one that lacks least of it; empty when one does."""
    refusals = [library_field(kind, name).refusals(facts) for kind, name in accepting(facts.role)]
    nearest = min(refusals, key=len, default=[])
    words = _("No format takes this file as it is. %(reason)s")
    return words % {"reason": " ".join(nearest)} if nearest else ""


def picks(catalog: str) -> list[Way]:
    """Those for an entry of this catalog."""
    return [Way(kind, name) for kind, name in picking(catalog)]


def way(facts: FileFacts, slug: str, name: str) -> Way | None:
    """The one with these names, if it takes the file."""
    return next((one for one in ways(facts) if (one.kind.slug, one.name) == (slug, name)), None)


def _conditions(fields: Mapping[str, Wired], name: str) -> dict[str, str]:
    """The answers with which a field is shown."""
    found: dict[str, str] = {}
    condition = fields[name].shown_when
    while condition is not None and condition.field not in found:
        found[condition.field] = condition.values[0]
        condition = fields[condition.field].shown_when
    return found
