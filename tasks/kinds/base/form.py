"""The form of a kind: it judges, it keeps what was typed, and it turns into a brief and a body."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, groupby
from typing import Any, ClassVar, TypeAlias
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField

from tasks.kinds.base.errors import UnusableBrief
from tasks.kinds.base.fields.asset import FromLibrary
from tasks.kinds.base.fields.basic import Wired, wired
from tasks.kinds.base.fields.pick import Pick
from tasks.kinds.base.types import Body, Brief, Catalog, FileIds, Files
from tasks.text import StrOrPromise

SCHEMA_KEY = "schema"

SizeOf: TypeAlias = Callable[[Wired, Any], tuple[int, int] | None]
"""Width and height in pixels of the picture that a field's value in a brief names, or None."""


@dataclass(frozen=True)
class Section:
    """Fields that stand under one heading, in order."""

    heading: StrOrPromise
    fields: tuple[BoundField, ...]


class KindForm(forms.Form):
    """Base of every kind's form. SCHEMA goes up when a stored brief would no longer be read the same way."""

    SCHEMA: ClassVar[int] = 1
    # A field hidden by the page's script must not stop the browser from sending the form.
    use_required_attribute = False

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        files: Files,
        catalog: Catalog,
        initial: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}), **kwargs)
        for field in self.fields.values():
            if isinstance(field, FromLibrary):
                field.files = files
            elif isinstance(field, Pick):
                field.catalog = catalog

    def clean(self) -> dict[str, Any]:
        """Drops values and messages of fields that are not shown. Kinds add rules across fields after it."""
        values = super().clean() or self.cleaned_data
        for name, _field in wired(self.fields):
            if not self._is_shown(name, values):
                values.pop(name, None)
                self.errors.pop(name, None)
        for name, field in wired(self.fields):
            try:
                if values.get(name) is not None:
                    field.check_beside(values[name], values)
            except ValidationError as error:
                self.add_error(name, error)
        return values

    def _is_shown(self, name: str, values: Mapping[str, Any]) -> bool:
        condition = getattr(self.fields[name], "shown_when", None)
        if condition is None:
            return True
        return values.get(condition.field) in condition.values and self._is_shown(condition.field, values)

    @cached_property
    def unshown(self) -> set[str]:
        """The fields that do not count with the values that the form shows now."""
        found: set[str] = set()
        for name, field in wired(self.fields):
            condition = field.shown_when
            if condition is None:
                continue
            value = str(self[condition.field].value())
            if condition.field in found or value not in condition.values:
                found.add(name)
        return found

    def brief(self) -> dict[str, Any]:
        """The cleaned values as JSON, without what was left empty. Only for a valid form."""
        stored: dict[str, Any] = {SCHEMA_KEY: self.SCHEMA}
        for name, field in wired(self.fields):
            value = self.cleaned_data.get(name)
            if value is not None and value not in ("", []):
                stored[name] = field.to_brief(value)
        return stored

    def sections(self) -> list[Section]:
        """The fields in order, grouped by heading."""
        bound = [self[name] for name in self.fields]
        groups = groupby(bound, key=lambda field: str(getattr(field.field, "section", "")))
        return [Section(heading, tuple(fields)) for heading, fields in groups]

    @classmethod
    def own_fields(cls) -> Iterator[tuple[str, Wired]]:
        """The declared fields by name, without an instance."""
        yield from wired(cls.base_fields)

    @classmethod
    def answers_showing(cls, name: str) -> dict[str, str]:
        """The other answers with which a field is shown."""
        fields, found = dict(cls.own_fields()), dict[str, str]()
        condition = fields[name].shown_when
        while condition is not None and condition.field not in found:
            found[condition.field] = condition.values[0]
            condition = fields[condition.field].shown_when
        return found

    @classmethod
    def read_brief(cls, brief: Brief) -> dict[str, Any]:
        """Initial values from a stored brief; what this schema does not know is left out."""
        return {name: brief[name] for name, _field in cls.own_fields() if name in brief}

    @classmethod
    def renewed(cls, brief: Brief, size_of: SizeOf) -> Brief:
        """A brief of an earlier schema as this form would have stored it; unchanged where nobody can tell."""
        return brief

    @classmethod
    def uploads(cls, brief: Brief) -> list[UUID]:
        """The uploads a brief needs, in the order of its fields, each once. Raises UnusableBrief."""
        held = [(field, brief[name]) for name, field in cls.own_fields() if name in brief]
        found = [field.upload_ids(stored) for field, stored in held if isinstance(field, FromLibrary)]
        try:
            return list(dict.fromkeys(UUID(upload_id) for upload_id in chain.from_iterable(found)))
        except ValueError as error:
            raise UnusableBrief("an upload's id cannot be read") from error

    @classmethod
    def body(cls, brief: Brief, file_ids: FileIds) -> Body:
        """What TopView is sent: every stored value under its JSON key. Raises UnusableBrief."""
        sent: Body = {}
        for name, field in cls.own_fields():
            if field.wire and name in brief:
                value = field.to_wire(brief[name], file_ids)
                if value != field.unsent:
                    sent[field.wire] = value
        return sent
