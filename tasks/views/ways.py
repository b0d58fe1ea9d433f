"""Where a file or an entry of a catalog can be used: every form with a field that takes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode

from tasks.kinds import accepting, picking
from tasks.kinds.base import TaskKind, Wired
from tasks.models import CatalogEntry, Upload


@dataclass(frozen=True, slots=True)
class Way:
    """A field of a product that takes the thing."""

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


def ways(role: str) -> Iterator[Way]:
    """All of them, in the order in which products are offered."""
    return (Way(kind, name) for kind, name in accepting(role))


def picks(shelf: str) -> list[Way]:
    """Those for an entry of this shelf."""
    return [Way(kind, name) for kind, name in picking(shelf)]


def way(role: str, slug: str, name: str) -> Way | None:
    """The one with these names, if there is such."""
    return next((one for one in ways(role) if (one.kind.slug, one.name) == (slug, name)), None)


def _conditions(fields: Mapping[str, Wired], name: str) -> dict[str, str]:
    """The answers with which a field is shown."""
    found: dict[str, str] = {}
    condition = fields[name].shown_when
    while condition is not None and condition.field not in found:
        found[condition.field] = condition.values[0]
        condition = fields[condition.field].shown_when
    return found
