"""Fields whose value is an upload of the workspace."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tasks.kinds.base.errors import UnusableBrief
from tasks.kinds.base.fields.basic import Wired
from tasks.kinds.base.limits import UPLOAD_LIMITS, Limits
from tasks.kinds.base.types import FileFacts, FileIds, Files


class FromLibrary(Wired):
    """A field that holds uploads of the workspace, posted by their ids."""

    files: Files

    @property
    def accept(self) -> str:
        """The value of a file picker's `accept`: ".png,.jpg"."""
        raise NotImplementedError

    @property
    def words(self) -> list[str]:
        """The limits for people, one line for each role."""
        raise NotImplementedError

    def takes(self, role: str) -> bool:
        """Whether an output of this role can be used here."""
        raise NotImplementedError

    def refusals(self, facts: FileFacts) -> list[str]:
        """Why this field does not take a file; empty when it does. The one rule of forms, lists and menus."""
        raise NotImplementedError

    @property
    def queries(self) -> Mapping[str, str]:
        """For each role the limits as the query of a picker's address."""
        raise NotImplementedError

    def upload_ids(self, stored: Any) -> list[str]:
        """The uploads that the field's value in a brief names."""
        raise NotImplementedError

    def price_mark(self, stored: Any, brief: Mapping[str, Any]) -> str:
        """The number of files: each is charged for, whichever they are."""
        return str(len(self.upload_ids(stored)))

    def formats(self, role: str) -> tuple[str, ...]:
        """In which formats a file of this role may be sent."""
        raise NotImplementedError


class Asset(FromLibrary, forms.UUIDField):
    """One upload of the workspace. `accepts` is its role; `limits` is read by the page too.

    Cleaned to FileFacts.
    """

    widget_kind = "asset"

    def __init__(self, *, role: str, limits: Limits | None = None, **changes: Any) -> None:
        """`formats`, `max_bytes`, `max_seconds` and other names of Limits narrow the role's own."""
        own = {name: changes.pop(name) for name in tuple(changes) if name in Limits.__dataclass_fields__}
        self.limits = replace(limits or UPLOAD_LIMITS[role], **own)
        self.accepts = role
        changes["error_messages"] = {"invalid": _("Choose a file from the library or upload one.")}
        super().__init__(**changes)

    @property
    def accept(self) -> str:
        return self.limits.accept

    @property
    def words(self) -> list[str]:
        return [self.limits.words]

    def takes(self, role: str) -> bool:
        return role == self.accepts

    def refusals(self, facts: FileFacts) -> list[str]:
        """What its limits say: format, bytes, sides and length."""
        return list(self.limits.problems(facts))

    @property
    def queries(self) -> Mapping[str, str]:
        return {self.accepts: self.limits.as_query()}

    def upload_ids(self, stored: Any) -> list[str]:
        return [str(stored)] if stored else []

    def formats(self, role: str) -> tuple[str, ...]:
        return self.limits.formats if role == self.accepts else ()

    def clean(self, value: Any) -> FileFacts | None:
        """The file, once it is known to be there and within the limits."""
        upload_id: UUID | None = super().clean(value)
        if upload_id is None:
            return None
        facts = self.files.find(upload_id)
        if facts is None:
            if reason := self.files.why_not(upload_id):
                raise ValidationError(reason, "unusable")
            raise ValidationError(_("This file is not in the library any more. Choose another."), "missing")
        if problems := self.refusals(facts):
            raise ValidationError([ValidationError(problem, "limits") for problem in problems])
        return facts

    def to_brief(self, value: Any) -> str:
        return str(value.id)

    def to_wire(self, stored: Any, file_ids: FileIds) -> str:
        """TopView's id of the file on the account in use."""
        return sent_id(self, stored, file_ids)


def sent_id(field: Wired, upload_id: Any, file_ids: FileIds) -> str:
    """TopView's id of an upload. Raises UnusableBrief."""
    try:
        return file_ids[str(upload_id)]
    except KeyError as error:
        raise UnusableBrief(f"{field.wire}: the file has no id at TopView yet") from error
