"""The parts of a script, each with its own text area: people change the words, never the parts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tasks.kinds.base.errors import UnusableBrief
from tasks.kinds.base.fields.basic import IDEOGRAPHS_PER_SECOND, LETTERS_PER_SECOND, Wired
from tasks.kinds.base.types import FileIds

# TopView states no limits; these keep a script readable aloud and a posted form small.
MOST_PARTS = 60
MOST_CHARACTERS = 1000

Pairs = list[list[str]]
"""(segId, segText) in the order of the script, as lists because JSON has no tuples."""


@dataclass(frozen=True)
class Part:
    """One segment, as the page draws it."""

    number: int
    segment: str  # TopView's segId
    text: str

    @property
    def is_wrong(self) -> bool:
        """Whether these words would be refused."""
        return _problem(self.number, self.text.strip()) is not None


class SegmentsInput(forms.Widget):
    """Reads repeated text areas: the texts under the field's name, their segIds under `<name>-id`."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """Pairs as they came, or what was posted in one piece (a list, where the form is filled by code)."""
        if not hasattr(data, "getlist"):
            return data.get(name)
        numbers, texts = data.getlist(f"{name}-id"), data.getlist(name)
        if len(numbers) != len(texts):
            return None
        return [list(pair) for pair in zip(numbers, texts, strict=True)]

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        return f"{id_}_1"


class Segments(Wired, forms.Field):
    """All segments of a script with their words. Cleaned to Pairs; sent as `ScriptSegment` rows.

    A form whose initial value holds segments takes new words for exactly these.
    """

    widget_kind = "segments"
    widget = SegmentsInput
    most_characters = MOST_CHARACTERS
    letters_per_second = LETTERS_PER_SECOND
    ideographs_per_second = IDEOGRAPHS_PER_SECOND

    def prepare_value(self, value: Any) -> list[Part]:
        """The segments as the page draws them; nothing when they came damaged."""
        pairs = value if is_pairs(value) else []
        return [Part(number, segment, text) for number, (segment, text) in enumerate(pairs, 1)]

    def to_python(self, value: Any) -> Pairs:
        """The pairs, with plain line ends and no space around the words."""
        if value in (None, "", []):
            return []
        if not is_pairs(value) or len(value) > MOST_PARTS:
            raise ValidationError(_("The parts of the script came damaged. Load the page again."), "damaged")
        return [[segment, "\n".join(text.strip().splitlines())] for segment, text in value]

    def validate(self, value: Pairs) -> None:
        """Every part says something, and not too much."""
        super().validate(value)
        problems = [_problem(number, text) for number, (_segment, text) in enumerate(value, 1)]
        if any(problems):
            raise ValidationError([problem for problem in problems if problem])

    def to_wire(self, stored: Any, file_ids: FileIds) -> list[dict[str, str]]:
        """Every segment: whether TopView keeps those that are left out is not documented."""
        if not is_pairs(stored):
            raise UnusableBrief(f"{self.wire}: not the parts of a script")
        return [{"segId": segment, "segText": text} for segment, text in stored]


def is_pairs(value: Any) -> bool:
    """Whether this is a list of (segId, segText), each segId once."""
    if not isinstance(value, list) or not all(_is_pair(pair) for pair in value):
        return False
    return len({segment for segment, _text in value}) == len(value)


def _is_pair(pair: Any) -> bool:
    if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, str) for one in pair)):
        return False
    return 0 < len(pair[0]) <= 64 and pair[0].isprintable()


def _problem(number: int, text: str) -> ValidationError | None:
    if not text:
        return ValidationError(_("Part %(number)s is empty."), "empty", {"number": number})
    if len(text) > MOST_CHARACTERS:
        words = _("Part %(number)s has %(came)s characters; at most %(allowed)s are allowed.")
        return ValidationError(
            words, "max_length", {"number": number, "came": len(text), "allowed": MOST_CHARACTERS}
        )
    if any("\ud800" <= character <= "\udfff" or character == "\0" for character in text):
        return ValidationError(_("Part %(number)s holds characters that are not valid text."), "invalid")
    return None
