"""The field that holds several uploads in an order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tasks.kinds.base.fields.asset import FromLibrary, sent_id
from tasks.kinds.base.limits import ROLE_WORDS, UPLOAD_LIMITS, Limits
from tasks.kinds.base.types import FileFacts, FileIds, number_words
from tasks.text import StrOrPromise


class SeveralIds(forms.MultipleHiddenInput):
    """Reads the ids of a name that is posted several times, of a list, or of a single value."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """Every value in its order, also what cannot be an id."""
        return as_list(data.getlist(name) if hasattr(data, "getlist") else data.get(name))


def as_list(value: Any) -> list[str]:
    """A list of texts, from a list or from one value; blanks are left out."""
    several = value if isinstance(value, list | tuple) else [value]
    texts = [str(one).strip() for one in several if one is not None]
    return [text for text in texts if text]


class Assets(FromLibrary):
    """Several uploads of the workspace in an order; the field's name is posted once for each id.

    `role` or `roles` says what they may be, `limits` replaces the usual limits of their roles.
    Cleaned to a list of FileFacts, in the brief a list of id strings.
    """

    widget_kind = "assets"
    widget = SeveralIds

    def __init__(
        self,
        *,
        role: str = "",
        roles: Sequence[str] = (),
        least: int = 1,
        most: int,
        limits: Sequence[Limits] = (),
        **changes: Any,
    ) -> None:
        """`formats`, `max_bytes` and other names of Limits narrow the limits of every role."""
        own = {name: changes.pop(name) for name in tuple(changes) if name in Limits.__dataclass_fields__}
        self.roles = tuple(roles) or (role,)
        given = {one.role: one for one in limits}
        usual = {name: given.get(name, UPLOAD_LIMITS[name]) for name in self.roles}  # type: ignore[call-overload]
        self.limits: Mapping[str, Limits] = {name: replace(one, **own) for name, one in usual.items()}
        self.least, self.most = least, most
        changes.setdefault("required", least > 0)
        super().__init__(**changes)

    @property
    def accept(self) -> str:
        return ",".join(limits.accept for limits in self.limits.values())

    @property
    def words(self) -> list[str]:
        return [limits.words for limits in self.limits.values()]

    def takes(self, role: str) -> bool:
        return role in self.roles

    def refusals(self, facts: FileFacts) -> list[str]:
        if facts.role not in self.limits:
            words = {"came": ROLE_WORDS[facts.role], "needed": self._role_words()}
            return [_("This is %(came)s; %(needed)s is needed here.") % words]
        return list(self.limits[facts.role].problems(facts))

    @property
    def queries(self) -> Mapping[str, str]:
        return {role: limits.as_query() for role, limits in self.limits.items()}

    def upload_ids(self, stored: Any) -> list[str]:
        return as_list(stored)

    def formats(self, role: str) -> tuple[str, ...]:
        return self.limits[role].formats if role in self.limits else ()

    def prepare_value(self, value: Any) -> list[str]:
        """The ids to show, also from one value of an address."""
        return as_list(value)

    def to_python(self, value: Any) -> list[UUID]:
        """The ids, each once."""
        try:
            return list(dict.fromkeys(UUID(text) for text in as_list(value)))
        except ValueError as error:
            raise ValidationError(_("Choose files from the library or upload them."), "invalid") from error

    def validate(self, value: list[UUID]) -> None:
        """Counts them, before any is looked for."""
        super().validate(value)
        if value and len(value) < self.least:
            raise ValidationError(_count_words(_FEW, len(value), self.least), "few")
        if len(value) > self.most:
            raise ValidationError(self.too_many(len(value)), "many")

    def clean(self, value: Any) -> list[FileFacts]:
        """The files in their order, once all are known to be there and within their limits."""
        ids: list[UUID] = super().clean(value)
        found = [self.files.find(upload_id) for upload_id in ids]
        problems = [
            text
            for place, (upload_id, facts) in enumerate(zip(ids, found, strict=True), 1)
            for text in self._problems(place, facts, "" if facts else self.files.why_not(upload_id))
        ]
        if problems:
            raise ValidationError([ValidationError(text, "limits") for text in problems])
        return [facts for facts in found if facts is not None]

    def _problems(self, place: int, facts: FileFacts | None, reason: str) -> Iterator[str]:
        if facts is None and reason:
            yield reason
        elif facts is None:
            text = _("File %(place)s is not in the library any more. Take it off the list.")
            yield text % {"place": place}
        elif facts.role not in self.limits:
            words = {"name": facts.name, "came": ROLE_WORDS[facts.role], "needed": self._role_words()}
            yield _("“%(name)s” is %(came)s; %(needed)s is needed here.") % words
        else:
            for text in self.refusals(facts):
                yield _("“%(name)s”: %(problem)s") % {"name": facts.name, "problem": text}

    def _role_words(self) -> str:
        *some, last = (str(ROLE_WORDS[name]) for name in self.roles)
        return _("%(some)s or %(last)s") % {"some": ", ".join(some), "last": last} if some else last

    def too_many(self, came: int) -> str:
        return _count_words(_MANY, came, self.most)

    def to_brief(self, value: Any) -> list[str]:
        return [str(facts.id) for facts in value]

    def to_wire(self, stored: Any, file_ids: FileIds) -> list[str]:
        """TopView's ids of the files on the account in use."""
        return [sent_id(self, upload_id, file_ids) for upload_id in as_list(stored)]


_FEW = gettext_lazy("%(came)s came; at least %(allowed)s are needed.")
_MANY = gettext_lazy("%(came)s came; at most %(allowed)s can be used.")


def _count_words(text: StrOrPromise, came: int, allowed: int) -> str:
    named = ngettext("%(count)s file", "%(count)s files", came) % {"count": number_words(came)}
    return str(text) % {"came": named, "allowed": number_words(allowed)}
