"""Where a file or an entry of a catalog can be used: every form with a field that takes it."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from tasks.kinds import accepting, fitting, library_field, picking
from tasks.kinds.base import FileFacts, TaskKind
from tasks.models import CatalogEntry, Upload


@dataclass(frozen=True, slots=True)
class Usage:
    """A format that takes the thing, and the field of it."""

    kind: TaskKind
    name: str = ""  # of the field; "" where the thing fills several

    @property
    def field(self) -> str | Promise:
        field = dict(self.kind.inputs.own_fields()).get(self.name)
        return field.label or "" if field else ""

    def address(self, thing: Upload | CatalogEntry) -> str:
        """The form with the thing in its place, opened so that the field is shown."""
        value = str(thing.pk) if isinstance(thing, Upload) else thing.remote_id
        query = {self.name: value, **self.kind.inputs.answers_showing(self.name)}
        if isinstance(thing, CatalogEntry):
            query["account"] = str(thing.credential_id)
        return f"{reverse('task-new', args=[self.kind.slug])}?{urlencode(query)}"


def usages(facts: FileFacts) -> list[Usage]:
    """Every field that takes this very file, in the order in which formats are offered."""
    return [Usage(kind, name) for kind, name in fitting(facts)]


def fits_nowhere(facts: FileFacts) -> str:
    """Why no form takes a file, by the one that lacks least of it; empty when one does."""
    refusals = [library_field(kind, name).refusals(facts) for kind, name in accepting(facts.role)]
    nearest = min(refusals, key=len, default=[])
    words = _("No format takes this file as it is. %(reason)s")
    return words % {"reason": " ".join(nearest)} if nearest else ""


def usages_in(catalog: str) -> list[Usage]:
    return [Usage(kind, name) for kind, name in picking(catalog)]


def usage(facts: FileFacts, slug: str, name: str) -> Usage | None:
    """The one with these names, if it takes the file."""
    return next((one for one in usages(facts) if (one.kind.slug, one.name) == (slug, name)), None)
