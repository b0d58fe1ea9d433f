"""Form fields that know their JSON key, when they are shown, and what a generic page needs to draw them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import ceil
from typing import Any, Literal, NoReturn, TypeAlias

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tasks.kinds.base.errors import UnusableBrief
from tasks.kinds.base.types import FileIds, number_words
from tasks.names import shows
from tasks.text import StrOrPromise

# Usual reading speed, for the page's estimate of how long a script takes to say. Not a TopView figure.
LETTERS_PER_SECOND = 15
IDEOGRAPHS_PER_SECOND = 4

# Speech that differs by less counts as equally long.
SECONDS_ALIKE = 5

CHOOSE = _("Choose one of the answers offered.")

ProductPart: TypeAlias = Literal["name", "description", "link", "files", "picture"]
"""What of a saved product a field can be filled with; "picture" is the first one that the field takes."""


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
    label: StrOrPromise
    help: StrOrPromise = ""
    wire: Any = None  # None: the value itself


class Wired(forms.Field):
    """What every field of a kind has beside Django's own behaviour.

    `wire` is the JSON key; "" keeps the field out of the body. `unsent` is a value TopView assumes by itself
    and that is therefore left out. `section` is the heading the field stands under. `product_part` says what
    of a saved product the field can be filled with.
    """

    widget_kind = "text"

    def __init__(
        self,
        *,
        wire: str = "",
        section: StrOrPromise = "",
        shown_when: ShownWhen | None = None,
        unsent: Any = None,
        product_part: ProductPart | None = None,
        required_message: StrOrPromise | None = None,
        **kwargs: Any,
    ) -> None:
        self.wire = wire
        self.section = section
        self.shown_when = shown_when
        self.unsent = unsent
        self.product_part = product_part
        messages = dict(kwargs.pop("error_messages", None) or {})
        if required_message is not None:
            messages.setdefault("required", required_message)
        super().__init__(error_messages=messages, **kwargs)

    def check_beside(self, value: Any, others: Mapping[str, Any]) -> None:
        """Raises ValidationError when the cleaned value does not go with what the other fields hold."""

    def to_brief(self, value: Any) -> Any:
        """The cleaned value as JSON."""
        return value

    def price_mark(self, stored: Any, brief: Mapping[str, Any]) -> str:
        """What of a value in a brief may change the price; "" when nothing of it does."""
        return ""

    def to_wire(self, stored: Any, file_ids: FileIds) -> Any:
        """The brief's value as TopView wants it. Raises UnusableBrief."""
        return stored


def _at_most(characters: int) -> str:
    return gettext("At most %(number)s characters.") % {"number": number_words(characters)}


_limit_words = lazy(_at_most, str)


class Text(Wired, forms.CharField):
    """Words; the limit is added to the help. `spoken` asks the page how long they take to say."""

    def __init__(self, *, max_length: int, long: bool = False, spoken: bool = False, **kwargs: Any) -> None:
        self.widget_kind = "long-text" if long else "text"
        self.spoken = spoken
        self.letters_per_second = LETTERS_PER_SECOND
        self.ideographs_per_second = IDEOGRAPHS_PER_SECOND
        if long:
            kwargs.setdefault("widget", forms.Textarea)
        help_text = format_lazy("{} {}", kwargs.pop("help_text", ""), _limit_words(max_length))
        super().__init__(max_length=max_length, help_text=help_text, **kwargs)

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
        return text if shows(text) else ""

    def price_mark(self, stored: Any, brief: Mapping[str, Any]) -> str:
        """Of spoken words about how long they take: nobody knows it to the second before."""
        return str(-(-reading_seconds(str(stored)) // SECONDS_ALIKE)) if self.spoken else ""


def reading_seconds(text: str) -> int:
    """How long a text takes to say, rounded up. An estimate by the number of its characters."""
    ideographs = sum(1 for sign in text if "\u3040" <= sign <= "\u9fff" or "\uac00" <= sign <= "\ud7af")
    letters = len(text) - ideographs
    return ceil(letters / LETTERS_PER_SECOND + ideographs / IDEOGRAPHS_PER_SECOND)


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

    def price_mark(self, stored: Any, brief: Mapping[str, Any]) -> str:
        """The answer as it is stored: each may have a price of its own."""
        return str(stored)


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

    def _refuse(self, message: StrOrPromise, code: str) -> NoReturn:
        limits = {name: number_words(getattr(self, name)) for name in ("least", "most", "step")}
        raise ValidationError(message, code=code, params=limits)

    def to_brief(self, value: Any) -> str:
        """Decimals are stored as strings, so that no digit changes."""
        return str(value)

    def to_wire(self, stored: Any, file_ids: FileIds) -> int | float:
        try:
            number = Decimal(str(stored))
        except InvalidOperation as error:
            raise UnusableBrief(f"{self.wire}: not a number") from error
        return int(number) if self.step == self.step.to_integral_value() else float(number)

    def price_mark(self, stored: Any, brief: Mapping[str, Any]) -> str:
        """The number as it is stored, in digits."""
        return str(stored)


class Flag(Wired, forms.BooleanField):
    widget_kind = "flag"

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("unsent", False)
        super().__init__(required=False, **kwargs)

    def price_mark(self, stored: Any, brief: Mapping[str, Any]) -> str:
        """A no is the same as no answer."""
        return "yes" if stored else ""


def wired(fields: Mapping[str, forms.Field]) -> Iterable[tuple[str, Wired]]:
    """The fields that are a kind's own, by name."""
    return ((name, field) for name, field in fields.items() if isinstance(field, Wired))
