"""Form fields that know their JSON key, when they are shown, and what a generic page needs to draw them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tasks.kinds.base.facts import Catalog, CatalogEntry, FileFacts, FileIds, Files, Words, number_words
from tasks.kinds.base.limits import UPLOAD_LIMITS, Limits

# Usual reading speed, for the page's estimate of how long a script takes to say. Not a TopView figure.
LETTERS_PER_SECOND = 15
IDEOGRAPHS_PER_SECOND = 4

CHOOSE = _("Choose one of the answers offered.")


class UnusableBrief(ValueError):
    """A stored brief does not fit its kind (another schema version, a file that was not sent)."""


@dataclass(frozen=True)
class ShownWhen:
    """A field counts only while another field has one of these values (and is shown itself)."""

    field: str
    values: tuple[str, ...]

    @property
    def words(self) -> str:
        """The values separated by spaces, for a data attribute."""
        return " ".join(self.values)


def when(field: str, *values: str) -> ShownWhen:
    """`shown_when=when("voice_source", "text")`."""
    return ShownWhen(field, values)


@dataclass(frozen=True)
class Option:
    """One answer of a Choice: what the form posts, what people read, and what TopView is sent."""

    value: str
    label: Words
    help: Words = ""
    wire: Any = None  # None: the value itself


class Wired(forms.Field):
    """What every field of a kind has beside Django's own behaviour.

    `wire` is the JSON key; "" keeps the field out of the body. `unsent` is a value TopView assumes by itself
    and that is therefore left out. `section` is the heading the field stands under.
    """

    widget_kind = "text"

    def __init__(
        self,
        *,
        wire: str = "",
        section: Words = "",
        shown_when: ShownWhen | None = None,
        unsent: Any = None,
        required_message: Words | None = None,
        **kwargs: Any,
    ) -> None:
        self.wire = wire
        self.section = section
        self.shown_when = shown_when
        self.unsent = unsent
        messages = dict(kwargs.pop("error_messages", None) or {})
        if required_message is not None:
            messages.setdefault("required", required_message)
        super().__init__(error_messages=messages, **kwargs)

    def to_brief(self, value: Any) -> Any:
        """The cleaned value as JSON."""
        return value

    def to_wire(self, stored: Any, file_ids: FileIds) -> Any:
        """The brief's value as TopView wants it. Raises UnusableBrief."""
        return stored


class Text(Wired, forms.CharField):
    """Words. `spoken` asks the page for an estimate of how long they take to say."""

    def __init__(self, *, max_length: int, long: bool = False, spoken: bool = False, **kwargs: Any) -> None:
        self.widget_kind = "long-text" if long else "text"
        self.spoken = spoken
        self.letters_per_second = LETTERS_PER_SECOND
        self.ideographs_per_second = IDEOGRAPHS_PER_SECOND
        if long:
            kwargs.setdefault("widget", forms.Textarea)
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value: Any) -> str:
        """Text with plain line ends (browsers post CRLF, and count it as one character)."""
        text = super().to_python(value) or ""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if self.max_length is not None and len(text) > self.max_length:
            raise ValidationError(
                _("This has %(came)s characters; at most %(allowed)s are allowed."),
                code="max_length",
                params={"came": number_words(len(text)), "allowed": number_words(self.max_length)},
            )
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise ValidationError(_("This holds characters that are not valid text."), code="invalid")
        return text


class Choice(Wired, forms.ChoiceField):
    """One of a few answers, each with a label and a line of help."""

    widget_kind = "choices"

    def __init__(self, *, options: Sequence[Option], **kwargs: Any) -> None:
        self.options = tuple(options)
        kwargs.setdefault("initial", self.options[0].value)
        kwargs.setdefault("widget", forms.RadioSelect)
        kwargs["error_messages"] = {"invalid_choice": CHOOSE, "required": CHOOSE}
        super().__init__(choices=[(option.value, option.label) for option in self.options], **kwargs)

    def to_wire(self, stored: Any, file_ids: FileIds) -> Any:
        """What TopView calls the chosen answer."""
        for option in self.options:
            if option.value == stored:
                return stored if option.wire is None else option.wire
        raise UnusableBrief(f"{self.wire}: no such answer")


class Number(Wired, forms.DecimalField):
    """A number between two limits, in steps; without decimal places it is sent as an integer."""

    def __init__(
        self, *, least: str, most: str, step: str = "1", range_control: bool = False, **kwargs: Any
    ) -> None:
        self.widget_kind = "range" if range_control else "number"
        self.least, self.most, self.step = Decimal(least), Decimal(most), Decimal(step)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # stubs: an int field
        """The number. Judged here and not by validators, which overflow on numbers like 1e999."""
        number = super().to_python(value)
        if number is None:
            return None
        if not number.is_finite() or not self.least <= number <= self.most:
            self._refuse(_("Give a number from %(least)s to %(most)s."), "range")
        if (number - self.least) % self.step:
            self._refuse(_("Give a number in steps of %(step)s, from %(least)s to %(most)s."), "step")
        return number.quantize(self.step)

    def _refuse(self, message: Words, code: str) -> NoReturn:
        limits = {name: number_words(getattr(self, name)) for name in ("least", "most", "step")}
        raise ValidationError(message, code=code, params=limits)

    def to_brief(self, value: Any) -> str:
        """Decimals are stored as strings, so that no digit changes."""
        return str(value)

    def to_wire(self, stored: Any, file_ids: FileIds) -> int | float:
        """A JSON number."""
        try:
            number = Decimal(str(stored))
        except InvalidOperation as error:
            raise UnusableBrief(f"{self.wire}: not a number") from error
        return int(number) if self.step == self.step.to_integral_value() else float(number)


class Flag(Wired, forms.BooleanField):
    """Yes or no."""

    widget_kind = "flag"

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("unsent", False)
        super().__init__(required=False, **kwargs)


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


def wired(fields: Mapping[str, forms.Field]) -> Iterable[tuple[str, Wired]]:
    """The fields that are a kind's own, by name."""
    return ((name, field) for name, field in fields.items() if isinstance(field, Wired))
