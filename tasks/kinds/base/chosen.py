"""Fields whose value is something that exists already: an upload of the workspace, an entry of a catalog."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tasks.kinds.base.facts import Catalog, CatalogEntry, FileFacts, FileIds, Files
from tasks.kinds.base.fields import UnusableBrief, Wired
from tasks.kinds.base.limits import UPLOAD_LIMITS, Limits


class Asset(Wired, forms.UUIDField):
    """One upload of the workspace, posted as its id.

    `accepts` names the role of outputs that can be used here; `limits` is read by the page too.
    Cleaned to FileFacts.
    """

    widget_kind = "asset"
    files: Files

    def __init__(self, *, role: str, limits: Limits | None = None, **changes: Any) -> None:
        """`formats`, `max_bytes`, `max_seconds` and other names of Limits narrow the role's own."""
        own = {name: changes.pop(name) for name in tuple(changes) if name in Limits.__dataclass_fields__}
        self.limits = replace(limits or UPLOAD_LIMITS[role], **own)
        self.accepts = role
        changes["error_messages"] = {"invalid": _("Choose a file from the library or upload one.")}
        super().__init__(**changes)

    def clean(self, value: Any) -> FileFacts | None:
        """The file, once it is known to be there and within the limits."""
        upload_id: UUID | None = super().clean(value)
        if upload_id is None:
            return None
        facts = self.files.find(upload_id)
        if facts is None:
            raise ValidationError(_("This file is not in the library any more. Choose another."), "missing")
        if problems := list(self.limits.problems(facts)):
            raise ValidationError([ValidationError(problem, "limits") for problem in problems])
        return facts

    def to_brief(self, value: Any) -> str:
        """The upload's id."""
        return str(value.id)

    def to_wire(self, stored: Any, file_ids: FileIds) -> str:
        """TopView's id of the file on the account in use."""
        try:
            return file_ids[str(stored)]
        except KeyError as error:
            raise UnusableBrief(f"{self.wire}: the file has no id at TopView yet") from error


class Pick(Wired, forms.CharField):
    """One entry of a catalog, posted as TopView's id. Cleaned to CatalogEntry."""

    widget_kind = "pick"
    catalog: Catalog

    def __init__(self, *, shelf: str, **kwargs: Any) -> None:
        self.shelf = shelf
        super().__init__(**kwargs)

    def clean(self, value: Any) -> CatalogEntry | None:
        """The entry, once it is known to be on its shelf."""
        remote_id: str = super().clean(value)
        if not remote_id:
            return None
        readable = len(remote_id) <= 200 and remote_id.isprintable()
        entry = self.catalog.find(self.shelf, remote_id) if readable else None
        if entry is not None:
            return entry
        if self.catalog.is_empty(self.shelf):
            raise ValidationError(
                _("This list has not been read from TopView yet. Try again in a minute."), "empty"
            )
        raise ValidationError(_("This is not in the list any more. Choose another."), "missing")

    def to_brief(self, value: Any) -> str:
        """TopView's id."""
        return str(value.id)
